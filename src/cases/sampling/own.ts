import type { Actor, Db } from '../../base/index.ts'
import { directoryOf } from '../../people/index.ts'

/** Is this of the actor's own departments? Nobody reviews those (regulation.md §5.5). */
export async function isOwn(db: Db, actor: Actor, departments: readonly number[]): Promise<boolean> {
  const { people } = await directoryOf(db, actor.house)
  const member = actor.userid === null ? undefined : people.get(actor.userid)
  const own = new Set([...actor.departments, ...(member?.departments ?? [])])
  return departments.some(department => own.has(department))
}
