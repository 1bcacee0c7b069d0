import type { House, Tx } from '../base/index.ts'
import { forgetDirectory, LEFT } from './directory.ts'
import { updateStatus } from './store.ts'

/**
 * WeCom said that a member left (`change_contact`, `delete_user`). Only the status changes here: who joined, moved or
 * was renamed is read with the next look at the directory, which decides in any case.
 */
export async function staffLeft(tx: Tx, house: House, userid: string): Promise<void> {
  await updateStatus(tx, house.corp, userid, LEFT)
  forgetDirectory(house)
}
