import { useQuery } from '@tanstack/react-query'
import type { AlertDetail, MoveView } from '../../../src/cases/contract.ts'
import { looksQuery } from '../../api/queries.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

function moveWords({ move, assignee }: Pick<MoveView, 'move' | 'assignee'>): string {
  const words = maybe(`conclude.${move}`) ?? maybe(`move.${move}`) ?? move
  return assignee === null ? words : `${words} ${t('record.to', { name: assignee })}`
}

/** Who did what, with the reason; oldest first. */
export function MoveLines({ moves }: { moves: MoveView[] }) {
  return moves.map(move => (
    <div key={move.id} className="record-line">
      <span>
        {maybe(`role.${move.role}`) && move.role === 'system' ? t('role.system') : move.by} ·{' '}
        {moveWords(move)}
      </span>
      <span className="record-time small quiet">
        <Time at={move.at} />
      </span>
      {move.note ? <div className="small quiet">{move.note}</div> : null}
    </div>
  ))
}

/** 处理记录: every move, and every look that is sealed. */
export function RecordTab({ detail }: { detail: AlertDetail }) {
  const looks = may(useMe(), 'alert.decide')
  return (
    <div className="desk-sheet">
      <h3>{t('record.moves')}</h3>
      {detail.moves.length === 0 ? <Empty title={t('record.none')} /> : <MoveLines moves={detail.moves} />}
      {looks ? <Looks id={detail.alert.id} /> : null}
    </div>
  )
}

function Looks({ id }: { id: string }) {
  const query = useQuery(looksQuery(id))
  return (
    <>
      <h3>{t('record.looks')}</h3>
      {query.isPending ? <Skeleton rows={3} /> : null}
      {query.error ? <ErrorNote what={t('looks.failed')} error={query.error} /> : null}
      {query.data?.items.length === 0 ? <p className="quiet">{t('record.noLooks')}</p> : null}
      {(query.data?.items ?? []).map(look => (
        <div key={`${look.by}${look.at}`} className="record-line">
          <span>
            {look.by} · {maybe(`role.${look.role}`) ?? look.role}
          </span>
          <span className="record-time small quiet">
            <Time at={look.at} />
          </span>
        </div>
      ))}
    </>
  )
}
