import { type Ground, happen, seconds } from './ground.ts'
import { type Reach, welcomeJoined } from './reach.ts'
import { type Member, memberVersion, type Room } from './rooms.ts'

export type GroupActs = {
  createGroup(input: { owner: string; name: string; members: readonly string[] }): string | undefined
  /** 1 invited by a member, 2 by link, 3 by QR code. How many joined. */
  joinGroup(chatId: string, ids: readonly string[], scene?: 1 | 2 | 3): number
  /** 0 left, 1 was removed. */
  leaveGroup(chatId: string, ids: readonly string[], quitScene?: 0 | 1): number
  changeGroup(chatId: string, change: { owner: string } | { name: string } | { notice: string }): boolean
  dismissGroup(chatId: string): boolean
  /** The owner chooses a template (入群欢迎语) that greets every customer who joins. */
  useGroupWelcome(chatId: string, templateId: string): boolean
}

function newMember(ground: Ground, id: string, scene: 1 | 2 | 3, invitor: string): Member {
  const type = ground.people.employee.has(id) ? 1 : 2
  return { id, type, joinTime: seconds(ground.now()), scene, invitor }
}

/** What people do to groups. Only customer groups are called back about (wecom-api.md §2.3). */
export function createGroupActs(ground: Ground, reach: Reach): GroupActs {
  const { people } = ground
  const known = (id: string): boolean => people.employee.has(id) || people.contact.has(id)
  const tell = (room: Room, change: string, fields: Record<string, unknown> = {}): void => {
    if (room.external) happen(ground, `change_external_chat.${change}`, { ChatId: room.id, ...fields })
  }
  const changed = (room: Room, before: string, fields: Record<string, unknown>): void =>
    tell(room, 'update', { ...fields, LastMemVer: before, CurMemVer: memberVersion(room) })
  return {
    createGroup: ({ owner, name, members }) => {
      if (!people.employee.has(owner) || !members.every(known)) return undefined
      const all = [...new Set([owner, ...members])].map(id => newMember(ground, id, 1, owner))
      const id = `wrcJ7kDQAA${ground.rng.id(22)}`
      const external = all.some(one => one.type === 2)
      const room = { id, name, owner, external, createTime: seconds(ground.now()), notice: '', members: all }
      people.rooms.push(room)
      people.room.set(id, room)
      tell(room, 'create')
      return id
    },
    joinGroup: (chatId, ids, scene = 3) => {
      const room = people.room.get(chatId)
      const fresh = ids.filter(id => known(id) && !room?.members.some(one => one.id === id))
      if (!room || fresh.length === 0) return 0
      const before = memberVersion(room)
      room.members.push(...fresh.map(id => newMember(ground, id, scene, room.owner)))
      const counted = { JoinScene: scene, MemChangeCnt: fresh.length, MemChangeList: fresh }
      changed(room, before, { UpdateDetail: 'add_member', ...counted })
      if (fresh.some(id => people.contact.has(id))) welcomeJoined(ground, reach, chatId)
      return fresh.length
    },
    useGroupWelcome: (chatId, templateId) => {
      const known = people.room.has(chatId) && reach.groupWelcomes.get(templateId) !== undefined
      if (known) reach.welcomeOf.set(chatId, templateId)
      return known
    },
    leaveGroup: (chatId, ids, quitScene = 0) => {
      const room = people.room.get(chatId)
      const gone = room?.members.filter(one => ids.includes(one.id) && one.id !== room.owner) ?? []
      if (!room || gone.length === 0) return 0
      const before = memberVersion(room)
      room.members = room.members.filter(one => !gone.includes(one))
      const list = gone.map(one => one.id)
      const counted = { QuitScene: quitScene, MemChangeCnt: list.length, MemChangeList: list }
      changed(room, before, { UpdateDetail: 'del_member', ...counted })
      return list.length
    },
    changeGroup: (chatId, change) => {
      const room = people.room.get(chatId)
      if (!room) return false
      Object.assign(room, change)
      const UpdateDetail =
        'owner' in change ? 'change_owner' : 'name' in change ? 'change_name' : 'change_notice'
      tell(room, 'update', { UpdateDetail })
      return true
    },
    dismissGroup: chatId => {
      const room = people.room.get(chatId)
      if (!room) return false
      people.room.delete(chatId)
      people.rooms.splice(people.rooms.indexOf(room), 1)
      tell(room, 'dismiss')
      return true
    },
  }
}
