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
      handle: () => ({ ids: world.people.advisers.map(one => one.userid) }),
    }),
    archive('msgaudit/check_single_agree', {
      empty: { agreeinfo: [] },
      perMinute: 2500,
      handle: (_, { info }) => checkSingle(world, info),
    }),
    archive('msgaudit/check_room_agree', {
      empty: { agreeinfo: [] },
      perMinute: 1500,
      handle: (_, { roomid }) => checkRoom(world, String(roomid ?? '')),
    }),
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
  for (const pair of info as { userid?: string; exteranalopenid?: string }[]) {
    const { userid = '', exteranalopenid = '' } = pair
    const follow = world.people.contact.get(exteranalopenid)?.follows.find(one => one.userid === userid)
    if (!follow) return 301061
    const { consent: agree_status, consentAt: status_change_time } = follow
    agreeinfo.push({ status_change_time, userid, exteranalopenid, agree_status })
  }
  return { agreeinfo }
}

/** In a group a person has agreed when they agreed with anybody of the house. */
function checkRoom(world: World, roomid: string): { agreeinfo: AgreeInfo[] } | number {
  const room = world.people.room.get(roomid)
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
