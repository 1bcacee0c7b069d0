import { type Actor, type Db, Fault, type House, newId, now, type Tx } from '../base/index.ts'
import { errcodeOf, isExternal } from '../wecom/index.ts'
import { mayWrite } from './may-write.ts'
import {
  claimDue,
  type DueNotice,
  insertNotice,
  isSeated,
  type Outcome,
  overdue,
  prove,
  selectPending,
  updateOutcome,
} from './notice-store.ts'
import { folded, noticeTexts, noticeVersion } from './notice-text.ts'
import { openPart, sealPart } from './sealed.ts'

const HOUR_MS = 3_600_000
/** A group is told at most once in this time, however many join (企业内部预警线: no rule names a number). */
const GROUP_QUIET_MS = 24 * HOUR_MS
/** Said and not found in the archive within this time is shown as missing (企业内部预警线). */
export const PROOF_HOURS = 24
/** Of a welcome code (wecom-api.md §2.3). */
const CODE_LIFE_MS = 20_000
const ANSWER_MS = 60_000
/** Clocks of WeCom's servers and ours differ, and events tell whole seconds. */
const SLACK_MS = 60_000
const AT_ONCE = 20

/** How the notice reaches a customer; `wecomOutreach` is one. */
export type NoticeSender = {
  welcome(code: string, text: string): Promise<void>
  groupTask(owner: string, chatId: string, text: string): Promise<string>
  groupTaskState(task: string, owner: string, chatId: string): Promise<'waiting' | 'sent' | 'failed'>
}

/**
 * A customer was added. Without a welcome code nothing can be said in our name: they chat already, or the
 * administrator's own welcome message covers the member (wecom-api.md §2.3); the archive may still prove that one.
 */
export async function contactNoticeDue(
  tx: Tx,
  actor: Actor,
  due: { staff: string; party: string; at: number; code: string | null },
): Promise<void> {
  const { house } = actor
  const { staff, party, at, code } = due
  if (!(await isSeated(tx, house.corp, staff))) return
  const id = newId()
  const { key } = await house.keys.own(tx)
  const sealed = code ? sealPart(house, key, 'notice', id, { code }) : null
  const state = code ? 'due' : 'missing'
  const reason = code ? null : 'no_welcome_code'
  await insertNotice(
    tx,
    house.corp,
    { id, kind: 'contact', staff, party, state, reason, sealed, dueAt: at },
    0,
  )
}

/** Somebody joined a customer group: it is told now, or when the last notice is a day old. */
export async function groupNoticeDue(
  tx: Tx,
  actor: Actor,
  due: { party: string; at: number },
): Promise<void> {
  const { party, at } = due
  const notice = { kind: 'group', staff: '', party, state: 'due', reason: null, sealed: null } as const
  await insertNotice(tx, actor.house.corp, { id: newId(), dueAt: at, ...notice }, GROUP_QUIET_MS)
}

/**
 * Say every notice that is due. A welcome message goes out at once; into a group no application may post, so its owner
 * is given a group-send task and the notice stays `pending_owner` until he confirms it (wecom-api.md §5.1).
 */
export async function sendDueNotices(
  db: Db,
  actor: Actor,
  sender: NoticeSender,
  text: string,
): Promise<number> {
  const { house } = actor
  let said = 0
  for (;;) {
    const due = await claimDue(db, house.corp, now(), AT_ONCE)
    await Promise.all(
      due.map(async notice => {
        const outcome = await say(db, house, sender, notice, text)
        await updateOutcome(db, house.corp, notice.id, outcome)
      }),
    )
    said += due.length
    if (due.length < AT_ONCE) return said
  }
}

async function say(
  db: Db,
  house: House,
  sender: NoticeSender,
  notice: DueNotice,
  text: string,
): Promise<Outcome> {
  const version = noticeVersion(text)
  try {
    const { verdict, reasons } = await mayWrite(db, house, {
      ...(notice.kind === 'contact'
        ? { externalUserid: notice.party, userid: notice.staff }
        : { chatId: notice.party }),
      purpose: 'notice',
    })
    // In a group the others must be told all the same.
    if (verdict === 'deny' && notice.kind === 'contact')
      return { state: 'refused', version, reason: reasons[0]?.code ?? 'denied' }
    if (notice.kind === 'contact') return await welcome(db, house, sender, notice, text)
    if (!notice.archived) return { state: 'refused', reason: 'not_archived' }
    const task = await sender.groupTask(notice.owner ?? '', notice.party, text)
    return { state: 'pending_owner', version, task }
  } catch (error) {
    const errcode = errcodeOf(error)
    if (errcode !== null) return { state: 'refused', version, errcode, reason: 'wecom_refused' }
    if (error instanceof Fault) return { state: 'failed', version, reason: error.code }
    throw error
  }
}

async function welcome(
  db: Db,
  house: House,
  sender: NoticeSender,
  notice: DueNotice,
  text: string,
): Promise<Outcome> {
  if (!notice.sealed) return { state: 'missing', reason: 'no_welcome_code' }
  if (now() - notice.dueAt > CODE_LIFE_MS) return { state: 'failed', reason: 'code_expired' }
  const { key } = await house.keys.own(db)
  const { code } = openPart(house, key, 'notice', { id: notice.id, sealed: notice.sealed })
  await sender.welcome(code, text)
  return { state: 'sent', version: noticeVersion(text), sentAt: now() }
}

/** Ask what owners did with their tasks, and mark what was not proved in time. Run every few minutes. */
export async function followNotices(db: Db, actor: Actor, sender: NoticeSender): Promise<void> {
  const { corp, log } = actor.house
  for (const { id, task, staff, party } of await selectPending(db, corp, 200)) {
    const state = await sender.groupTaskState(task, staff, party).catch(error => {
      if (!(error instanceof Fault)) throw error
      log.warn({ code: error.code, errcode: errcodeOf(error) }, 'a group-send task could not be followed')
      return 'waiting' as const
    })
    if (state === 'sent') await updateOutcome(db, corp, id, { state: 'sent', sentAt: now() })
    if (state === 'failed') await updateOutcome(db, corp, id, { state: 'failed', reason: 'task_failed' })
  }
  await overdue(db, corp, { attempted: now() - ANSWER_MS, proof: now() - PROOF_HOURS * HOUR_MS })
}

/** A message as it was archived, in plain values. */
export type SaidMessage = {
  msgid: string
  from: string
  to: readonly string[]
  room: string | null
  sentAt: number
  text: string
}

/** Find the notice in messages just archived: what stands in the archive was delivered. Returns how many it proved. */
export async function proveNotices(tx: Tx, actor: Actor, messages: readonly SaidMessage[]): Promise<number> {
  const { house } = actor
  const texts = await noticeTexts(tx, house)
  let proved = 0
  if (texts.length === 0) return proved
  for (const { msgid, from: staff, to, room, sentAt, text } of messages) {
    if (isExternal(staff)) continue
    const said = folded(text)
    const found = texts.find(known => said.includes(known.needle))
    if (!found) continue
    const { version } = found
    const proof = { staff, version, msgid, sentAt }
    if (room) proved += await prove(tx, house.corp, { ...proof, kind: 'group', party: room }, SLACK_MS)
    else
      for (const party of to.filter(isExternal))
        proved += await prove(tx, house.corp, { ...proof, kind: 'contact', party }, SLACK_MS)
  }
  return proved
}
