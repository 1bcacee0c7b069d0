import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Radio, Select } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useEffect, useRef, useState } from 'react'
import type { PlanDetail, UnitRow } from '../../../src/cases/contract.ts'
import { SEVERITIES, type Severity } from '../../../src/monitor/contract.ts'
import { post } from '../../api/client.ts'
import { inspectionQuery, planQuery, SAMPLES_KEY } from '../../api/sampling.ts'
import { figure, t } from '../../i18n/index.ts'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { ErrorNote } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { ruleWords } from './sampling-words.ts'

type Props = { plan: PlanDetail; unit: UnitRow; concluded: () => void }

/** What is known of the unit, and its conclusion. Opening it is told to the server: a look, not a conclusion. */
export function UnitPane({ plan, unit, concluded }: Props) {
  const mayReview = may(useMe(), 'sample.review') && !unit.own
  const going = plan.state === 'sampled' || plan.state === 'checking'
  const open = unit.state === 'waiting' || unit.state === 'opened'
  const opening = useOpening(plan.id, unit, mayReview && going && open)
  return (
    <aside className="sampling-pane" aria-label={t('sampling.review.decide')}>
      <header className="sampling-pane-head">
        <h2>{unit.staffName}</h2>
        <p className="small quiet">
          {unit.department} · {unit.title}
        </p>
      </header>
      <dl className="sampling-facts">
        <dt>{t('sampling.fact.period')}</dt>
        <dd>
          {exactTime(unit.firstAt)} – {exactTime(unit.lastAt).slice(11)}
        </dd>
        <dt>{t('sampling.fact.drawn')}</dt>
        <dd>
          {unit.rules.map(rule => (
            <span key={rule} className="tag">
              {ruleWords(rule)}
            </span>
          ))}{' '}
          {t('sampling.review.messages', { n: figure(unit.messages) })}
        </dd>
      </dl>
      {opening ? <ErrorNote what={t('sampling.review.notSent')} error={opening} /> : null}
      <Body {...{ plan, unit, concluded, mayReview, going, open }} />
    </aside>
  )
}

function Body(props: Props & { mayReview: boolean; going: boolean; open: boolean }) {
  const { plan, unit, open, going, mayReview } = props
  if (!open)
    return (
      <div className="sampling-said">
        <b>
          {t('sampling.review.closed', {
            by: unit.concludedBy ?? '',
            state: t(`sampling.unitState.${unit.state}`),
          })}
        </b>
        {unit.note ? <p>{unit.note}</p> : null}
      </div>
    )
  if (unit.own) return <p className="sampling-said quiet">{t('sampling.review.own')}</p>
  if (!mayReview) return <p className="sampling-said quiet">{t('sampling.review.readOnly')}</p>
  if (!going) return <p className="sampling-said quiet">{t('sampling.review.checking')}</p>
  return <Conclusion plan={plan} unit={unit} concluded={props.concluded} />
}

/** Tells the server once that this unit is being read; the error where it refused. */
function useOpening(plan: string, unit: UnitRow, should: boolean): unknown {
  const client = useQueryClient()
  const { mutate, error } = useMutation({
    mutationFn: () => post<UnitRow>(`${unitPath(plan, unit.unit)}/opened`, {}),
    onSuccess: row => keep(client, plan, row),
  })
  const told = useRef(false)
  useEffect(() => {
    if (!should || told.current) return
    told.current = true
    mutate()
  }, [should, mutate])
  return error
}

const unitPath = (plan: string, unit: string): string =>
  `/api/samples/${encodeURIComponent(plan)}/units/${encodeURIComponent(unit)}`

function keep(client: ReturnType<typeof useQueryClient>, plan: string, row: UnitRow): void {
  client.setQueryData(planQuery(plan).queryKey, before =>
    before
      ? {
          ...before,
          state: before.state === 'sampled' ? 'checking' : before.state,
          units: before.units.map(unit => (unit.unit === row.unit ? row : unit)),
        }
      : before,
  )
}

type Verdict = 'clean' | 'finding'
const SHORTEST = 2
const KEYS = { clean: 'C', finding: 'F' } as const

