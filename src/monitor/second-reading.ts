import type { KeyObject } from 'node:crypto'
import { type MessageKey, mark, readSpoken, type Spoken } from '../archive/index.ts'
import {
  type Actor,
  type Db,
  Fault,
  type House,
  inTransaction,
  type JobQueue,
  keyMonth,
  messageOf,
  newId,
  now,
  open,
  seal,
  systemActor,
} from '../base/index.ts'
import { record } from '../trail/index.ts'
import { isExternal } from '../wecom/index.ts'
import { RAISED, READ_AGAIN } from './jobs.ts'
import type { RuleSet } from './rules.ts'
import type { Answer, Asked, Reading, SecondReader } from './second-reader.ts'
import { insertReading, type StoredReading, selectReadings } from './second-reading-store.ts'
import { insertAlerts, insertHits, type StoredHit, selectHitsOf } from './store.ts'

/** The one rule a model can add a hit of. It is not in the packs: no text of ours wakes it. */
export const READER_RULE = 'READER-01'
const READER_CATEGORY = 'READER'
/** A reader that does not answer for so long is not waited for: the message has been judged by the rules. */
const GIVE_UP_MS = 24 * 3_600_000

/** Asks the second reader about messages the rules were in doubt of, one after the other, in jobs of its own. */
export async function workSecondReader(
  db: Db,
  house: House,
  jobs: JobQueue,
  rules: () => RuleSet,
  reader: SecondReader,
): Promise<void> {
  const actor = systemActor(house, 'reader')
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'reader.enabled',
      thing: { kind: 'reader', id: reader.host },
      detail: { host: reader.host, model: reader.model, prompt: reader.promptVersion },
    }),
  )
  await jobs.work(READ_AGAIN, async ({ key: [convId, sentAt, msgid], since }) => {
    await readAgain({ db, actor, jobs, set: rules(), reader }, { convId, sentAt, msgid }, since)
  })
}

type Deps = { db: Db; actor: Actor; jobs: JobQueue; set: RuleSet; reader: SecondReader }

async function readAgain(deps: Deps, key: MessageKey, since: number): Promise<void> {
  const { db, actor, reader } = deps
  const { house } = actor
  const known = await selectReadings(db, house.corp, [key])
  if (known.some(one => one.model === reader.model && one.promptVersion === reader.promptVersion)) return
  const [message] = await readSpoken(db, house, [key])
  if (!message || message.absent !== null) return
  const hits = await selectHitsOf(db, house.corp, [key])
  const asked = askedOf(deps.set, message, hits)
  let reading: Reading
  try {
    reading = await reader.read(asked)
  } catch (error) {
    if (now() - since < GIVE_UP_MS) throw error
    reading = { raw: messageOf(error), answer: undefined, inputSha256: Buffer.alloc(0) }
    await inTransaction(db, async tx => void (await keep(tx, deps, key, reading, 'given_up')))
    return
  }
  await inTransaction(db, async tx => {
    const fresh = await keep(tx, deps, key, reading, outcomeOf(reading.answer))
    if (fresh && reading.answer?.add) await add(tx, deps, message, reading.answer.add)
  })
}

function askedOf(set: RuleSet, message: Spoken, hits: StoredHit[]): Asked {
  const textOf = (part: string): string =>
    message.texts.find(text => text.part === part.replace('#quote', ''))?.text ?? ''
  return {
    text: message.texts.map(text => text.text).join('\n'),
    hits: hits.map(hit => ({
      rule: hit.rule,
      name: set.rules.get(hit.rule)?.name ?? hit.rule,
      verdict: hit.verdict,
      matched: textOf(hit.part).slice(hit.start, hit.end),
    })),
  }
}

function outcomeOf(answer: Answer | undefined): StoredReading['outcome'] {
  if (!answer) return 'unusable'
  if (answer.add) return 'added'
  return answer.explain.length > 0 ? 'explained' : 'nothing'
}

type Tx = Parameters<typeof insertReading>[0]

const contextOf = (house: House, key: MessageKey, model: string, prompt: string): string =>
  `second_reading|${house.corp}|${key.convId}|${key.sentAt}|${key.msgid}|${prompt}|${model}`

