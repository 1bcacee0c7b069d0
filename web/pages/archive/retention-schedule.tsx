import { useQuery } from '@tanstack/react-query'
import { Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { ANCHORS, type ClassView, type RetentionView } from '../../../src/archive/contract.ts'
import { post } from '../../api/client.ts'
import { retentionQuery } from '../../api/retention.ts'
import { t } from '../../i18n/index.ts'
import { useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { Confirm, Fold, saysWhy } from './retention-confirm.tsx'

/** What is in force: the classes that may be destroyed, and how long everything is kept at least. */
export function Schedule({ conv }: { conv: string | undefined }) {
  const me = useMe()
  const query = useQuery(retentionQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('retention.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      <p className="lead-words">{t('retention.forever')}</p>
      <Classes view={view} />
      {may(me, 'retention.propose') ? (
        <>
          <Propose view={view} />
          <Anchors conv={conv} view={view} />
        </>
      ) : null}
      <Rules view={view} />
    </>
  )
}

const TONE = { proposed: 'P2', active: 'P1', withdrawn: 'off', disabled: 'off' } as const

function Classes({ view }: { view: RetentionView }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('retention.classes')}</h2>
      </div>
      {view.classes.length === 0 ? (
        <Empty title={t('retention.noClasses')}>{t('retention.noClassesHow')}</Empty>
      ) : (
        view.classes.map(one => <PurgeClass key={one.id} one={one} />)
      )}
    </section>
  )
}

function PurgeClass({ one }: { one: ClassView }) {
  const me = useMe()
  const own = one.proposedBy === me.username
  return (
    <article className="keep-item">
      <div className="keep-head">
        <Glyph of={TONE[one.state]} />
        <b>{t(`retention.material.${one.material}`)}</b>
        <span>{t('retention.yearsOf', { n: one.years })}</span>
        <span className="tag">{t(`retention.state.${one.state}`)}</span>
      </div>
      <p>{one.note}</p>
      <div className="keep-facts small quiet">
        <span>
          {t('retention.by', { who: one.proposedBy })} <Time at={one.proposedAt} />
        </span>
        {one.approvedBy && one.approvedAt ? (
          <span>
            {t('retention.approvedBy', { who: one.approvedBy })} <Time at={one.approvedAt} />
          </span>
        ) : null}
        {one.endedBy && one.endedAt ? (
          <span>
            {t('retention.endedBy', { who: one.endedBy })} <Time at={one.endedAt} />
          </span>
        ) : null}
      </div>
      <div className="keep-acts">
        {one.state === 'proposed' && may(me, 'retention.approve') ? (
          own ? (
            <span className="small quiet">{t('retention.own')}</span>
          ) : (
            <Confirm
              primary
              label={t('retention.approve')}
              sure={t('retention.approveSure', { n: one.years })}
              done={t('retention.approved')}
              act={() => post(`/api/retention/classes/${one.id}/approval`, {})}
            />
          )
        ) : null}
        {(one.state === 'proposed' || one.state === 'active') && may(me, 'retention.end') ? (
          <Confirm
            withReason
            label={t('retention.end')}
            sure={t('retention.endSure')}
            done={t('retention.ended')}
            act={reason => post(`/api/retention/classes/${one.id}/end`, { reason })}
          />
        ) : null}
      </div>
    </article>
  )
}

const leastOf = (view: RetentionView, material: string): number =>
  Math.max(0, ...view.rules.filter(rule => rule.materials.some(m => m === material)).map(rule => rule.years))

function Propose({ view }: { view: RetentionView }) {
  const [open, setOpen] = useState(false)
  const materials = [...new Set(view.rules.flatMap(rule => rule.materials))]
  const [material, setMaterial] = useState(materials[0])
  const [years, setYears] = useState(leastOf(view, materials[0] ?? ''))
  const [note, setNote] = useState('')
  useKeys({ n: () => setOpen(true) })
  return (
    <Fold
      title={t('retention.propose')}
      open={open}
      toggle={() => setOpen(!open)}
      what={t('retention.longest')}
    >
      <div className="keep-form">
        <Select
          value={material}
          aria-label={t('retention.materials')}
          options={materials.map(value => ({ value, label: t(`retention.material.${value}`) }))}
          onChange={value => {
            setMaterial(value)
            setYears(leastOf(view, value))
          }}
        />
        <InputNumber
          min={1}
          max={100}
          precision={0}
          value={years}
          aria-label={t('retention.years')}
          suffix={t('retention.yearsOf', { n: '' }).trim()}
          onChange={value => setYears(value ?? 1)}
        />
        <Input.TextArea
          rows={2}
          maxLength={1000}
          value={note}
          placeholder={t('retention.reason')}
          aria-label={t('retention.note')}
          onChange={event => setNote(event.target.value)}
        />
        <Confirm
          primary
          label={t('retention.propose')}
          sure={t('retention.approveSure', { n: years })}
          done={t('retention.proposed')}
          disabled={!saysWhy(note)}
          act={() => post('/api/retention/classes', { material, years, note: note.trim() })}
          after={() => {
            setNote('')
            setOpen(false)
          }}
        />
      </div>
    </Fold>
  )
}

function Anchors({ conv, view }: { conv: string | undefined; view: RetentionView }) {
  const [open, setOpen] = useState(conv !== undefined)
  const starts = new Set<string>(view.rules.map(rule => rule.start))
  const useful = ANCHORS.filter(anchor => starts.has(anchor))
  const [convId, setConvId] = useState(conv ?? '')
  const [anchor, setAnchor] = useState(useful[0])
  const [startsOn, setStartsOn] = useState('')
  const [basis, setBasis] = useState('')
  const [resumed, setResumed] = useState(false)
  const ready = /^\d{1,19}$/.test(convId) && startsOn !== '' && basis.trim().length >= 2
  return (
    <Fold
      title={t('retention.anchors')}
      open={open}
      toggle={() => setOpen(!open)}
      what={t('retention.anchorsWhat')}
    >
      <div className="keep-form">
        <Input
          value={convId}
          placeholder={t('retention.conv')}
          aria-label={t('retention.conv')}
          onChange={event => setConvId(event.target.value.trim())}
        />
        <Select
          value={anchor}
          aria-label={t('retention.start')}
          options={useful.map(value => ({ value, label: t(`retention.anchor.${value}`) }))}
          onChange={setAnchor}
        />
        <Input
          type="date"
          value={startsOn}
          aria-label={t('retention.anchorDay')}
          onChange={event => setStartsOn(event.target.value)}
        />
        <Input
          value={basis}
          maxLength={300}
          placeholder={t('retention.anchorBasis')}
          aria-label={t('retention.anchorBasis')}
          onChange={event => setBasis(event.target.value)}
        />
        <Checkbox checked={resumed} onChange={event => setResumed(event.target.checked)}>
          {t('retention.resumed')}
        </Checkbox>
        <Confirm
          label={t('retention.anchorGo')}
          sure={t('retention.anchorsWhat')}
          done={t('retention.anchored')}
          disabled={!ready}
          act={() =>
            post('/api/retention/anchors', { convId, anchor, startsOn, resumed, basis: basis.trim() })
          }
          after={() => setBasis('')}
        />
      </div>
    </Fold>
  )
}

function Rules({ view }: { view: RetentionView }) {
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head">
        <h2>{t('retention.schedule')}</h2>
        <span className="small quiet">
          {t('retention.institution', { name: t(`retention.type.${view.institution}`) })}
        </span>
        <span className="small quiet wide-only">{t('retention.longest')}</span>
      </div>
      <table className="table keep-rules">
        <thead>
          <tr>
            <th>{t('retention.materials')}</th>
            <th>{t('retention.start')}</th>
            <th className="n">{t('retention.years')}</th>
            <th>{t('retention.basis')}</th>
          </tr>
        </thead>
        <tbody>
          {view.rules.map(rule => (
            <tr key={rule.id}>
              <td>{rule.materials.map(material => t(`retention.material.${material}`)).join('、')}</td>
              <td>{t(`retention.anchor.${rule.start}`)}</td>
              <td className="n">{t('retention.yearsOf', { n: rule.years })}</td>
              <td>
                {rule.basis} <span className="tag">{t(`retention.source.${rule.source}`)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
