import type { VerifyState } from '../../archive/index.ts'
import { now } from '../../base/index.ts'
import type { Premises } from '../house.ts'
import { dropWalk, saveWalk, selectWalks } from './store.ts'
import { beginning, readState, signState } from './walk-state.ts'

/**
 * Where a whole verification stands, written after each piece and signed. With `resume` it goes on from what an earlier
 * run left, unless that run had found something: a verdict must not forget its first half.
 */
export async function beginVerify({ db, house, outside }: Premises, resume: boolean) {
  const stored = resume ? (await selectWalks(db, house.corp)).find(row => row.walk === 'verify') : undefined
  const read = stored ? readState(outside, 'verify', stored.state) : null
  const begun = read && read.found === 0 ? read : beginning(0, now())
  return {
    state: { tree: begun.tree, messages: begun.messages },
    async keep(state: VerifyState, found: number): Promise<void> {
      await saveWalk(
        db,
        house.corp,
        'verify',
        signState(outside, 'verify', { ...begun, ...state, found }),
        now(),
      )
    },
    end: () => dropWalk(db, house.corp, 'verify'),
  }
}
