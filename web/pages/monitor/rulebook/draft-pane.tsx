import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Popconfirm } from 'antd'
import type { DraftView, RulebookView } from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { rulebookChanged } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { errorWords } from '../../../ui/notes.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { type DraftsAddress, isEditable, VIEWS, type View, viewOf } from './address.ts'
import { BacktestPane } from './backtest-pane.tsx'
import { DiffPane } from './diff-pane.tsx'
import { PublishPane } from './publish-pane.tsx'
import { StateTag, Steps } from './state.tsx'
import { TestPane } from './test-pane.tsx'
import { TryPane } from './try-pane.tsx'
import { WritePane } from './write-pane.tsx'

type Props = { draft: DraftView; book: RulebookView; view: View | undefined; go: (to: DraftsAddress) => void }

/** One draft: where it stands, and one of its views. */
export function DraftPane({ draft, book, view, go }: Props) {
  const shown = view ?? viewOf(draft)
  const mayDraft = may(useMe(), 'rule.draft')
  return (
    <article className="rb-draft">
      <header className="sheet rb-draft-head">
        <div className="line rb-wrap">
          <h1>{draft.form?.name ?? draft.focus ?? draft.file}</h1>
          <StateTag state={draft.state} />
          {draft.version === null ? null : (
            <span className="tag">{t('rulebook.version', { n: draft.version })}</span>
          )}
          <span className="grow" />
          {mayDraft && isEditable(draft) ? <Discard draft={draft} go={go} /> : null}
        </div>
        <p className="small quiet">
          {draft.focus ? `${draft.focus} · ` : ''}
          {draft.file} · {t('rulebook.by', { who: draft.authors.join('、') })} · <Time at={draft.changedAt} />
        </p>
        <p>{draft.why}</p>
        {draft.returned ? (
          <p className="rb-note">
            {t('rulebook.returned', { who: draft.returned.by, reason: draft.returned.reason })}
          </p>
        ) : null}
        <Steps state={draft.state} />
        <nav className="rb-views">
          {VIEWS.filter(one => mayDraft || one !== 'try').map(one => (
            <Link
              key={one}
              to="/rules/drafts"
              search={{ id: draft.id, view: one }}
              className={one === shown ? 'on' : ''}
              aria-current={one === shown ? 'page' : undefined}
            >
              {t(`rulebook.view.${one}`)}
            </Link>
          ))}
        </nav>
      </header>
      <Shown draft={draft} book={book} view={shown} go={go} />
    </article>
  )
}

function Shown({ draft, book, view, go }: Props & { view: View }) {
  switch (view) {
    case 'write':
      return <WritePane draft={draft} book={book} />
    case 'try':
      return <TryPane draft={draft} />
    case 'test':
      return <TestPane draft={draft} next={() => go({ id: draft.id, view: 'backtest' })} />
    case 'backtest':
      return <BacktestPane draft={draft} />
    case 'diff':
      return <DiffPane diff={draft.diff} />
    case 'publish':
      return <PublishPane draft={draft} book={book} />
  }
}

function Discard({ draft, go }: { draft: DraftView; go: (to: DraftsAddress) => void }) {
  const sending = useMutation({
    mutationFn: () => post<void>(`/api/rulebook/drafts/${draft.id}/discard`, {}),
    onSuccess: async () => {
      await rulebookChanged()
      go({})
    },
  })
  return (
    <>
      {sending.error ? <span className="small lacks">{errorWords(sending.error)}</span> : null}
      <Popconfirm
        title={t('rulebook.discardSure')}
        okText={t('rulebook.discard')}
        cancelText={t('rulebook.cancel')}
        onConfirm={() => sending.mutate()}
      >
        <Button size="small">{t('rulebook.discard')}</Button>
      </Popconfirm>
    </>
  )
}