async function keep(
  tx: Tx,
  { actor: { house }, reader }: Deps,
  key: MessageKey,
  reading: Reading,
  outcome: StoredReading['outcome'],
): Promise<boolean> {
  const scope = { conv: key.convId, month: keyMonth(key.sentAt) }
  await house.keys.load(tx, [scope])
  const dataKey = house.keys.cached(scope.conv, scope.month)
  const { model, promptVersion, host } = reader
  const context = contextOf(house, key, model, promptVersion)
  const plain = JSON.stringify({ raw: reading.raw, answer: reading.answer ?? null })
  return insertReading(tx, house.corp, {
    key,
    promptVersion,
    model,
    host,
    inputSha256: reading.inputSha256,
    outcome,
    sealed: seal(dataKey.key, plain, context),
    keyId: dataKey.id,
    at: now(),
  })
}

/** A hit of READER-01 over the words the model quoted; high-risk ones raise an alert where there is none yet. */
async function add(
  tx: Tx,
  { actor, jobs, reader }: Deps,
  message: Spoken,
  found: NonNullable<Answer['add']>,
): Promise<void> {
  const { corp } = actor.house
  const { key } = message
  const text = message.texts.find(one => one.text.includes(found.quote))
  // Quoted across two parts: kept in the reading, but there is no one place to mark.
  if (!text) return
  const start = text.text.indexOf(found.quote)
  const { severity, verdict } = found
  await insertHits(tx, corp, [
    {
      key,
      rule: READER_RULE,
      ruleVersion: `${reader.promptVersion}@${reader.model}`,
      part: text.part,
      start,
      end: start + found.quote.length,
      category: READER_CATEGORY,
      severity,
      verdict,
      audience: 'staff',
      path: [],
      grounds: ['reader'],
      sealed: null,
    },
  ])
  await mark(tx, actor, [
    { key, kind: 'rule', value: READER_RULE },
    { key, kind: 'severity', value: severity },
  ])
  if (verdict !== 'high_risk' || severity === 'P3') return
  const alert = {
    id: newId(),
    key,
    severity,
    rules: [READER_RULE],
    staff: message.from,
    counterpart: message.room ?? message.to.find(isExternal) ?? message.to[0] ?? message.from,
    room: message.room !== null,
    raisedAt: now(),
  }
  const alerts = await insertAlerts(tx, corp, [alert])
  if (alerts.length > 0) await jobs.enqueue(tx, RAISED, { corp, alerts })
}

/** The key a message's words are sealed under, if it has not been destroyed. */
export async function keyOf(db: Db, house: House, key: MessageKey): Promise<KeyObject | undefined> {
  const scope = { conv: key.convId, month: keyMonth(key.sentAt) }
  try {
    await house.keys.load(db, [scope])
    return house.keys.cached(scope.conv, scope.month).key
  } catch (error) {
    if (error instanceof Fault && (error.code === 'key.missing' || error.code === 'key.shredded'))
      return undefined
    throw error
  }
}

export type Assisted = { model: string; promptVersion: string; why: string }

/** What a model said of hits, by message and rule, in the newest reading that speaks of it. */
export async function assistance(db: Db, house: House, keys: MessageKey[]): Promise<Map<string, Assisted>> {
  const out = new Map<string, Assisted>()
  for (const reading of await selectReadings(db, house.corp, keys)) {
    if (reading.outcome !== 'added' && reading.outcome !== 'explained') continue
    const { key, model, promptVersion } = reading
    const dataKey = await keyOf(db, house, key)
    // The conversation's key was destroyed on purpose: what was said of it is gone with it.
    if (!dataKey) continue
    const plain = open(dataKey, reading.sealed, contextOf(house, key, model, promptVersion))
    const { answer } = JSON.parse(plain.toString('utf8')) as { answer: Answer | null }
    if (answer?.add) out.set(`${key.msgid}|${READER_RULE}`, { model, promptVersion, why: answer.add.why })
    for (const { rule, why } of answer?.explain ?? [])
      out.set(`${key.msgid}|${rule}`, { model, promptVersion, why })
  }
  return out
}
