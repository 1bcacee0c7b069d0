import type { TrailRow } from '../../api/types.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { exactTime } from '../../ui/time-words.ts'

/** A trail entry tells its facts by name; here they become words. What has no words yet is shown as it stands. */
export function detailWords({ verb, detail }: Pick<TrailRow, 'verb' | 'detail'>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${maybe(`trailDetail.${name}`) ?? name} ${valueWords(verb, name, value)}`)
    .join(' · ')
}

/** Which family of words says a value. */
const FAMILY: Record<string, string> = {
  state: 'state',
  severity: 'severity',
  kind: 'kind',
  direction: 'direction',
  role: 'role',
  verb: 'trail',
}

const MOMENTS = new Set(['from', 'to', 'at', 'effectiveAt', 'knownAt', 'sentAt'])

function valueWords(verb: string, name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join('、')
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  if (MOMENTS.has(name)) return edgeWords(value)
  if (typeof value === 'number') return figure(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (verb === 'session.refused' && name === 'reason') return maybe(`refusal.${text}`) ?? text
  return maybe(`${FAMILY[name]}.${text}`) ?? text
}

/** A decision goes from state to state; a look goes from time to time. */
const edgeWords = (value: unknown): string =>
  typeof value === 'number' ? exactTime(value) : (maybe(`state.${value}`) ?? String(value))

const LONG = 20

/** What was touched: its kind in words, and its id short enough to compare by eye. */
export function thingWords({ thingKind, thingId }: Pick<TrailRow, 'thingKind' | 'thingId'>): {
  kind: string
  id: string
} {
  const kind = maybe(`trailThing.${thingKind}`) ?? thingKind
  const whole = maybe(`trailThing.${thingKind}.${thingId}`)
  if (whole !== null || ['all', 'search', 'import', 'ledger'].includes(thingId))
    return { kind: whole ?? kind, id: '' }
  const known = thingKind === 'alert' ? maybe(`state.${thingId}`) : null
  const short = thingId.length > LONG && !thingId.includes(' ') ? `…${thingId.slice(-12)}` : thingId
  return { kind, id: known ?? short }
}
