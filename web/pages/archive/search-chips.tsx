import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { NARROWING, type Narrowing, type SearchAddress } from './address.ts'
import { kindWord } from './kinds.ts'
import { nameOf } from './person-picker.tsx'

type Props = { address: SearchAddress; change: (part: SearchAddress) => void }

/** What narrows the search, each to be taken away with one touch. */
export function SearchChips({ address, change }: Props) {
  const used = NARROWING.filter(name => address[name] !== undefined)
  if (used.length === 0) return null
  const none = Object.fromEntries(NARROWING.map(name => [name, undefined]))
  return (
    <div className="search-chips">
      {used.map(name => (
        <button
          key={name}
          type="button"
          className="chip on"
          aria-label={t('search.without', { what: chipWords(name, address) })}
          onClick={() => change({ [name]: undefined })}
        >
          {chipWords(name, address)}
          <Icon name="close" size={12} />
        </button>
      ))}
      <button type="button" className="link small" onClick={() => change(none)}>
        {t('search.clear')}
      </button>
    </div>
  )
}

/** A filter as it reads: `员工 林悦`, `自 2026-11-01`. */
export function chipWords(name: Narrowing, address: SearchAddress): string {
  switch (name) {
    case 'staff':
      return `${t('search.staff')} ${nameOf(address.staff ?? '')}`
    case 'customer':
      return `${t('search.customer')} ${nameOf(address.customer ?? '')}`
    case 'from':
      return `${t('search.since')} ${address.from}`
    case 'to':
      return `${t('search.until')} ${address.to}`
    case 'kind':
      return `${t('search.kind')} ${kindWord(address.kind ?? '')}`
    case 'direction':
      return address.direction ? t(`direction.${address.direction}`) : ''
    case 'severity':
      return `${t('search.severity')} ${address.severity}`
    case 'has':
      return address.has ? `${t('search.has')}${t(`has.${address.has}`)}` : ''
    case 'in':
      return address.in ? `${t('search.in')} ${t(`source.${address.in}`)}` : ''
    case 'exact':
      return t('search.exact')
  }
}
