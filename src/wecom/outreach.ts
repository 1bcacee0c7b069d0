import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { errcodeOf, type WecomClient } from './client.ts'
import type { WecomContact, WecomGroup } from './directory.ts'

/** What a group-send task came to for one group: WeCom sends nothing before the owner confirms (wecom-api.md §5.1). */
export type GroupTaskState = 'waiting' | 'sent' | 'failed'

/** What is said to customers, and single look-ups where an event carries too little. */
export type WecomOutreach = {
  /** The code of an add event: valid 20 s, once (wecom-api.md §2.3, §5.1). */
  welcome(code: string, text: string): Promise<void>
  /** Ask the owner to post the text into his group; returns the task's msgid. */
  groupTask(owner: string, chatId: string, text: string): Promise<string>
  groupTaskState(task: string, owner: string, chatId: string): Promise<GroupTaskState>
  /** One customer with every follower; empty when he is nobody's customer any more. */
  contact(externalUserid: string): Promise<WecomContact[]>
  /** Null when there is no such group any more. */
  group(chatId: string): Promise<(WecomGroup & { members: { scene: number }[] }) | null>
}

const seconds = z.number().transform(value => value * 1000)
const nothing = z.looseObject({})
const task = z.looseObject({ msgid: z.string().min(1), fail_list: z.array(z.string()).default([]) })
const results = z.looseObject({
  send_list: z
    .array(z.looseObject({ chat_id: z.string().default(''), status: z.number().int() }))
    .default([]),
})
const contactReply = z.looseObject({
  external_contact: z.looseObject({
    external_userid: z.string(),
    name: z.string().default(''),
    type: z.number().int().default(1),
    corp_name: z.string().default(''),
  }),
  follow_user: z
    .array(
      z.looseObject({
        userid: z.string(),
        remark: z.string().default(''),
        createtime: seconds.default(0),
        add_way: z.number().int().default(0),
        state: z.string().default(''),
      }),
    )
    .default([]),
  next_cursor: z.string().default(''),
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
          join_scene: z.number().int().default(0),
          name: z.string().default(''),
        }),
      )
      .default([]),
  }),
})

/** System busy: nothing was done, and a welcome code lives long enough for two more tries (§1.3). */
const BUSY = -1
const BUSY_WAITS_MS = [300, 1000]
/** 84061: not a customer; 40096: invalid external_userid (§1.3, §4.1). */
const NO_CONTACT = new Set([84061, 40096])
/** 90501 and 49008: no such customer group, or it was dismissed (§4.2). */
const NO_GROUP = new Set([90501, 49008])
/** Straight after its creation a task has no results yet (§5.1). */
const NOT_YET = 41063

export function wecomOutreach(client: WecomClient, secret: string): WecomOutreach {
  const post = <T>(path: string, body: object, reply: z.ZodType<T>, idempotent: boolean): Promise<T> =>
    client.call(secret, { method: 'POST', path: `externalcontact/${path}`, body, reply, idempotent })
  return {
    async welcome(welcome_code, content) {
      const body = { welcome_code, text: { content } }
      await patient(() => post('send_welcome_msg', body, nothing, false))
    },
    async groupTask(sender, chatId, content) {
      const body = { chat_type: 'group', sender, chat_id_list: [chatId], text: { content } }
      return (await patient(() => post('add_msg_template', body, task, false))).msgid
    },
    async groupTaskState(msgid, userid, chatId) {
      const body = { msgid, userid, limit: 500, cursor: '' }
      const reply = await post('get_groupmsg_send_result', body, results, true).catch(error => {
        if (errcodeOf(error) === NOT_YET) return { send_list: [] }
        throw error
      })
      const own = reply.send_list.find(sent => sent.chat_id === chatId)
      return !own || own.status === 0 ? 'waiting' : own.status === 1 ? 'sent' : 'failed'
    },
    contact: id => contactFrom(client, secret, id),
    async group(chatId) {
      const body = { chat_id: chatId, need_name: 1 }
      const reply = await post('groupchat/get', body, groupReply, true).catch(noneIf(NO_GROUP))
      return reply && groupOf(reply.group_chat)
    },
  }
}

async function contactFrom(client: WecomClient, secret: string, id: string): Promise<WecomContact[]> {
  const found: WecomContact[] = []
  let cursor = ''
  for (;;) {
    const query = { external_userid: id, cursor }
    const request = { method: 'GET', path: 'externalcontact/get', query, reply: contactReply } as const
    const page = await client.call(secret, { ...request, idempotent: true }).catch(noneIf(NO_CONTACT))
    if (!page) return found
    const { external_userid: externalUserid, name, type, corp_name: corpName } = page.external_contact
    for (const { userid, remark, createtime: addedAt, add_way: addWay, state } of page.follow_user) {
      const follow = { userid, remark, addedAt, addWay, state }
      found.push({ externalUserid, name, type, corpName, follow })
    }
    if (page.next_cursor === '' || page.next_cursor === cursor) return found
    cursor = page.next_cursor
  }
}

function groupOf(group: z.output<typeof groupReply>['group_chat']) {
  const members = group.member_list.map(member => {
    const { userid: id, type: kind, join_time: joinedAt, join_scene: scene, name } = member
    return { id, kind, joinedAt, scene, name }
  })
  const { chat_id: chatId, name, owner, create_time: createdAt } = group
  return { chatId, name, owner, createdAt, members }
}

function noneIf(codes: Set<number>): (error: unknown) => null {
  return error => {
    if (codes.has(errcodeOf(error) ?? 0)) return null
    throw error
  }
}

async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (const ms of BUSY_WAITS_MS) {
    try {
      return await ask()
    } catch (error) {
      if (errcodeOf(error) !== BUSY) throw error
    }
    await wait(ms)
  }
  return ask()
}
