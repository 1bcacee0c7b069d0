import { fail } from '../base/index.ts'
import type { Answer } from './api/endpoint.ts'
import { wecom } from './api/index.ts'
import { type WecomApi, type WecomSecrets, wecomApi } from './api-client.ts'
import type { WecomClient } from './client.ts'

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

export function wecomDirectory(client: WecomClient, secrets: WecomSecrets): WecomDirectory {
  const api = wecomApi(client, secrets)
  return {
    departments: () => departmentsFrom(api),
    members: () => membersFrom(api),
    followUsers: async () => (await api.ask(wecom.contacts.followUsers, {})).follow_user ?? [],
    contactsOf: userids => contactsFrom(api, userids),
    customerGroups: () => groupsFrom(api),
    permitUsers: async () => (await api.ask(wecom.audit.permitUsers, {})).ids ?? [],
    singleConsent: pairs => singleConsentFrom(api, pairs),
    roomConsent: async roomid => consents(await api.ask(wecom.audit.roomAgree, { roomid })),
  }
}

/** WeCom tells seconds, we keep milliseconds. */
export const ms = (seconds: number | undefined): number => (seconds ?? 0) * 1000

async function* departmentsFrom(api: WecomApi): AsyncGenerator<WecomDepartment> {
  const { department } = await api.ask(wecom.directory.departments, {})
  for (const one of department) {
    yield {
      id: one.id,
      // Without the right to read names the platform leaves them out.
      name: one.name ?? '',
      parentId: one.parentid ?? 0,
      position: one.order ?? 0,
      leaders: one.department_leader ?? [],
    }
  }
}

/** Department by department: fetching children in one call is gone from the newest documentation (§8.1). */
async function* membersFrom(api: WecomApi): AsyncGenerator<WecomMember> {
  const seen = new Set<string>()
  for await (const { id } of departmentsFrom(api)) {
    const { userlist = [] } = await api.ask(wecom.directory.members, { department_id: id })
    for (const user of userlist) {
      if (seen.has(user.userid)) continue
      seen.add(user.userid)
      const departments = user.department ?? []
      yield {
        userid: user.userid,
        name: user.name ?? '',
        title: user.position ?? '',
        departments,
        leads: departments.filter((_, i) => user.is_leader_in_dept?.[i] === 1),
        status: user.status ?? 1,
      }
    }
  }
}

async function* contactsFrom(api: WecomApi, userids: string[]): AsyncGenerator<WecomContact> {
  for (const some of chunks(userids, USERS_A_CALL)) {
    const body = { userid_list: some, limit: CONTACTS_A_PAGE }
    for await (const page of api.pages(wecom.contacts.ofMembers, body)) {
      for (const { external_contact: contact, follow_info: follow } of page.external_contact_list ?? []) {
        yield {
          externalUserid: contact.external_userid,
          name: contact.name ?? '',
          type: contact.type ?? 1,
          corpName: contact.corp_name ?? '',
          follow: {
            userid: follow.userid,
            remark: follow.remark ?? '',
            addWay: follow.add_way ?? 0,
            addedAt: ms(follow.createtime),
            state: follow.state ?? '',
          },
        }
      }
    }
  }
}

async function* groupsFrom(api: WecomApi): AsyncGenerator<WecomGroup> {
  const body = { status_filter: 0, limit: GROUPS_A_PAGE }
  for await (const page of api.pages(wecom.groups.list, body)) {
    for (const { chat_id } of page.group_chat_list ?? []) {
      const { group_chat: group } = await api.ask(wecom.groups.one, { chat_id, need_name: 1 })
      const members = group.member_list ?? []
      yield {
        chatId: group.chat_id,
        name: group.name ?? '',
        owner: group.owner ?? '',
        createdAt: ms(group.create_time),
        members: members.map(({ userid, type, join_time, name = '' }) => {
          return { id: userid, kind: type, joinedAt: ms(join_time), name }
        }),
      }
    }
  }
}

async function* singleConsentFrom(
  api: WecomApi,
  pairs: { userid: string; externalUserid: string }[],
): AsyncGenerator<WecomConsent> {
  for (const some of chunks(pairs, PAIRS_A_CALL)) {
    const info = some.map(({ userid, externalUserid }) => ({ userid, exteranalopenid: externalUserid }))
    yield* consents(await api.ask(wecom.audit.singleAgree, { info }))
  }
}

const STATES: Record<string, WecomConsent['state']> = {
  Agree: 'agree',
  Disagree: 'disagree',
  Default_Agree: 'default_agree',
}

function consents(reply: Answer<typeof wecom.audit.singleAgree>): WecomConsent[] {
  return (reply.agreeinfo ?? []).map(one => {
    const state = STATES[one.agree_status]
    // A state nobody knows is no consent and no refusal: whoever asked must hear of it.
    if (!state) throw fail('wecom.unreadable', { api: 'msgaudit/check_*_agree', fields: 'agree_status' })
    const changedAt = ms(one.status_change_time)
    return { userid: one.userid ?? null, externalUserid: one.exteranalopenid, state, changedAt }
  })
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
