import { setTimeout as wait } from 'node:timers/promises'
import { fail } from '../base/index.ts'
import type { Answer } from './api/endpoint.ts'
import { wecom } from './api/index.ts'
import { type WecomApi, type WecomSecrets, wecomApi } from './api-client.ts'
import { errcodeOf, type WecomClient } from './client.ts'
import { ms, type WecomContact, type WecomGroup } from './directory.ts'

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

/** System busy: nothing was done (§1.3). */
const BUSY = -1
const BUSY_WAITS_MS = [300, 1000]
/** Invalid external_userid (§1.3); that somebody is not a customer ends the pages by itself. */
const NO_CONTACT = new Set([40096])
/** 90501 and 49008: no such customer group, or it was dismissed (§4.2). */
const NO_GROUP = new Set([90501, 49008])
const RESULTS_A_PAGE = 500

export function wecomOutreach(client: WecomClient, secrets: WecomSecrets): WecomOutreach {
  const api = wecomApi(client, secrets)
  return {
    async welcome(welcome_code, content) {
      await api.ask(wecom.groupsend.welcome, { welcome_code, text: { content } })
    },
    groupTask: (owner, chatId, text) => groupTask(api, owner, chatId, text),
    async groupTaskState(msgid, userid, chatId) {
      const answer = await api.outcome(wecom.groupsend.results, { msgid, userid, limit: RESULTS_A_PAGE })
      // Straight after its creation a task has no results yet.
      if (!answer.ready) return 'waiting'
      const own = answer.reply.send_list?.find(sent => sent.chat_id === chatId)
      return !own || own.status === 0 ? 'waiting' : own.status === 1 ? 'sent' : 'failed'
    },
    contact: async id => (await contactFrom(api, id).catch(noneIf(NO_CONTACT))) ?? [],
    async group(chat_id) {
      const answer = await api.ask(wecom.groups.one, { chat_id, need_name: 1 }).catch(noneIf(NO_GROUP))
      return answer && groupOf(answer.group_chat)
    },
  }
}

/** Two tasks would ask the owner twice, so the client sends it once only; busy is the one refusal to be waited out. */
async function groupTask(api: WecomApi, sender: string, chatId: string, content: string): Promise<string> {
  const body = { chat_type: 'group' as const, sender, chat_id_list: [chatId], text: { content } }
  const { msgid } = await patient(() => api.ask(wecom.groupsend.create, body))
  if (!msgid) throw fail('wecom.unreadable', { api: wecom.groupsend.create.path, fields: 'msgid' })
  return msgid
}

async function contactFrom(api: WecomApi, id: string): Promise<WecomContact[]> {
  const found: WecomContact[] = []
  for await (const page of api.pages(wecom.contacts.one, { external_userid: id })) {
    const { external_userid: externalUserid, name = '', type = 1, corp_name = '' } = page.external_contact
    for (const { userid, remark = '', createtime, add_way = 0, state = '' } of page.follow_user ?? []) {
      const follow = { userid, remark, addedAt: ms(createtime), addWay: add_way, state }
      found.push({ externalUserid, name, type, corpName: corp_name, follow })
    }
  }
  return found
}

function groupOf(group: Answer<typeof wecom.groups.one>['group_chat']) {
  const members = (group.member_list ?? []).map(member => {
    const { userid: id, type: kind, join_time, join_scene: scene = 0, name = '' } = member
    return { id, kind, joinedAt: ms(join_time), scene, name }
  })
  const { chat_id: chatId, name = '', owner = '', create_time } = group
  return { chatId, name, owner, createdAt: ms(create_time), members }
}

function noneIf(codes: Set<number>): (error: unknown) => null {
  return error => {
    if (codes.has(errcodeOf(error) ?? 0)) return null
    throw error
  }
}

async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of BUSY_WAITS_MS) {
    try {
      return await ask()
    } catch (error) {
      if (errcodeOf(error) !== BUSY) throw error
    }
    await wait(pause)
  }
  return ask()
}
