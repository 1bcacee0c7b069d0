import { type Content, payloads } from './attachments.ts'
import type { TempFiles } from './files.ts'
import { DAY, type Ground, seconds } from './ground.ts'
import { createSendCap, type SendCap } from './send-cap.ts'

/** 0 not yet, 1 sent, 2 no friend, 3 has had too many already (wecom-api.md §5.1). Times in seconds. */
type Target = { id: string; status: 0 | 1 | 2 | 3; sendTime: number }
type MemberPart = { userid: string; status: 0 | 2; sendTime: number; targets: Target[] }
export type GroupSend = {
  msgid: string
  creator: string
  createTime: number
  /** 0 by the company, 1 by the member alone. */
  createType: 0 | 1
  chatType: 'single' | 'group'
  said: Content
  allowSelect: boolean
  parts: MemberPart[]
  cancelled: boolean
  reminders: number[]
}
type NewGroupSend = Pick<GroupSend, 'creator' | 'chatType' | 'said' | 'allowSelect'> & {
  parts: { userid: string; targets: string[] }[]
}

export type GroupSends = SendCap & {
  create(input: NewGroupSend): GroupSend
  find(msgid: string): GroupSend | undefined
  all(): readonly GroupSend[]
  /** While WeCom is still giving out the tasks (41063). */
  dispatching(task: GroupSend): boolean
  remind(task: GroupSend): number | undefined
  cancel(task: GroupSend): number | undefined
  /** The member taps 发送; `without` leaves out who was unselected. How many were reached; undefined when there is nothing to confirm. */
  confirm(msgid: string, userid: string, without?: readonly string[]): number | undefined
  /** A member's own group send, sent at once. */
  personal(input: NewGroupSend): GroupSend
}

const DISPATCH_MS = 2000
const REMINDERS_A_DAY = 3

export function createGroupSends(ground: Ground, files: TempFiles): GroupSends {
  const tasks = new Map<string, GroupSend>()
  const cap = createSendCap()
  const make = (input: NewGroupSend, createType: 0 | 1): GroupSend => {
    const task: GroupSend = {
      ...input,
      msgid: `msgcJ7kDQAA${ground.rng.id(21)}`,
      createTime: seconds(ground.now()),
      createType,
      parts: input.parts.map(({ userid, targets }) => ({
        userid,
        status: 0,
        sendTime: 0,
        targets: targets.map(id => ({ id, status: 0, sendTime: 0 })),
      })),
      cancelled: false,
      reminders: [],
    }
    tasks.set(task.msgid, task)
    return task
  }
  const send = (task: GroupSend, part: MemberPart, without: readonly string[]): number => {
    part.status = 2
    part.sendTime = seconds(ground.now())
    const chosen = part.targets.filter(one => !(task.allowSelect && without.includes(one.id)))
    for (const target of chosen) reach(ground, files, cap, { task, part, target })
    return chosen.filter(one => one.status === 1).length
  }
  return {
    ...cap,
    create: input => make(input, 0),
    find: msgid => tasks.get(msgid),
    all: () => [...tasks.values()],
    dispatching: task => task.createType === 0 && ground.now() - task.createTime * 1000 < DISPATCH_MS,
    remind: task => {
      if (task.cancelled) return 41093
      const now = ground.now()
      if (task.reminders.filter(at => at > now - DAY).length >= REMINDERS_A_DAY) return 41094
      task.reminders.push(now)
      return undefined
    },
    cancel: task => {
      if (task.cancelled) return 41093
      task.cancelled = true
      return undefined
    },
    confirm: (msgid, userid, without = []) => {
      const task = tasks.get(msgid)
      const part = task?.parts.find(one => one.userid === userid)
      if (!task || !part || task.cancelled || part.status === 2) return undefined
      return send(task, part, without)
    },
    personal: input => {
      const task = make(input, 1)
      for (const part of task.parts) send(task, part, [])
      return task
    },
  }
}

type Reaching = { task: GroupSend; part: MemberPart; target: Target }
function reach(ground: Ground, files: TempFiles, cap: SendCap, { task, part, target }: Reaching): void {
  const { people } = ground
  const at = ground.now()
  target.sendTime = seconds(at)
  const room = task.chatType === 'group' ? people.room.get(target.id) : undefined
  const friend = people.contact.get(target.id)?.follows.some(one => one.userid === part.userid)
  if (task.chatType === 'group' ? !room : !friend) {
    target.status = 2
    return
  }
  if (!cap.take(target.id, at)) {
    target.status = 3
    return
  }
  target.status = 1
  const tolist = room ? room.members.map(one => one.id).filter(id => id !== part.userid) : [target.id]
  for (const payload of payloads(task.said, files, ground))
    ground.say({ from: part.userid, tolist, roomid: room?.id ?? '', ...payload })
}
