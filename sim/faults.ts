export type FaultKind = '-1' | '45009' | '42001' | 'cut' | 'slow' | 'http500'
export const FAULT_KINDS: readonly FaultKind[] = ['-1', '45009', '42001', 'cut', 'slow', 'http500']

/** `endpoint` is the end of the path, as `getchatdata` or `externalcontact/get`; `*` is any. */
export type Fault = { endpoint: string; kind: FaultKind; times: number; delayMs?: number }

export type Faults = {
  add(fault: Fault): void
  /** The fault this call meets, used up by one. */
  take(path: string): Fault | undefined
  list(): Fault[]
  clear(): void
}

export function createFaults(): Faults {
  let waiting: Fault[] = []
  return {
    add: fault => {
      if (fault.times > 0) waiting.push({ ...fault })
    },
    take: path => {
      const fault = waiting.find(one => one.endpoint === '*' || path.endsWith(`/${one.endpoint}`))
      if (!fault) return undefined
      fault.times--
      waiting = waiting.filter(one => one.times > 0)
      return fault
    },
    list: () => waiting.map(one => ({ ...one })),
    clear: () => {
      waiting = []
    },
  }
}
