type Call = { at: number; path: string; result: string }
type Attempt = { status: number; error?: string; ms: number }
export type Delivery = {
  at: number
  type: string
  attempts: Attempt[]
  /** `waiting` until it is over; `lost` and `failed` never reached the receiver. */
  outcome: 'waiting' | 'received' | 'failed' | 'lost'
  fault?: string
}

/** What this world did, for the page and for tests. */
export type Journal = {
  called(at: number, path: string, result: string): void
  /** Endpoint, then what it answered (errcode, `http500`, `cut` …), then how often. */
  counts(): Record<string, Record<string, number>>
  calls(count: number): Call[]
  delivery(one: Delivery): Delivery
  deliveries(count: number): Delivery[]
}

const KEPT = 500

export function createJournal(): Journal {
  const counts = new Map<string, Map<string, number>>()
  const calls: Call[] = []
  const deliveries: Delivery[] = []
  return {
    called: (at, path, result) => {
      const own = counts.get(path) ?? new Map<string, number>()
      own.set(result, (own.get(result) ?? 0) + 1)
      counts.set(path, own)
      keep(calls, { at, path, result })
    },
    counts: () =>
      Object.fromEntries(
        [...counts]
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([path, own]) => [path, Object.fromEntries(own)]),
      ),
    calls: count => calls.slice(-count),
    delivery: one => keep(deliveries, one),
    deliveries: count => deliveries.slice(-count),
  }
}

function keep<T>(list: T[], one: T): T {
  list.push(one)
  if (list.length > KEPT) list.shift()
  return one
}
