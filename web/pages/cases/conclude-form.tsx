import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef, useState } from 'react'
import {
  type AlertDetail,
  CONCLUSIONS,
  type ReviewMove,
  TAGS,
  type Tag,
} from '../../../src/cases/contract.ts'
import { similarQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { Acts } from './acts.tsx'
import { AssignTo } from './assign-to.tsx'
import { Grounds } from './grounds.tsx'
import { canOf, isAtOnce, isConclusion, KEY_OF, lacksOf, settledTogether } from './moves.ts'
import type { DraftOf } from './use-draft.ts'
import { useSending } from './use-sending.ts'

type Props = { detail: AlertDetail; own: DraftOf; decided: () => void }

/** What may be done with it: chosen by a key, reasoned in the field, sent by Ctrl+Enter. */
export function ConcludeForm({ detail, own, decided }: Props) {
  const note = useRef<TextAreaRef>(null)
  const target = useRef<HTMLSelectElement>(null)
  const { draft, change } = own
  const [asked, setAsked] = useState(false)
  const can = canOf(detail)
  const alike = useAlike(detail, own)
  const { sending } = useSending(detail, own, decided)
  const lacks = lacksOf(draft)
  const choose = (move: ReviewMove) => {
    if (can.get(move) !== null || sending.isPending) return
    if (isAtOnce(move)) return sending.mutate({ move, draft, ids: [] })
    change({ move, together: isConclusion(move) && draft.together })
    if (move === 'assign' && draft.to === '') requestAnimationFrame(() => target.current?.focus())
    else note.current?.focus()
  }
  const submit = () => {
    setAsked(true)
    if (lacks === null && draft.move !== null && !sending.isPending && !alike.waits)
      sending.mutate({ move: draft.move, draft, ids: alike.ids })
    else if (draft.move === 'assign' && draft.to === '') target.current?.focus()
    else if (draft.move !== null) note.current?.focus()
  }
  useMoveKeys(choose, submit, () => isConclusion(draft.move) && change({ together: !draft.together }))
  return (
    <>
      <div className="decision-scroll">
        <Grounds detail={detail} />
        <div className="conclude">
          <Choices can={can} chosen={draft.move} choose={choose} />
          {draft.move === 'assign' ? (
            <AssignTo id={detail.alert.id} to={draft.to} choose={to => change({ to })} field={target} />
          ) : null}
          {isConclusion(draft.move) ? <Tags own={own} /> : null}
          {isConclusion(draft.move) && detail.alert.similar > 0 ? <Together own={own} alike={alike} /> : null}
          <Input.TextArea
            ref={note}
            value={draft.note}
            rows={3}
            maxLength={2000}
            placeholder={placeholderOf(draft.move)}
            aria-label={placeholderOf(draft.move)}
            onChange={event => change({ note: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'Escape') event.currentTarget.blur()
            }}
          />
          {sending.error ? <ErrorNote what={t('move.failed')} error={sending.error} /> : null}
        </div>
      </div>
      <div className="decision-foot">
        <Acts can={can} chosen={draft.move} choose={choose} />
        <span className="small quiet" role="status">
          {asked && lacks ? lacks : ''}
        </span>
        <Button type="primary" loading={sending.isPending} onClick={submit} aria-disabled={lacks !== null}>
          {submitWords(draft.move)}
          <Kbd>Ctrl ↵</Kbd>
        </Button>
      </div>
    </>
  )
}

function placeholderOf(move: ReviewMove | null): string {
  if (move === 'assign' || move === 'escalate' || move === 'return' || move === 'reopen')
    return t(`move.note.${move}`)
  return t('decision.note')
}

function submitWords(move: ReviewMove | null): string {
  if (move === null || move === 'claim' || move === 'release') return t('decision.submit')
  return isConclusion(move) ? t(`decision.submit.${move}`) : t(`move.submit.${move}`)
}

function useMoveKeys(choose: (move: ReviewMove) => void, submit: () => void, together: () => void): void {
  const byKey = Object.entries(KEY_OF).map(([move, key]) => [
    key.toLowerCase(),
    () => choose(move as ReviewMove),
  ])
  useKeys({ ...Object.fromEntries(byKey), b: together, 'ctrl+enter': submit })
}

type Alike = { ids: string[]; of: number; waits: boolean }

/** The near-duplicates that go with it, read only when they are wanted. */
function useAlike(detail: AlertDetail, { draft }: DraftOf): Alike {
  const me = useMe()
  const wanted = draft.together && isConclusion(draft.move)
  const near = useQuery({ ...similarQuery(detail.alert.id), enabled: wanted }).data?.near
  if (!wanted || !isConclusion(draft.move)) return { ids: [], of: detail.alert.similar, waits: false }
  const mine = { name: me.username, leads: may(me, 'case.lead') }
  const rows = settledTogether(near ?? [], draft.move, mine)
  return { ids: rows.map(row => row.id), of: detail.alert.similar, waits: near === undefined }
}

function Together({ own, alike }: { own: DraftOf; alike: Alike }) {
  const { together } = own.draft
  const n = together && !alike.waits ? alike.ids.length : alike.of
  return (
    <label className="together small">
      <input
        type="checkbox"
        checked={together}
        onChange={event => own.change({ together: event.target.checked })}
      />
      {n < alike.of ? t('decision.togetherLess', { n, less: alike.of - n }) : t('decision.together', { n })}
      <Kbd>B</Kbd>
    </label>
  )
}

function Tags({ own }: { own: DraftOf }) {
  const { tags } = own.draft
  const toggle = (tag: Tag) =>
    own.change({ tags: tags.includes(tag) ? tags.filter(one => one !== tag) : [...tags, tag] })
  return (
    <fieldset className="tags" aria-label={t('tags.label')}>
      {(Object.keys(TAGS) as Tag[]).map(tag => (
        <button
          key={tag}
          type="button"
          className={`chip${tags.includes(tag) ? ' on' : ''}`}
          aria-pressed={tags.includes(tag)}
          title={t('tag.need', { n: TAGS[tag] })}
          onClick={() => toggle(tag)}
        >
          {t(`tag.${tag}`)}
        </button>
      ))}
    </fieldset>
  )
}

type ChoicesProps = {
  can: Map<ReviewMove, string | null>
  chosen: ReviewMove | null
  choose: (move: ReviewMove) => void
}

function Choices({ can, chosen, choose }: ChoicesProps) {
  const moves = CONCLUSIONS.filter(move => can.get(move) === null)
  if (moves.length === 0) return null
  return (
    <>
      <b>{t('decision.conclusion')}</b>
      <div className="choices">
        {moves.map(move => (
          <button
            key={move}
            type="button"
            aria-pressed={chosen === move}
            className={`choice${chosen === move ? ' on' : ''}`}
            onClick={() => choose(move)}
          >
            {t(`conclude.${move}`)} <Kbd>{KEY_OF[move]}</Kbd>
          </button>
        ))}
      </div>
    </>
  )
}
