import { type Actor, type Db, fail, type House, inTransaction, now, type Tx } from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { type Choice, choiceAt, isRefusal, processingOf } from './choice.ts'
import { choicesOf, selectMoves } from './consent-store.ts'
import type { WriteAnswer, WriteDenial, WritePurpose } from './contract.ts'
import { partiesOf } from './parties.ts'
import { erasedAt } from './processing.ts'
import { customersIn, insertOptOut, noticeSaid, optedOut, selectOptOutList } from './write-store.ts'

/** Who is to be written to: a customer, in talk with an employee or in a room; a room alone means everybody in it. */
export type WriteQuestion = {
  externalUserid?: string | null
  userid?: string | null
  chatId?: string | null
  purpose: WritePurpose
}

/** What stands against each purpose. A notice may always be said but to whom all was erased; a preset answer harms nobody. */
const AGAINST: Record<WritePurpose, readonly WriteDenial[]> = {
  notice: ['erased'],
  preset: ['erased'],
  service: ['refused_archiving', 'erased'],
  marketing: ['refused_archiving', 'restricted', 'erased', 'opted_out', 'notice_unknown'],
}

/**
 * May anybody of ours write this to this customer? Everything that sends asks here first: the notice today, outreach
 * later. 消费者权益保护法 §29 and 广告法 §43 (no marketing to whom refused it), 个人信息保护法 §15. Throws
 * `request.invalid` when neither a customer nor a room is named.
 */
export async function mayWrite(tx: Db, house: House, question: WriteQuestion): Promise<WriteAnswer> {
  const { externalUserid = null, userid = null, chatId = null, purpose } = question
  if (externalUserid === null && chatId === null)
    throw fail('request.invalid', { hint: 'name a customer or a room' })
  const customers =
    externalUserid === null ? await customersIn(tx, house.corp, chatId ?? '') : [externalUserid]
  const choices = Map.groupBy(await choicesOf(tx, house.corp, customers), row => row.externalUserid)
  const moves = Map.groupBy(await selectMoves(tx, house.corp, customers), row => row.externalUserid)
  const out = await optedOut(tx, house.corp, customers)
  const reasons: WriteAnswer['reasons'] = []
  for (const customer of customers) {
    const found = denials(choices.get(customer) ?? [], erasedAt(moves.get(customer) ?? []), {
      userid,
      chatId,
    })
    if (out.has(customer)) found.push('opted_out')
    if (
      purpose === 'marketing' &&
      !(await noticeSaid(tx, house.corp, { externalUserid: customer, userid, chatId }))
    )
      found.push('notice_unknown')
    reasons.push(...found.filter(code => AGAINST[purpose].includes(code)).map(code => ({ code, customer })))
  }
  return { verdict: reasons.length === 0 ? 'allow' : 'deny', reasons }
}

function denials(
  choices: readonly Choice[],
  erased: number | null,
  where: { userid: string | null; chatId: string | null },
): WriteDenial[] {
  const found: WriteDenial[] = []
  const today = choiceAt(choices, where, null)
  if (today && isRefusal(today.state)) found.push('refused_archiving')
  const state = processingOf(choices, erased)
  if (state !== 'active') found.push(state)
  return found
}

/** The same question from outside, for CRM and marketing systems. Default deny: nobody asks without a session. */
export function askMayWrite(db: Db, actor: Actor, question: WriteQuestion): Promise<WriteAnswer> {
  authorise(actor, 'notice.read')
  return inTransaction(db, tx => mayWrite(tx, actor.house, question))
}

/** 退订, or back again. `source` and `sourceRef` name where the customer said so: told twice, it is one. */
export type OptOut = {
  externalUserid: string
  choice: 'out' | 'in'
  source: string
  sourceRef: string
  effectiveAt: number
}

/** Write it down with its trail entry; false when it was known. Detection and people call this alike. */
export async function recordOptOut(tx: Tx, actor: Actor, told: OptOut): Promise<boolean> {
  const fresh = await insertOptOut(tx, actor.house.corp, { ...told, recordedAt: now(), by: actor.name })
  if (fresh)
    await record(tx, actor, {
      verb: 'optout.recorded',
      thing: { kind: 'contact', id: told.externalUserid },
      detail: { choice: told.choice, source: told.source, reference: told.sourceRef },
    })
  return fresh
}

/** A person writes down what a customer said. */
export function enterOptOut(
  db: Db,
  actor: Actor,
  input: { externalUserid: string; choice: 'out' | 'in'; reference: string },
): Promise<boolean> {
  authorise(actor, 'consent.record')
  const { externalUserid, choice, reference } = input
  const told = {
    externalUserid,
    choice,
    source: 'manual',
    sourceRef: `${reference}|${choice}`,
    effectiveAt: now(),
  }
  return inTransaction(db, tx => recordOptOut(tx, actor, told))
}

const LISTED = 10_000

/** 拒收名单: what holds today, customers masked; ids are what other systems match by. */
export async function optOutsOf(db: Db, actor: Actor) {
  authorise(actor, 'notice.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const rows = await selectOptOutList(tx, house.corp, LISTED)
    const names = await partiesOf(
      tx,
      house,
      rows.map(row => row.externalUserid),
    )
    await record(tx, actor, {
      verb: 'optout.listed',
      thing: { kind: 'notice', id: 'opt_out' },
      detail: { shown: rows.length },
    })
    return {
      items: rows.flatMap(row => {
        const customer = names.get(row.externalUserid)
        return customer
          ? [{ customer, choice: row.choice, source: row.source, at: row.effectiveAt, by: row.by }]
          : []
      }),
    }
  })
}
