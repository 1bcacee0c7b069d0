import { type Ground, seconds } from './ground.ts'
import type { Employee, Follow } from './people.ts'

/** A customer whose employee has left the company. `at` in seconds. */
type Unassigned = { handover: string; external: string; follow: Follow; at: number }

export type Resigned = {
  /** Takes the employee out of the company; the customers wait to be handed over. */
  leave(employee: Employee): void
  has(userid: string): boolean
  waiting(): readonly Unassigned[]
  find(handover: string, external: string): Unassigned | undefined
  take(one: Unassigned): void
}

export function createResigned(ground: Ground): Resigned {
  const gone = new Set<string>()
  let waiting: Unassigned[] = []
  const { people } = ground
  return {
    leave: employee => {
      const { userid } = employee
      const at = seconds(ground.now())
      gone.add(userid)
      people.employee.delete(userid)
      for (const list of [people.employees, people.advisers])
        if (list.includes(employee)) list.splice(list.indexOf(employee), 1)
      for (const contact of people.contacts) {
        const follow = contact.follows.find(one => one.userid === userid)
        if (!follow) continue
        contact.follows.splice(contact.follows.indexOf(follow), 1)
        waiting.push({ handover: userid, external: contact.id, follow, at })
      }
      for (const room of people.rooms) if (room.external && room.owner === userid) room.status = 1
    },
    has: userid => gone.has(userid),
    waiting: () => waiting,
    find: (handover, external) => waiting.find(one => one.handover === handover && one.external === external),
    take: one => {
      waiting = waiting.filter(other => other !== one)
    },
  }
}
