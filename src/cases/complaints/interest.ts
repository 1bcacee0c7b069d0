import type { Actor } from '../../base/index.ts'
import type { directoryOf } from '../../people/index.ts'
import type { Stored } from './store.ts'

/**
 * Has this person an interest in the matter (投诉处理管理办法: 与被投诉事项无利害关系)? He is complained of, works in a
 * department of it, or one who is complained of leads his own.
 */
export function hasInterest(
  actor: Actor,
  row: Pick<Stored, 'staff' | 'departments'>,
  directory: Awaited<ReturnType<typeof directoryOf>>,
): boolean {
  if (row.staff !== null && actor.userid === row.staff) return true
  const own = [...actor.departments, ...(directory.people.get(actor.userid ?? '')?.departments ?? [])]
  if (own.some(id => row.departments.includes(id))) return true
  const leads = row.staff === null ? [] : (directory.people.get(row.staff)?.leads ?? [])
  return own.some(id => leads.includes(id))
}
