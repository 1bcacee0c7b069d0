import { useQuery } from '@tanstack/react-query'
import { Drawer } from 'antd'
import type { CustomerHistory, Processing } from '../../../src/contacts/contract.ts'
import { historyQuery } from '../../api/consent.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { StateWord, sourceWords } from './words.tsx'

type Line = CustomerHistory['lines'][number]

/** One customer: what happened, and beside it when we learnt of it. */
export function History({ id, close }: { id: string | undefined; close(): void }) {
  return (
    <Drawer
      open={id !== undefined}
      onClose={close}
      title={t('consent.history')}
      size={560}
      destroyOnHidden
      className="consent-history"
    >
      {id === undefined ? null : <Lines id={id} />}
    </Drawer>
  )
}

function Lines({ id }: { id: string }) {
  const query = useQuery(historyQuery(id))
  if (query.isPending) return <Skeleton rows={6} />
  if (query.error)
    return <ErrorNote what={t('consent.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      <div className="consent-who">
        <b>{view.customer.name}</b>
        <StateWord state={view.state} />
        {view.optedOut ? <span className="tag">{t('consent.optedOut')}</span> : null}
        <span className="mono tiny quiet">{view.customer.id}</span>
      </div>
      <p className="small quiet">{t('consent.historyWhat')}</p>
      {view.lines.length === 0 ? <Empty title={t('consent.historyNone')} /> : null}
      <ol className="consent-lines">
        {view.lines.map(line => (
          <li
            key={[line.kind, line.ref, line.what, line.happenedAt, line.learntAt].join('|')}
            className={line.kind}
          >
            <div>
              <b>{lineWords(line)}</b> <span className="quiet small">{scopeWords(line, view)}</span>
            </div>
            <div className="small quiet">
              {t('consent.happened')} <Time at={line.happenedAt} />
              {line.kind === 'notice' || line.kind === 'move' ? null : (
                <>
                  {' · '}
                  {t('consent.learnt')} <Time at={line.learntAt} />
                </>
              )}
              {' · '}
              {byWords(line)}
            </div>
          </li>
        ))}
      </ol>
    </>
  )
}

function lineWords({ kind, what }: Line): string {
  switch (kind) {
    case 'choice':
      return t('consent.line.choice', { what: maybe(`noticeConsent.${what}`) ?? what })
    case 'move': {
      const [from = '', to = ''] = what.split('>')
      const name = (state: string) => maybe(`processing.${state as Processing}`) ?? state
      return t('consent.line.move', { from: name(from), to: name(to) })
    }
    case 'opt_out':
      return t(what === 'out' ? 'consent.line.out' : 'consent.line.in')
    case 'paper': {
      const [choice = '', state = ''] = what.split(':')
      return t('consent.line.paper', {
        what: maybe(`noticeConsent.${choice}`) ?? choice,
        state: maybe(`paper.${state}`) ?? state,
      })
    }
    default:
      return t('consent.line.notice', { what: maybe(`noticeState.${what}`) ?? what })
  }
}

function scopeWords({ kind, scope }: Line, { names }: CustomerHistory): string {
  if (kind === 'move' || kind === 'opt_out') return ''
  const id = scope.chatId ?? scope.userid
  if (id === null) return t('consent.everywhere')
  return t(scope.chatId === null ? 'consent.with' : 'consent.inGroup', { name: names[id] ?? id })
}

const byWords = ({ kind, by }: Line): string =>
  kind === 'notice' ? t('notice.version', { version: by || '—' }) : sourceWords(by)
