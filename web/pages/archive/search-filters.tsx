import { Button, DatePicker, Input, Select, Switch } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { type FormEvent, useState } from 'react'
import { t } from '../../i18n/index.ts'
import { usePhone } from '../../ui/theme.tsx'
import { DIRECTIONS, type SearchAddress } from './address.ts'
import { kindWord, SEARCHED_KINDS } from './kinds.ts'
import { PersonPicker } from './person-picker.tsx'

type Props = { address: SearchAddress; change: (part: SearchAddress) => void }

/** Words are sent on Enter; every other filter takes effect at once. All of it stands in the address. */
export function SearchFilters({ address, change }: Props) {
  const [words, setWords] = useState(address.q ?? '')
  const phone = usePhone()
  const [open, setOpen] = useState(false)
  const { staff, customer, from, kind, direction, exact } = address
  const used = [staff, customer, from, kind, direction, exact].filter(Boolean).length
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change({ q: words.trim() || undefined })
  }
  return (
    <search className="filters">
      <form className="filter-words" onSubmit={submit}>
        <Input
          size="large"
          allowClear
          autoFocus={!address.q && !phone}
          maxLength={200}
          value={words}
          onChange={event => setWords(event.target.value)}
          placeholder={t('search.words')}
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
      </form>
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

function Choices({ address, change }: Props) {
  return (
    <>
      <Select
        className="filter-kind"
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={address.kind}
        placeholder={t('search.kind')}
        aria-label={t('search.kind')}
        onChange={kind => change({ kind })}
        options={SEARCHED_KINDS.map(kind => ({ value: kind as string, label: kindWord(kind) }))}
      />
      <Select
        className="filter-direction"
        allowClear
        value={address.direction}
        placeholder={t('search.direction')}
        aria-label={t('search.direction')}
        onChange={direction => change({ direction })}
        options={DIRECTIONS.map(direction => ({ value: direction, label: t(`direction.${direction}`) }))}
      />
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
