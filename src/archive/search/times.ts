/** A stretch of time; null where it is open. `until` is exclusive. */
type Span = { from: number | null; until: number | null }

const DAY = 86_400_000
const POINT = /^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?$/

/**
 * What `2026`, `2026-03`, `2026-03-05`, `2026-01..2026-03`, `今天`, `昨天`, `近7天` mean in this zone, or null when it is no
 * time. `today` is the local date as YYYY-MM-DD.
 */
export function instantsOf(text: string, zone: string, today: string): Span | null {
  const midnight = (day: number): number => startOf(new Date(day).toISOString().slice(0, 10), zone)
  const now = Date.parse(`${today}T00:00:00Z`)
  if (text === '今天') return { from: midnight(now), until: midnight(now + DAY) }
  if (text === '昨天') return { from: midnight(now - DAY), until: midnight(now) }
  const last = /^近(\d{1,4})天$/.exec(text)
  if (last) return { from: midnight(now - (Number(last[1]) - 1) * DAY), until: midnight(now + DAY) }
  const [start = '', end, ...rest] = text.split(/\.\.|~|～|—|至/)
  if (rest.length > 0) return null
  const first = start === '' && end ? { from: null, until: null } : pointOf(start, zone)
  const second = end === undefined ? first : end === '' ? { from: null, until: null } : pointOf(end, zone)
  return first && second ? { from: first.from, until: second.until } : null
}

function pointOf(text: string, zone: string): Span | null {
  const found = POINT.exec(text)
  if (!found) return null
  const [year, month, day] = [Number(found[1]), Number(found[2] ?? 1), Number(found[3] ?? 1)]
  const start = Date.UTC(year, month - 1, day)
  const back = new Date(start)
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || year < 1971 || year > 2200) return null
  const end =
    found[3] !== undefined
      ? start + DAY
      : found[2] !== undefined
        ? Date.UTC(year, month, 1)
        : Date.UTC(year + 1, 0, 1)
  const local = (at: number): number => startOf(new Date(at).toISOString().slice(0, 10), zone)
  return { from: local(start), until: local(end) }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** The instant a local day begins. Zones that change their clocks do so at night, hence the second look. */
function startOf(day: string, zone: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const once = wall - offset(wall, zone)
  return wall - offset(once, zone)
}

function offset(at: number, zone: string): number {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    clocks.set(zone, clock)
  }
  return Date.parse(`${clock.format(at).replace(' ', 'T')}Z`) - at
}
