import type { Audience, Channel, Listener } from '../contract.ts'
import type { Facts } from './condition.ts'
import { readNumbers } from './numbers.ts'

/** What a caller may know about the people of a message; whatever is left out counts as not known. */
export type About = {
  customerAge?: number
  customerVulnerable?: boolean
  customerRisk?: string
  staffLicensed?: boolean
  businessDay?: boolean
}

type Asked = {
  from?: Audience
  context?: unknown[]
  at?: number
  channel?: Channel
  audience?: Listener
  about?: About
}

const HOUR = 3_600_000
/** Most of a matched text that a condition is shown. */
const SHOWN = 400

function slice(chars: Uint16Array, from: number, to: number): string {
  return String.fromCharCode(...chars.subarray(from, Math.min(to, from + SHOWN)))
}

/** What a condition sees of a hit, all folded. Made for rules with a condition only. */
export function factsOf(
  { from = 'staff', context = [], at, channel = 'chat', audience, about = {} }: Asked,
  institution: string,
  chars: Uint16Array,
  sentence: [number, number],
  hit: { start: number; end: number },
): Facts {
  const text = slice(chars, sentence[0], sentence[1])
  const { amounts, rates } = readNumbers(text)
  // China has one zone and no summer time.
  const hours = at === undefined ? -1 : Math.floor(at / HOUR + 8)
  const weekday = at === undefined ? 1 : (Math.floor(hours / 24) + 4) % 7
  const percents = rates.map(rate => rate.percent)
  const yearly = Math.max(0, ...rates.map(rate => rate.yearly))
  return {
    from,
    audience: audience ?? '',
    channel,
    hour: BigInt(at === undefined ? -1 : ((hours % 24) + 24) % 24),
    business_day: about.businessDay ?? (weekday !== 0 && weekday !== 6),
    matched: slice(chars, hit.start, hit.end),
    sentence: text,
    amounts,
    amount_max: Math.max(0, ...amounts),
    percents,
    percent_max: Math.max(0, ...percents),
    yield_max: yearly,
    annual_rate: yearly,
    context_size: BigInt(context.length),
    institution,
    customer_age: BigInt(Math.trunc(about.customerAge ?? 0)),
    customer_vulnerable: about.customerVulnerable ?? false,
    customer_risk: about.customerRisk ?? '',
    staff_licensed: about.staffLicensed ?? false,
  }
}
