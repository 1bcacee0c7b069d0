import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { SEVERITIES } from '../../../../src/monitor/contract.ts'
import type { RulebookView, RuleForm } from '../../../../src/monitor/rulebook/contract.ts'
import { t } from '../../../i18n/index.ts'
import { SeverityMark } from '../../../ui/severity.tsx'
import { Field } from './field.tsx'
import { linesOf, wordsOf } from './form-state.ts'

type Props = {
  book: RulebookView
  rule: RuleForm
  set: (rule: RuleForm) => void
  why: string
  setWhy: (why: string) => void
}

const DIRECTIONS = ['staff', 'customer', 'both'] as const
const VERDICTS = ['violation', 'high_risk', 'advisory', 'signal'] as const

/** What an officer fills in; no expression and no YAML. */
export function RuleFormFields({ book, rule, set, why, setWhy }: Props) {
  const change = (some: Partial<RuleForm>) => set({ ...rule, ...some })
  return (
    <>
      <Kind book={book} rule={rule} change={change} />
      <Field label={t('rulebook.f.terms')} hint={t('rulebook.f.termsHow')}>
        <Lines label={t('rulebook.f.terms')} value={rule.terms} set={terms => change({ terms })} rows={4} />
      </Field>
      <Field label={t('rulebook.f.near')} hint={t('rulebook.f.nearHow')}>
        <NearFields near={rule.near} set={near => change({ near })} />
      </Field>
      <Field label={t('rulebook.f.exceptions')} hint={t('rulebook.f.exceptionsHow')}>
        <Lines
          label={t('rulebook.f.exceptions')}
          value={rule.exceptions}
          set={exceptions => change({ exceptions })}
          rows={2}
        />
      </Field>
      <Field label={t('rulebook.f.fires')} hint={t('rulebook.f.firesHow')}>
        <Lines label={t('rulebook.f.fires')} value={rule.fires} set={fires => change({ fires })} rows={3} />
      </Field>
      <Field label={t('rulebook.f.clean')} hint={t('rulebook.f.cleanHow')}>
        <Lines label={t('rulebook.f.clean')} value={rule.clean} set={clean => change({ clean })} rows={3} />
      </Field>
      <Field label={t('rulebook.why')} hint={t('rulebook.whyHow')}>
        <Input.TextArea
          value={why}
          maxLength={1000}
          autoSize={{ minRows: 2, maxRows: 6 }}
          aria-label={t('rulebook.why')}
          onChange={event => setWhy(event.target.value)}
        />
      </Field>
    </>
  )
}

function Kind({
  book,
  rule,
  change,
}: {
  book: RulebookView
  rule: RuleForm
  change: (some: Partial<RuleForm>) => void
}) {
  const category = book.categories.find(one => one.id === rule.category)
  const choose = (id: string) => {
    const next = book.categories.find(one => one.id === id)
    if (next)
      change({
        category: id,
        severity: next.severity,
        direction: next.direction,
        verdict: next.verdict,
        clause: next.clause,
      })
  }
  return (
    <>
      <Field label={t('rulebook.f.name')}>
        <Input
          value={rule.name}
          maxLength={60}
          aria-label={t('rulebook.f.name')}
          onChange={event => change({ name: event.target.value })}
        />
      </Field>
      <Field label={t('rulebook.f.category')}>
        <Select
          className="rb-wide"
          showSearch={{ optionFilterProp: 'label' }}
          disabled={rule.id !== null}
          value={rule.category}
          aria-label={t('rulebook.f.category')}
          onChange={choose}
          options={book.categories.map(({ id, name }) => ({ value: id, label: `${name} ${id}` }))}
        />
        <p className="small quiet">{category?.basis.map(basis => basis.name).join('、')}</p>
      </Field>
      <Field label={t('rulebook.f.severity')}>
        <div className="rb-row">
          <Select
            value={rule.severity}
            aria-label={t('rulebook.f.severity')}
            onChange={severity => change({ severity })}
            options={SEVERITIES.map(value => ({ value, label: <SeverityMark of={value} word /> }))}
          />
          <Select
            value={rule.direction}
            aria-label={t('rulebook.f.direction')}
            onChange={direction => change({ direction })}
            options={DIRECTIONS.map(value => ({ value, label: t(`ruleDirection.${value}`) }))}
          />
          <Select
            value={rule.verdict}
            aria-label={t('rulebook.f.verdict')}
            onChange={verdict => change({ verdict })}
            options={VERDICTS.map(value => ({ value, label: t(`verdict.${value}`) }))}
          />
        </div>
      </Field>
      <Field label={t('rulebook.f.clause')}>
        <Select
          className="rb-wide"
          showSearch={{ optionFilterProp: 'label' }}
          value={rule.clause}
          aria-label={t('rulebook.f.clause')}
          onChange={clause => change({ clause })}
          options={book.clauses.map(({ id, title }) => ({ value: id, label: `${id} ${title}` }))}
        />
      </Field>
    </>
  )
}

/** One word or sentence a line; what is typed stays as it is typed until the field is left. */
function Lines({
  label,
  value,
  set,
  rows,
}: {
  label: string
  value: string[]
  set: (lines: string[]) => void
  rows: number
}) {
  const [typed, setTyped] = useState(value.join('\n'))
  return (
    <Input.TextArea
      value={typed}
      aria-label={label}
      autoSize={{ minRows: rows, maxRows: 14 }}
      onChange={event => {
        setTyped(event.target.value)
        set(linesOf(event.target.value))
      }}
    />
  )
}

type NearProps = { near: RuleForm['near']; set: (near: RuleForm['near']) => void }

function NearFields({ near, set }: NearProps) {
  const change = (at: number, some: Partial<RuleForm['near'][number]>) =>
    set(near.map((one, i) => (i === at ? { ...one, ...some } : one)))
  return (
    <div className="rb-nears">
      {near.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a form have no identity but their place
        <div key={at} className="rb-near">
          <span className="line small">
            {t('rulebook.f.within')}
            <InputNumber
              min={0}
              max={60}
              precision={0}
              value={one.within}
              aria-label={t('rulebook.f.within')}
              onChange={within => change(at, { within: within ?? 0 })}
            />
            <span className="grow" />
            {one.groups.length < 5 ? (
              <Button size="small" onClick={() => change(at, { groups: [...one.groups, []] })}>
                {t('rulebook.f.addGroup')}
              </Button>
            ) : null}
            <Button size="small" onClick={() => set(near.filter((_, i) => i !== at))}>
              {t('rulebook.f.dropNear')}
            </Button>
          </span>
          {one.groups.map((group, g) => (
            <Group
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a form have no identity but their place
              key={g}
              label={t('rulebook.f.group', { n: g + 1 })}
              words={group}
              set={words => change(at, { groups: one.groups.map((old, i) => (i === g ? words : old)) })}
            />
          ))}
        </div>
      ))}
      <Button size="small" onClick={() => set([...near, { within: 10, groups: [[], []] }])}>
        {t('rulebook.f.addNear')}
      </Button>
    </div>
  )
}

function Group({ label, words, set }: { label: string; words: string[]; set: (words: string[]) => void }) {
  const [typed, setTyped] = useState(words.join('、'))
  return (
    <Input
      value={typed}
      addonBefore={label}
      aria-label={label}
      onChange={event => {
        setTyped(event.target.value)
        set(wordsOf(event.target.value))
      }}
    />
  )
}
