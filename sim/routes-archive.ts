import type { Contact } from './people.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

const CHATDATA_PER_MINUTE = 600
const CHATDATA_LIMIT = 1000
const AGREE_PAIRS = 100

/** What the archive's own secret may call (wecom-api.md §3). */
export function archiveRoutes(world: World): Route[] {
  const archive = (path: string, rest: Omit<Route, 'method' | 'path' | 'permission'>): Route => ({
    method: 'POST',
    path: `/cgi-bin/${path}`,
    permission: 'archive',
    ...rest,
  })
  return [
    archive('message/getchatdata', {
      empty: { chatdata: [] },
      perMinute: CHATDATA_PER_MINUTE,
      handle: (_, { seq = 0, limit = CHATDATA_LIMIT }) => {
        if (!isCount(seq) || !isCount(limit) || limit < 1 || limit > CHATDATA_LIMIT) return 40058
        const page = { chatdata: world.archive.records(seq, limit, world.now()) }
        return JSON.stringify(page).length > world.limits.maxPageBytes ? 301058 : page
      },
    }),
    archive('message/getchatmediadata', {
      empty: { outindexbuf: '', is_finish: 0, data: '' },
      handle: (_, { sdkfileid = '', indexbuf = '' }) => {
        // Gone for good: a file that has expired does not come back.
        if (world.faults.takeOf(['301048'], '/message/getchatmediadata'))
          world.media.forget(String(sdkfileid))
        const slice = world.media.slice(String(sdkfileid), String(indexbuf))
        if (slice === undefined) return 301048
        if (slice === null) return 40058
        const data = slice.data.toString('base64')
        return { outindexbuf: slice.outindexbuf, is_finish: slice.finished ? 1 : 0, data }
      },
    }),
    archive('msgaudit/get_permit_user_list', {
      empty: { ids: [] },
      perMinute: 1000,
      handle: (_, { type = 2 }) =>
        [1, 2, 3].includes(Number(type)) && typeof type === 'number'
          ? { ids: world.people.advisers.map(one => one.userid) }
          : 40058,
    }),
    archive('msgaudit/check_single_agree', {
      empty: { agreeinfo: [] },
      perMinute: 2500,
      handle: (_, { info }) => checkSingle(world, info),
    }),
    archive('msgaudit/check_room_agree', {
      empty: { agreeinfo: [] },
      perMinute: 1500,
      handle: (_, { roomid }) => checkRoom(world, roomid),
    }),
    archive('msgaudit/groupchat/get', {
      empty: { members: [] },
      handle: (_, { roomid }) => innerGroup(world, roomid),
    }),
    {
      ...archive('msgaudit/get_robot_info', { handle: ({ robot_id = '' }) => robot(world, robot_id) }),
      method: 'GET',
    },
  ]
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0
}

type AgreeInfo = {
  status_change_time: number
  userid?: string
  exteranalopenid: string
  agree_status: string
}

function checkSingle(world: World, info: unknown): { agreeinfo: AgreeInfo[] } | number {
  if (!Array.isArray(info) || info.length === 0) return 40058
  if (info.length > AGREE_PAIRS) return 301060
  const agreeinfo: AgreeInfo[] = []
  for (const pair of info as ({ userid?: unknown; exteranalopenid?: unknown } | null)[]) {
    const { userid, exteranalopenid } = pair ?? {}
    if (typeof userid !== 'string' || typeof exteranalopenid !== 'string') return 40058
    const follow = world.people.contact.get(exteranalopenid)?.follows.find(one => one.userid === userid)
    if (!follow) return 301061
    const { consent: agree_status, consentAt: status_change_time } = follow
    agreeinfo.push({ status_change_time, userid, exteranalopenid, agree_status })
  }
  return { agreeinfo }
}

/** In a group a person has agreed when they agreed with anybody of the house. */
function checkRoom(world: World, roomid: unknown): { agreeinfo: AgreeInfo[] } | number {
  const room = typeof roomid === 'string' ? world.people.room.get(roomid) : undefined
  if (!room?.external) return 40058
  const outside = room.members.flatMap(one => world.people.contact.get(one.id) ?? [])
  return {
    agreeinfo: outside.map(one => {
      const follow = settled(one)
      const { consent, consentAt } = follow ?? { consent: 'Default_Agree', consentAt: room.createTime }
      return { status_change_time: consentAt, exteranalopenid: one.id, agree_status: consent }
    }),
  }
}

function settled(contact: Contact): Contact['follows'][number] | undefined {
  return contact.follows.find(one => one.consent === 'Disagree') ?? contact.follows[0]
}

/** Only groups of colleagues; a customer group is read by the application (301059). */
function innerGroup(world: World, roomid: unknown): Record<string, unknown> | number {
  if (typeof roomid !== 'string' || roomid === '') return 40058
  const room = world.people.room.get(roomid)
  if (!room || room.external) return 301059
  return {
    roomname: room.name,
    creator: room.owner,
    room_create_time: room.createTime,
    notice: room.notice,
    members: room.members.map(one => ({ memberid: one.id, jointime: one.joinTime })),
  }
}

function robot(world: World, id: string): Record<string, unknown> | number {
  const creator_userid = world.people.advisers[0]?.userid ?? ''
  return /^wb[\w-]{10,}$/.test(id) ? { data: { robot_id: id, name: '群机器人', creator_userid } } : 40058
}
