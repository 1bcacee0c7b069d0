import { z } from 'zod'
import { errcodeOf, type WecomClient } from './client.ts'

/** Which application's secret is used for what (wecom-api.md §1.5). */
export type WecomSecrets = { archive: string; contact: string }

export type WecomDepartment = {
  id: number
  parentId: number
  name: string
  position: number
  leaders: string[]
}
export type WecomMember = {
  userid: string
  name: string
  title: string
  departments: number[]
  leads: number[]
  status: number
}
export type WecomContact = {
  externalUserid: string
  name: string
  type: number
  corpName: string
  follow: { userid: string; remark: string; addWay: number; addedAt: number; state: string }
}
export type WecomGroup = {
  chatId: string
  name: string
  owner: string
  createdAt: number
  members: { id: string; kind: number; joinedAt: number; name: string }[]
}
export type WecomConsent = {
  userid: string | null
  externalUserid: string
  state: 'agree' | 'disagree' | 'default_agree'
  changedAt: number
}

/** Everything read about people: paged calls as async iterators, times in milliseconds. */
export type WecomDirectory = {
  departments(): AsyncIterable<WecomDepartment>
  members(): AsyncIterable<WecomMember>
  /** Members who may have customers. */
  followUsers(): Promise<string[]>
  /** Customers of these members, one for each pair of member and customer. */
  contactsOf(userids: string[]): AsyncIterable<WecomContact>
  customerGroups(): AsyncIterable<WecomGroup>
  /** Members whose messages are archived. */
  permitUsers(): Promise<string[]>
  singleConsent(pairs: { userid: string; externalUserid: string }[]): AsyncIterable<WecomConsent>
  roomConsent(roomid: string): Promise<WecomConsent[]>
}

/** Both calls take a hundred of them at most (§3.6, §4.1). */
const PAIRS_A_CALL = 100
const USERS_A_CALL = 100
const CONTACTS_A_PAGE = 100
const GROUPS_A_PAGE = 1000
/** Not an external contact, or the list is empty: nobody there (§4.1). */
const NOBODY = 84061

export function wecomDirectory(client: WecomClient, secrets: WecomSecrets): WecomDirectory {
  const departments = () => departmentsFrom(client, secrets.contact)
  return {
    departments,
    members: () => membersFrom(client, secrets.contact, departments()),
    followUsers: async () => {
      const request = {
        method: 'GET',
        path: 'externalcontact/get_follow_user_list',
        reply: followReply,
      } as const
      return (await client.call(secrets.contact, { ...request, idempotent: true })).follow_user
    },
    contactsOf: userids => contactsFrom(client, secrets.contact, userids),
    customerGroups: () => groupsFrom(client, secrets.contact),
    permitUsers: async () => {
      const request = {
        method: 'POST',
        path: 'msgaudit/get_permit_user_list',
        body: {},
        reply: permitReply,
      } as const
      return (await client.call(secrets.archive, { ...request, idempotent: true })).ids
    },
    singleConsent: pairs => singleConsentFrom(client, secrets.archive, pairs),
    roomConsent: roomid => roomConsentFrom(client, secrets.archive, roomid),
  }
}

const seconds = z.number().transform(value => value * 1000)
const cursor = z.string().default('')

const followReply = z.looseObject({ follow_user: z.array(z.string()).default([]) })
const permitReply = z.looseObject({ ids: z.array(z.string()).default([]) })

const departmentReply = z.looseObject({
  department: z.array(
    z.looseObject({
      id: z.number().int(),
      // Without the right to read names the platform leaves them out.
      name: z.string().default(''),
      parentid: z.number().int().default(0),
      order: z.number().int().default(0),
      department_leader: z.array(z.string()).default([]),
    }),
  ),
})

async function* departmentsFrom(client: WecomClient, secret: string): AsyncGenerator<WecomDepartment> {
  const request = {
    method: 'GET',
    path: 'department/list',
    reply: departmentReply,
    idempotent: true,
  } as const
  const { department } = await client.call(secret, request)
  for (const { id, name, parentid, order, department_leader: leaders } of department) {
    yield { id, name, parentId: parentid, position: order, leaders }
  }
}

const memberReply = z.looseObject({
  userlist: z
    .array(
      z.looseObject({
        userid: z.string(),
        name: z.string().default(''),
        position: z.string().default(''),
        department: z.array(z.number().int()).default([]),
        is_leader_in_dept: z.array(z.number()).default([]),
        status: z.number().int().default(1),
      }),
    )
    .default([]),
})

/** Department by department: fetching children in one call is gone from the newest documentation (§8.1). */
async function* membersFrom(
  client: WecomClient,
  secret: string,
  departments: AsyncIterable<WecomDepartment>,
): AsyncGenerator<WecomMember> {
  const seen = new Set<string>()
  for await (const { id } of departments) {
    const query = { department_id: id }
    const request = { method: 'GET', path: 'user/list', query, reply: memberReply, idempotent: true } as const
    for (const user of (await client.call(secret, request)).userlist) {
      if (seen.has(user.userid)) continue
      seen.add(user.userid)
      const { userid, name, position: title, department, is_leader_in_dept: leader, status } = user
      const leads = department.filter((_, i) => leader[i] === 1)
      yield { userid, name, title, departments: department, leads, status }
    }
  }
}

