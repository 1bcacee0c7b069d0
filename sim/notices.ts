import { createRng } from './rng.ts'
import type { World } from './world.ts'

const HOUR = 3_600_000

/**
 * What staff had said about archiving before the story begins: most customers were told, some were forgotten, and a
 * few got a text of somebody's own that is not the notice. Returns how many were told.
 */
export function tellNotices(world: World, seed: string | number, text: string): number {
  const rng = createRng(`${seed}/notices`)
  const { people } = world
  const end = world.now() - 25 * HOUR
  let told = 0
  for (const contact of people.contacts) {
    for (const { userid } of contact.follows) {
      const fate = rng.next()
      if (fate > 0.86) continue
      const content = fate < 0.82 ? text : '您好，我们的聊天公司会留存，请知悉。'
      const msgtime = end - rng.int(0, 48 * HOUR)
      world.emit({
        from: userid,
        tolist: [contact.id],
        roomid: '',
        msgtime,
        msgtype: 'text',
        text: { content },
      })
      told += content === text ? 1 : 0
    }
  }
  for (const room of people.rooms.filter(one => one.external)) {
    if (!rng.chance(0.7)) continue
    const { owner } = room
    const tolist = room.members.map(member => member.id).filter(id => id !== owner)
    world.emit({
      from: owner,
      tolist,
      roomid: room.id,
      msgtime: end,
      msgtype: 'text',
      text: { content: text },
    })
    told += 1
  }
  return told
}