function useConclusion({ plan, unit, concluded }: Props) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (made: { verdict: Verdict; note: string; rule: string; severity: Severity }) =>
      made.verdict === 'clean'
        ? post<unknown>(`${unitPath(plan.id, unit.unit)}/clean`, { note: made.note })
        : post<unknown>(`/api/inspections/${encodeURIComponent(plan.id)}/findings`, {
            ...{ unit: unit.unit, rule: made.rule, severity: made.severity, note: made.note },
          }),
    onSuccess: async (_, made) => {
      toast(`${unit.staffName}：${t(`sampling.unitState.${made.verdict}`)}`)
      await client.invalidateQueries({ queryKey: SAMPLES_KEY })
      concluded()
    },
    onError: () => client.invalidateQueries({ queryKey: SAMPLES_KEY }),
  })
}

function Conclusion(props: Props) {
  const { plan } = props
  const note = useRef<TextAreaRef>(null)
  const [verdict, setVerdict] = useState<Verdict | null>(null)
  const [words, setWords] = useState('')
  const [rule, setRule] = useState<string | undefined>()
  const [severity, setSeverity] = useState<Severity>('P2')
  const sending = useConclusion(props)
  const ready =
    verdict === 'clean' || (verdict === 'finding' && rule !== undefined && words.trim().length >= SHORTEST)
  const submit = () => {
    if (ready && verdict !== null && !sending.isPending)
      sending.mutate({ verdict, note: words.trim(), rule: rule ?? '', severity })
  }
  const choose = (next: Verdict) => {
    setVerdict(next)
    if (next === 'clean') note.current?.focus()
  }
  useKeys({ c: () => choose('clean'), f: () => choose('finding'), 'ctrl+enter': submit })
  return (
    <>
      <div className="sampling-conclude">
        <p className="small quiet">{t('sampling.review.opened')}</p>
        <div className="sampling-choices">
          {(['clean', 'finding'] as const).map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={verdict === one}
              className={`sampling-choice${verdict === one ? ' on' : ''}`}
              onClick={() => choose(one)}
            >
              {t(`sampling.review.${one}`)} <Kbd>{KEYS[one]}</Kbd>
            </button>
          ))}
        </div>
        {verdict === 'finding' ? (
          <Against
            plan={plan.id}
            rule={rule}
            severity={severity}
            set={(id, its) => {
              setRule(id)
              setSeverity(its)
            }}
          />
        ) : null}
        <Input.TextArea
          ref={note}
          value={words}
          rows={3}
          maxLength={2000}
          placeholder={t(verdict === 'finding' ? 'sampling.review.noteFinding' : 'sampling.review.noteClean')}
          aria-label={t('sampling.review.note')}
          onChange={event => setWords(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
        {sending.error ? <ErrorNote what={t('sampling.review.notSent')} error={sending.error} /> : null}
      </div>
      <div className="sampling-pane-foot">
        <Button type="primary" block loading={sending.isPending} disabled={!ready} onClick={submit}>
          {t('sampling.review.submit')}
          <Kbd>Ctrl ↵</Kbd>
        </Button>
      </div>
    </>
  )
}

type AgainstProps = {
  plan: string
  rule: string | undefined
  severity: Severity
  set: (rule: string | undefined, severity: Severity) => void
}

/** Which rule a finding goes against; its severity is proposed and may be changed. */
function Against({ plan, rule, severity, set }: AgainstProps) {
  const rules = useQuery(inspectionQuery(plan)).data?.rules ?? []
  return (
    <>
      <Select
        showSearch
        autoFocus
        value={rule}
        placeholder={t('sampling.review.ruleHow')}
        aria-label={t('sampling.review.rule')}
        optionFilterProp="label"
        options={rules.map(({ id, name }) => ({ value: id, label: `${name} ${id}` }))}
        onChange={id => set(id, rules.find(one => one.id === id)?.severity ?? severity)}
      />
      <Radio.Group
        value={severity}
        aria-label={t('sampling.review.severity')}
        onChange={event => set(rule, event.target.value)}
        options={SEVERITIES.map(value => ({ value, label: <SeverityMark of={value} /> }))}
      />
    </>
  )
}