const contactReply = z.looseObject({
  next_cursor: cursor,
  external_contact_list: z
    .array(
      z.looseObject({
        external_contact: z.looseObject({
          external_userid: z.string(),
          name: z.string().default(''),
          type: z.number().int().default(1),
          corp_name: z.string().default(''),
        }),
        follow_info: z.looseObject({
          userid: z.string(),
          remark: z.string().default(''),
          createtime: seconds.default(0),
          add_way: z.number().int().default(0),
          state: z.string().default(''),
        }),
      }),
    )
    .default([]),
})

async function* contactsFrom(
  client: WecomClient,
  secret: string,
  userids: string[],
): AsyncGenerator<WecomContact> {
  for (const some of chunks(userids, USERS_A_CALL)) {
    const path = 'externalcontact/batch/get_by_user'
    const body = { userid_list: some, limit: CONTACTS_A_PAGE }
    for await (const page of pages(client, secret, path, body, contactReply)) {
      for (const { external_contact: contact, follow_info: follow } of page.external_contact_list) {
        yield {
          externalUserid: contact.external_userid,
          name: contact.name,
          type: contact.type,
          corpName: contact.corp_name,
          follow: {
            userid: follow.userid,
            remark: follow.remark,
            addWay: follow.add_way,
            addedAt: follow.createtime,
            state: follow.state,
          },
        }
      }
    }
  }
}

const groupListReply = z.looseObject({
  next_cursor: cursor,
  group_chat_list: z.array(z.looseObject({ chat_id: z.string() })).default([]),
})
const groupReply = z.looseObject({
  group_chat: z.looseObject({
    chat_id: z.string(),
    name: z.string().default(''),
    owner: z.string().default(''),
    create_time: seconds.default(0),
    member_list: z
      .array(
        z.looseObject({
          userid: z.string(),
          type: z.number().int(),
          join_time: seconds.default(0),
          name: z.string().default(''),
        }),
      )
      .default([]),
  }),
})

async function* groupsFrom(client: WecomClient, secret: string): AsyncGenerator<WecomGroup> {
  const body = { status_filter: 0, limit: GROUPS_A_PAGE }
  for await (const page of pages(client, secret, 'externalcontact/groupchat/list', body, groupListReply)) {
    for (const { chat_id } of page.group_chat_list) {
      const path = 'externalcontact/groupchat/get'
      const request = { method: 'POST', path, body: { chat_id, need_name: 1 }, reply: groupReply } as const
      const { group_chat: group } = await client.call(secret, { ...request, idempotent: true })
      const members = group.member_list.map(({ userid: id, type: kind, join_time: joinedAt, name }) => {
        return { id, kind, joinedAt, name }
      })
      yield {
        chatId: group.chat_id,
        name: group.name,
        owner: group.owner,
        createdAt: group.create_time,
        members,
      }
    }
  }
}

const STATES = { Agree: 'agree', Disagree: 'disagree', Default_Agree: 'default_agree' } as const
const consentReply = z.looseObject({
  agreeinfo: z
    .array(
      z.looseObject({
        status_change_time: seconds.default(0),
        userid: z.string().optional(),
        // Misspelt by the platform (§3.6).
        exteranalopenid: z.string(),
        agree_status: z.enum(['Agree', 'Disagree', 'Default_Agree']),
      }),
    )
    .default([]),
})

async function* singleConsentFrom(
  client: WecomClient,
  secret: string,
  pairs: { userid: string; externalUserid: string }[],
): AsyncGenerator<WecomConsent> {
  for (const some of chunks(pairs, PAIRS_A_CALL)) {
    const info = some.map(({ userid, externalUserid }) => ({ userid, exteranalopenid: externalUserid }))
    yield* await consentFrom(client, secret, 'msgaudit/check_single_agree', { info })
  }
}

async function roomConsentFrom(client: WecomClient, secret: string, roomid: string): Promise<WecomConsent[]> {
  return consentFrom(client, secret, 'msgaudit/check_room_agree', { roomid })
}

async function consentFrom(
  client: WecomClient,
  secret: string,
  path: string,
  body: object,
): Promise<WecomConsent[]> {
  const request = { method: 'POST', path, body, reply: consentReply, idempotent: true } as const
  const { agreeinfo } = await client.call(secret, request)
  return agreeinfo.map(
    ({ userid, exteranalopenid: externalUserid, agree_status, status_change_time: changedAt }) => {
      return { userid: userid ?? null, externalUserid, state: STATES[agree_status], changedAt }
    },
  )
}

/** Ask page after page until there is no cursor, or until it stands still: then it would never end. */
async function* pages<T extends { next_cursor: string }>(
  client: WecomClient,
  secret: string,
  path: string,
  body: object,
  reply: z.ZodType<T>,
): AsyncGenerator<T> {
  let at = ''
  for (;;) {
    const request = { method: 'POST', path, body: { ...body, cursor: at }, reply, idempotent: true } as const
    const page = await client.call(secret, request).catch(error => {
      if (errcodeOf(error) === NOBODY) return null
      throw error
    })
    if (page === null) return
    yield page
    if (page.next_cursor === '' || page.next_cursor === at) return
    at = page.next_cursor
  }
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
