import { Button, DatePicker, Input, type InputRef, Select, Switch } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { type FormEvent, useRef, useState } from 'react'
import { HAS, SOURCES } from '../../../src/archive/contract.ts'
import { type Key, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { usePhone } from '../../ui/theme.tsx'
import { DIRECTIONS, NARROWING, type SearchAddress } from './address.ts'
import { kindWord, SEARCHED_KINDS } from './kinds.ts'
import { PersonPicker } from './person-picker.tsx'
import { SearchChips } from './search-chips.tsx'
import { SyntaxHelp } from './search-help.tsx'

type Props = { address: SearchAddress; change: (part: SearchAddress) => void }

/** Words are sent on Enter; every other filter takes effect at once. All of it stands in the address. */
export function SearchFilters({ address, change }: Props) {
  const [words, setWords] = useState(address.q ?? '')
  const box = useRef<InputRef>(null)
  const phone = usePhone()
  const [open, setOpen] = useState(false)
  const [help, setHelp] = useState(false)
  const used = NARROWING.filter(name => address[name] !== undefined).length
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change({ q: words.trim() || undefined })
    box.current?.blur()
  }
  return (
    <search className="filters">
      <form className="filter-words" onSubmit={submit}>
        <Input
          ref={box}
          size="large"
          allowClear
          autoFocus={!address.q && !phone}
          maxLength={400}
          value={words}
          prefix={<Icon name="search" size={16} />}
          onChange={event => setWords(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
          placeholder={t('search.box')}
          aria-label={t('search.words')}
        />
        <Button type="primary" size="large" htmlType="submit">
          {t('search.go')}
        </Button>
        <button
          type="button"
          className="btn filter-toggle"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t('search.filters', { n: used || '' })}
        </button>
        <button type="button" className="btn filter-help" aria-expanded={help} onClick={() => setHelp(!help)}>
          {t('search.syntax')}
        </button>
      </form>
      {help ? <SyntaxHelp /> : null}
      <div className={`filter-row${open ? ' open' : ''}`}>
        <PersonPicker
          kinds={['staff']}
          value={address.staff}
          placeholder={t('search.staff')}
          choose={staff => change({ staff })}
        />
        <PersonPicker
          kinds={['customer', 'group']}
          value={address.customer}
          placeholder={t('search.customer')}
          choose={customer => change({ customer })}
        />
        <Days address={address} change={change} />
        <Choices address={address} change={change} />
      </div>
      <SearchChips address={address} change={change} />
    </search>
  )
}

function Days({ address, change }: Props) {
  const day = (text: string | undefined) => (text ? dayjs(text) : null)
  return (
    <DatePicker.RangePicker
      value={[day(address.from), day(address.to)]}
      allowEmpty={[true, true]}
      placeholder={[t('search.from'), t('search.to')]}
      onChange={(_, texts) => change({ from: texts?.[0] || undefined, to: texts?.[1] || undefined })}
    />
  )
}

type Choice = { name: 'kind' | 'direction' | 'severity' | 'has' | 'in'; word: Key; options: Option[] }
type Option = { value: string; label: string }

const choices = (): Choice[] => [
  {
    name: 'kind',
    word: 'search.kind',
    options: SEARCHED_KINDS.map(kind => ({ value: kind as string, label: kindWord(kind) })),
  },
  {
    name: 'direction',
    word: 'search.direction',
    options: DIRECTIONS.map(one => ({ value: one as string, label: t(`direction.${one}`) })),
  },
  {
    name: 'severity',
    word: 'search.severity',
    options: (['P0', 'P1', 'P2', 'P3'] as const).map(one => ({
      value: one as string,
      label: `${one} ${t(`severity.${one}`)}`,
    })),
  },
  {
    name: 'has',
    word: 'search.has',
    options: (Object.keys(HAS) as (keyof typeof HAS)[]).map(one => ({ value: one, label: t(`has.${one}`) })),
  },
  {
    name: 'in',
    word: 'search.in',
    options: (Object.keys(SOURCES) as (keyof typeof SOURCES)[]).map(one => ({
      value: one,
      label: t(`source.${one}`),
    })),
  },
]

function Choices({ address, change }: Props) {
  return (
    <>
      {choices().map(({ name, word, options }) => (
        <Select
          key={name}
          className="filter-choice"
          allowClear
          showSearch={name === 'kind' ? { optionFilterProp: 'label' } : false}
          value={address[name] as string | undefined}
          placeholder={t(word)}
          aria-label={t(word)}
          onChange={value => change({ [name]: value })}
          options={options}
          popupMatchSelectWidth={false}
        />
      ))}
      <span className="filter-exact" title={t('search.exactWhy')}>
        <Switch
          size="small"
          id="exact"
          checked={address.exact === 'true'}
          onChange={on => change({ exact: on ? 'true' : undefined })}
        />
        <label htmlFor="exact">{t('search.exact')}</label>
      </span>
    </>
  )
}
