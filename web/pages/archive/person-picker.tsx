import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import type { Party } from '../../../src/people/contract.ts'
import { peopleQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'

type Props = {
  kinds: Party['kind'][]
  value: string | undefined
  placeholder: string
  choose: (id: string | undefined) => void
}

/** Names of people chosen in this visit, so that an id in the address is shown as a name. */
const names = new Map<string, string>()
export const nameOf = (id: string): string => names.get(id)?.split(' · ')[0] ?? id

export function PersonPicker({ kinds, value, placeholder, choose }: Props) {
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const found = useQuery({ ...peopleQuery(q), placeholderData: keepPreviousData })
  const people = (q === '' ? [] : (found.data?.items ?? [])).filter(party => kinds.includes(party.kind))
  const options = people.map(party => ({
    value: party.id,
    label: party.department ? `${party.name} · ${party.department}` : party.name,
  }))
  if (value && !options.some(option => option.value === value))
    options.unshift({ value, label: names.get(value) ?? value })
  return (
    <Select
      className="filter-person"
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped }}
      value={value}
      placeholder={placeholder}
      aria-label={placeholder}
      options={options}
      loading={found.isFetching}
      notFoundContent={
        <span className="quiet small">{t(q === '' ? 'search.typeName' : 'search.noPerson')}</span>
      }
      onChange={(id: string | undefined) => {
        for (const option of options) names.set(option.value, option.label)
        setTyped('')
        choose(id)
      }}
    />
  )
}
