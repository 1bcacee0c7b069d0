/** GetChatData's largest page (path/91774). */
const LARGEST = 1000
/** Pages in a row that must pass before a larger one is tried: one long conversation seldom comes alone. */
const PATIENCE = 8

/** How many records to ask for: half after 301058 (wecom-api.md §3.1), a quarter more after pages that passed. */
export type PageSize = {
  get(): number
  /** 301058. False when one record alone is too large. */
  tooLarge(asked: number): boolean
  passed(): void
}

export function createPageSize(): PageSize {
  let size = LARGEST
  let passed = 0
  return {
    get: () => size,
    tooLarge(asked) {
      passed = 0
      if (asked <= 1) return false
      size = Math.max(1, Math.floor(asked / 2))
      return true
    },
    passed() {
      if (size === LARGEST) return
      passed += 1
      if (passed < PATIENCE) return
      passed = 0
      size = Math.min(LARGEST, Math.ceil(size * 1.25))
    },
  }
}
