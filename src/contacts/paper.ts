import { createHash } from 'node:crypto'
import type { z } from 'zod'
import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  open,
  seal,
  type Tx,
} from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { type Choice, choiceAt, isRefusal, refusedToday } from './choice.ts'
import { recordConsent } from './consent.ts'
import { choicesOf } from './consent-store.ts'
import type { newPaper, PAPER_STATES, PaperView } from './contract.ts'
import {
  insertPaper,
  insertPaperDecision,
  lockPaper,
  type PaperRow,
  selectPaperFile,
  selectPapers,
} from './paper-store.ts'
import { partiesOf } from './parties.ts'
import { openPart, sealPart } from './sealed.ts'

type PaperState = (typeof PAPER_STATES)[number]
const MINUTE_MS = 60_000
const LISTED = 200

/**
 * A choice the customer made on paper, at the counter or by telephone, with its evidence. What forbids more holds at once:
 * nobody waits with a refusal. What takes a refusal back waits for a second person. Throws `consent.future` for a day that
 * has not come.
 */
export async function enterPaper(
  db: Db,
  actor: Actor,
  input: z.output<typeof newPaper>,
): Promise<{ id: string; state: PaperState }> {
  authorise(actor, 'consent.record')
  const { house } = actor
  const enteredAt = now()
  if (input.effectiveAt > enteredAt + MINUTE_MS) throw fail('consent.future')
  return inTransaction(db, async tx => {
    const { externalUserid, userid, chatId, state, effectiveAt, channel, reference, note } = input
    const choices = await choicesOf(tx, house.corp, [externalUserid])
    const reversal = state === 'agree' && takesBack(choices, { userid, chatId })
    const id = newId()
    const { key } = await house.keys.own(tx)
    const fileName = input.file?.name ?? null
    const bytes = input.file ? Buffer.from(input.file.base64, 'base64') : null
    const row = {
      ...{ id, externalUserid, userid, chatId, state, reversal, effectiveAt, enteredAt },
      sealed: sealPart(house, key, 'consentPaper', id, { channel, reference, note, fileName }),
      fileSealed: bytes ? seal(key, bytes, fileContext(house, id)) : null,
      fileSha256: bytes ? createHash('sha256').update(bytes).digest() : null,
      enteredBy: actor.name,
    }
    await insertPaper(tx, house.corp, row)
    await record(tx, actor, {
      verb: 'consent.recorded',
      thing: { kind: 'contact', id: externalUserid },
      detail: {
        state,
        effectiveAt,
        channel,
        reference,
        reversal,
        ...(row.fileSha256 ? { sha256: row.fileSha256.toString('hex') } : {}),
      },
    })
    if (!reversal) await putInForce(tx, house, row, actor.name)
    return { id, state: reversal ? 'waiting' : 'in_force' }
  })
}

/** Would an agreement here undo a refusal? One towards everybody undoes them all. */
function takesBack(choices: Choice[], where: { userid: string | null; chatId: string | null }): boolean {
  if (where.userid === null && where.chatId === null) return refusedToday(choices).length > 0
  const today = choiceAt(choices, where, null)
  return today !== null && isRefusal(today.state)
}

async function putInForce(
  tx: Tx,
  house: House,
  row: Omit<PaperRow, 'verdict' | 'decidedBy' | 'decidedAt'>,
  by: string,
) {
  const { externalUserid, userid, chatId, state, effectiveAt, id } = row
  await recordConsent(tx, house, {
    externalUserid,
    userid,
    chatId,
    state,
    effectiveAt,
    source: 'paper',
    sourceRef: id,
    by,
  })
}

/** The second person's word on a refusal taken back; `approval.own` for whoever entered it. */
export async function decidePaper(
  db: Db,
  actor: Actor,
  id: string,
  verdict: 'confirmed' | 'rejected',
): Promise<void> {
  authorise(actor, 'consent.confirm')
  const { house } = actor
  await inTransaction(db, async tx => {
    const row = await lockPaper(tx, house.corp, id)
    if (!row) throw fail('thing.missing', { paper: id })
    if (stateOf(row) !== 'waiting') throw fail('consent.decided', { state: stateOf(row) })
    if (row.enteredBy === actor.name) throw fail('approval.own')
    await insertPaperDecision(tx, house.corp, {
      id,
      enteredBy: row.enteredBy,
      verdict,
      by: actor.name,
      at: now(),
    })
    await record(tx, actor, {
      verb: 'consent.confirmed',
      thing: { kind: 'contact', id: row.externalUserid },
      detail: { verdict, state: row.state, enteredBy: row.enteredBy },
    })
    if (verdict === 'confirmed') await putInForce(tx, house, row, `${row.enteredBy}, ${actor.name}`)
  })
}

function stateOf({ reversal, verdict }: Pick<PaperRow, 'reversal' | 'verdict'>): PaperState {
  if (!reversal || verdict === 'confirmed') return 'in_force'
  return verdict === 'rejected' ? 'rejected' : 'waiting'
}

export async function listPapers(db: Db, actor: Actor, customer: string | null = null): Promise<PaperView[]> {
  authorise(actor, 'notice.read')
  const { house } = actor
  const rows = await selectPapers(db, house.corp, customer, LISTED)
  const names = await partiesOf(
    db,
    house,
    rows.map(row => row.externalUserid),
  )
  const { key } = await house.keys.own(db)
  return rows.map(row => {
    const { id, userid, chatId, reversal, effectiveAt, enteredBy, enteredAt, decidedBy, decidedAt } = row
    const { channel, reference, note, fileName } = openPart(house, key, 'consentPaper', row)
    const unknown = {
      id: row.externalUserid,
      kind: 'unknown' as const,
      name: row.externalUserid,
      department: null,
    }
    return {
      ...{ id, userid, chatId, reversal, effectiveAt, enteredBy, enteredAt, decidedBy, decidedAt },
      ...{ channel, reference, note, file: fileName, choice: row.state, state: stateOf(row) },
      customer: names.get(row.externalUserid) ?? unknown,
    }
  })
}

/** The evidence itself, held against its hash; the look is in the trail. */
export async function readPaperFile(
  db: Db,
  actor: Actor,
  id: string,
): Promise<{ name: string; bytes: Buffer }> {
  authorise(actor, 'notice.read')
  const { house } = actor
  return inTransaction(db, async tx => {
    const found = await selectPaperFile(tx, house.corp, id)
    if (!found?.file || !found.sha256) throw fail('thing.missing', { paper: id })
    const { key } = await house.keys.own(tx)
    const bytes = open(key, found.file, fileContext(house, id))
    const sha256 = createHash('sha256').update(bytes).digest()
    if (!sha256.equals(found.sha256))
      throw fail('key.wrong', { hint: 'the evidence does not match its hash' })
    const { fileName } = openPart(house, key, 'consentPaper', { id, sealed: found.sealed })
    await record(tx, actor, {
      verb: 'consent.evidence_opened',
      thing: { kind: 'consent_paper', id },
      detail: { sha256: sha256.toString('hex') },
    })
    return { name: fileName ?? 'evidence', bytes }
  })
}

function fileContext(house: House, id: string): string {
  return `consentPaperFile|${house.corp}|${id}`
}
