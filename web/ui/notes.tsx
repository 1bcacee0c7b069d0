import { Button } from 'antd'
import type { ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import { maybe, t } from '../i18n/index.ts'

/** Nothing here yet: what will appear, and how to make it appear. */
export function Empty(props: { title: string; children?: ReactNode }) {
  return (
    <div className="note-empty">
      <div className="note-title">{props.title}</div>
      {props.children ? <div className="note-body">{props.children}</div> : null}
    </div>
  )
}

/** A code in words; codes we do not know show the server's own message. */
export function errorWords(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown')
  return maybe(`error.${error.code}`) ?? (error.message || t('error.unknown'))
}

/** What failed, the next step, and a code to quote. */
export function ErrorNote(props: { what: string; error: unknown; again?: () => void }) {
  const { error } = props
  const code = error instanceof ApiError ? error.code : 'client'
  const ref = error instanceof ApiError ? error.ref : ''
  return (
    <div className="note-error" role="alert">
      <div className="note-title">{props.what}</div>
      <div className="note-body">{errorWords(error)}</div>
      <div className="note-foot">
        {props.again ? (
          <Button size="small" onClick={props.again}>
            {t('error.again')}
          </Button>
        ) : null}
        <span className="mono">
          {code}
          {ref ? ` · ${ref}` : ''}
        </span>
      </div>
    </div>
  )
}

/** Grey bars in the shape of what is coming. */
export function Skeleton({ rows, kind = 'row' }: { rows: number; kind?: 'row' | 'bubble' | 'card' }) {
  return (
    <div className={`skeletons ${kind}`} aria-busy="true" aria-label={t('loading')} role="status">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey bars have no identity
        <div key={index} className="skeleton">
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  )
}
