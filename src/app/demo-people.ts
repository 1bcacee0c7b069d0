import type { Actor, House } from '../base/index.ts'

/** Who acts for the demo's accounts while it is furnished: the account of the role, signed in. */
export function demoPerson({ house }: { house: House }, role: string): Actor {
  return { house, kind: 'person', name: role, role, accountId: null, userid: null, departments: [] }
}

const POLL_MS = 250

/** Wait until it holds; false when it did not within this time. */
export async function waitUntil(holds: () => Promise<boolean>, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) return false
    await new Promise(done => setTimeout(done, POLL_MS))
  }
  return true
}
