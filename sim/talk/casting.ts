import type { Contact, Employee, People } from '../people.ts'
import type { Rng } from '../rng.ts'
import type { Room } from '../rooms.ts'
import type { Place } from './script.ts'
import type { Cast } from './slots.ts'

export type Casting = (place: Place) => Cast

/** Finds people for a thread. Who refused the archive is never heard: WeCom would not hand it out. */
export function createCasting(rng: Rng, people: People): Casting {
  const pairs = people.contacts.flatMap(contact =>
    contact.follows.filter(one => one.consent !== 'Disagree').map(one => ({ contact, userid: one.userid })),
  )
  // Some customers write every day, most hardly ever.
  const busy = pairs.filter(() => rng.chance(0.25))
  const outside = people.rooms.filter(room => room.external)
  const inside = people.rooms.filter(room => !room.external)
  const someone = (list: readonly Employee[], not: Employee): Employee =>
    rng.pick(list.filter(one => one !== not))
  const pair = (): Cast => {
    const { contact, userid } = rng.chance(0.6) ? rng.pick(busy) : rng.pick(pairs)
    const staff = people.employee.get(userid) ?? rng.pick(people.advisers)
    const colleague = someone(
      people.advisers.filter(one => one.department === staff.department),
      staff,
    )
    const parties = [staff.userid, contact.id]
    return { staff, colleague, customer: contact, roomId: '', roomName: '', parties }
  }
  const colleagues = (): Cast => {
    const staff = rng.pick(people.advisers)
    const colleague = someone(
      people.advisers.filter(one => one.department === staff.department),
      staff,
    )
    return { staff, colleague, roomId: '', roomName: '', parties: [staff.userid, colleague.userid] }
  }
  const room = (): Cast => roomCast(rng, people, rng.pick(outside))
  const team = (): Cast => {
    const chosen = rng.pick(inside)
    const members = chosen.members.flatMap(one => people.employee.get(one.id) ?? [])
    const staff = people.employee.get(chosen.owner) ?? rng.pick(members)
    const parties = chosen.members.map(one => one.id)
    return { staff, colleague: someone(members, staff), roomId: chosen.id, roomName: chosen.name, parties }
  }
  return place => ({ pair, room, colleague: colleagues, team })[place]()
}

function roomCast(rng: Rng, people: People, chosen: Room): Cast {
  const staff = chosen.members.flatMap(one => people.employee.get(one.id) ?? [])
  const customers = chosen.members
    .flatMap(one => people.contact.get(one.id) ?? [])
    .filter(one => one.follows.every(f => f.consent !== 'Disagree'))
  const customer = rng.pick(customers)
  const other: Contact = rng.pick(customers.filter(one => one !== customer))
  const owner = people.employee.get(chosen.owner) ?? rng.pick(staff)
  const colleague = staff.find(one => one !== owner) ?? owner
  const parties = chosen.members.map(one => one.id)
  return { staff: owner, colleague, customer, other, roomId: chosen.id, roomName: chosen.name, parties }
}
