import { createHmac } from 'node:crypto'
import { firstWithin, type MessageKey, mark, nthAfter, type Spoken } from '../../archive/index.ts'
import {
  type Actor,
  type Db,
  failpoint,
  type House,
  inRedoableTransaction,
  type JobQueue,
  newId,
  now,
  type Tx,
} from '../../base/index.ts'
import { RAISED } from '../jobs.ts'
import { insertAlerts, selectHitsOf } from '../store.ts'
import { type Digest, type Hearing, hear, type Occurrence } from './heard.ts'
import type { Behaviour } from './pack.ts'
import {
  type Finding,
  insertEvents,
  insertFinding,
  type Noted,
  type Reach,
  selectAround,
  selectSaid,
  selectWaitingIn,
  settleEvent,
  type Waiting,
} from './store.ts'
import { bucketOf, bucketsOf, complete, dueAt, enough, type Found } from './window.ts'

/** More members than these are counted and not listed. */
const LISTED = 50
export const EVENT_PREFIX = 'event:'

export type Watching = {
  db: Db
  actor: Actor
  jobs: Pick<JobQueue, 'enqueue'>
  rules: readonly Behaviour[]
}

/**
 * After the text rules have spoken: note what the behaviour rules wait for in these messages, then ask every rule that
 * heard something. The notes are committed before anything is asked, so that of two processes the later one sees both;
 * killed in between, the job comes again, and what is there already is neither noted nor raised twice.
 */
export async function watchBehaviour(watching: Watching, messages: Spoken[]): Promise<number> {
  const { db, actor, rules } = watching
  if (rules.length === 0 || messages.length === 0) return 0
  const occurrences = await hearAll(watching, messages)
  await noteEvents(watching, occurrences)
  failpoint('monitor.behaviour_noted')
  const raised = await askAll(watching, occurrences)
  const counting = rules.filter(rule => rule.messages !== null).map(rule => rule.id)
  const convs = [...new Set(messages.map(message => message.key.convId))]
  const waiting = await selectWaitingIn(db, actor.house.corp, convs, counting)
  return raised + (await settleReached(watching, waiting))
}

async function hearAll({ db, actor: { house }, rules }: Watching, messages: Spoken[]): Promise<Occurrence[]> {
  const hits = await selectHitsOf(
    db,
    house.corp,
    messages.map(message => message.key),
  )
  const byMessage = Map.groupBy(
    hits.filter(hit => !hit.part.endsWith('#quote')),
    hit => identity(hit.key),
  )
  const hearing: Hearing = { zone: house.zone, digest: await digestOf(db, house) }
  return messages.flatMap(message => {
    const recalls = message.normal?.links.find(link => link.kind === 'recalls')?.target ?? null
    return hear(rules, { ...message, recalls, hits: byMessage.get(identity(message.key)) ?? [] }, hearing)
  })
}

const identity = (key: MessageKey): string => `${key.convId}|${key.sentAt}|${key.msgid}`

const digests = new WeakMap<House, Digest>()

/** Two people who send the same have the same digest; without the institution's key it says nothing of the text. */
async function digestOf(db: Db, house: House): Promise<Digest> {
  let digest = digests.get(house)
  if (!digest) {
    const secret = await house.keys.gramSecret(db)
    const key = createHmac('sha256', secret).update('tongjian behaviour text v1').digest()
    digest = text => createHmac('sha256', key).update(text).digest('base64url').slice(0, 16)
    digests.set(house, digest)
  }
  return digest
}

/** Write the occurrences down; those that wait for something get the moment it is due. */
export async function noteEvents(
  { db, actor: { house }, rules }: Watching,
  found: Occurrence[],
): Promise<void> {
  if (found.length === 0) return
  const known = new Map(rules.map(rule => [rule.id, rule]))
  const noted = found.map((one): Noted => {
    const rule = known.get(one.rule)
    const waits = one.step === 'on' && rule !== undefined && rule.unless !== null
    return { ...one, dueAt: waits ? dueAt(rule, one.key.sentAt, house.zone) : null }
  })
  await inRedoableTransaction(db, tx => insertEvents(tx, house.corp, noted))
}

/** A rule asked of one group: what completes it was said between `from` and `until`. */
type Asked = { rule: Behaviour; from: number; until: number; reach: Reach }

/** Ask every rule of every group that something was just noted for. */
export async function askAll(watching: Watching, fresh: Occurrence[]): Promise<number> {
  const { db, actor, rules } = watching
  const groups = Map.groupBy(fresh, one => `${one.rule}|${one.group}`)
  const asked = [...groups.values()].flatMap((group): Asked[] => {
    const rule = rules.find(one => one.id === group[0]?.rule)
    if (!rule || rule.unless !== null || !group[0]) return []
    const times = group.map(one => one.key.sentAt)
    const from = Math.min(...times)
    const reach: Reach = {
      rule: rule.id,
      group: group[0].group,
      from: from - rule.within.ms,
      to: Math.max(...times) + rule.within.ms,
    }
    return [{ rule, from, until: Math.min(reach.to, Math.max(...times, now())), reach }]
  })
  const unsaid = await withoutSaid(watching, asked)
  const around = await selectAround(
    db,
    actor.house.corp,
    unsaid.map(one => one.reach),
  )
  const within = Map.groupBy(around, one => `${one.rule}|${one.group}`)
  const found = unsaid.flatMap(({ rule, from, reach }) =>
    complete(rule, within.get(`${rule.id}|${reach.group}`) ?? [], actor.house.zone, from).map(one => ({
      rule,
      found: one,
    })),
  )
  if (found.length === 0) return 0
  return inRedoableTransaction(db, tx => raise(tx, watching, found))
}

/**
 * Without those that have said all they can: a group is found once in a bucket. Reading a whole window again for every
 * message of a busy one (a night's messages of one person: 11 hours of them) would hold up the alerts behind it.
 */
async function withoutSaid({ db, actor: { house } }: Watching, asked: Asked[]): Promise<Asked[]> {
  const buckets = asked.map(({ rule, from, until }) => bucketsOf(rule, from, until, house.zone))
  const named = asked.flatMap(({ rule, reach }, i) =>
    (buckets[i] ?? []).map(bucket => ({ rule: rule.id, group: reach.group, bucket })),
  )
  const said = await selectSaid(db, house.corp, named)
  return asked.filter(({ rule, reach }, i) =>
    (buckets[i] ?? []).some(bucket => !said.has(`${rule.id}|${reach.group}|${bucket}`)),
  )
}

type Raising = { rule: Behaviour; found: Found }

/** Findings, their alerts and one job that tells of them, without what was found before. Returns how many were new. */
async function raise(
  tx: Tx,
  { actor, jobs }: Pick<Watching, 'actor' | 'jobs'>,
  all: Raising[],
): Promise<number> {
  const { corp } = actor.house
  const at = now()
  const fresh: (Raising & { id: string })[] = []
  for (const one of all) {
    const id = newId()
    if (await insertFinding(tx, corp, findingRow(one, id, at))) fresh.push({ ...one, id })
  }
  await mark(
    tx,
    actor,
    fresh
      .filter(({ found }) => !found.anchor.key.msgid.startsWith(EVENT_PREFIX))
      .flatMap(({ rule, found: { anchor } }) => [
        { key: anchor.key, kind: 'rule', value: rule.id },
        { key: anchor.key, kind: 'severity', value: rule.severity },
      ]),
  )
  const alerts = await insertAlerts(
    tx,
    corp,
    fresh.flatMap(({ id, rule, found: { anchor } }) => {
      if (rule.severity === 'P3') return []
      const { key, staff, counterpart, room } = anchor
      const alert = {
        id,
        key,
        severity: rule.severity,
        rules: [rule.id],
        staff,
        counterpart,
        room,
        raisedAt: at,
      }
      return [{ ...alert, behaviour: rule.id }]
    }),
  )
  if (alerts.length > 0) await jobs.enqueue(tx, RAISED, { corp, alerts })
  return fresh.length
}

function findingRow({ rule, found }: Raising, id: string, raisedAt: number): Finding {
  const { anchor, group, bucket, facts } = found
  return {
    ...{ id, rule: rule.id, version: rule.version, severity: rule.severity, group, bucket, facts, raisedAt },
    ...{ key: anchor.key, staff: anchor.staff },
    members: found.members.slice(-LISTED).map(one => ({
      ...one.key,
      who: rule.on.from === 'customer' && one.step === 'on' ? one.counterpart : one.staff,
      step: one.step,
    })),
  }
}

/** Of rules that count messages: those whose number is full are settled at once, without waiting for their time. */
async function settleReached(watching: Watching, waiting: Waiting[]): Promise<number> {
  const { db, actor, rules } = watching
  let raised = 0
  for (const one of waiting) {
    const rule = rules.find(candidate => candidate.id === one.rule)
    if (!rule || rule.messages === null) continue
    const full = await nthAfter(db, actor.house, one.key, rule.messages)
    if (full !== null && (await settle(watching, rule, one))) raised += 1
  }
  return raised
}

/**
 * What was waited for came, or it did not: then it is raised. Either way nothing is waited for any more. True when it was
 * raised.
 */
export async function settle(watching: Watching, rule: Behaviour, one: Waiting): Promise<boolean> {
  const { db, actor } = watching
  const { house } = actor
  const full = rule.messages === null ? null : await nthAfter(db, house, one.key, rule.messages)
  const until = Math.min(one.dueAt, full ?? one.dueAt)
  const came = await cameBy(watching, rule, one, until)
  return inRedoableTransaction(db, async tx => {
    await settleEvent(tx, house.corp, one)
    if (came) return false
    const facts = enough(rule, [one], [one], one, house.zone)
    if (!facts) return false
    const bucket = bucketOf(rule, one.key.sentAt, house.zone)
    const found = { rule: rule.id, group: one.group, bucket, anchor: one, members: [one], facts }
    return (await raise(tx, watching, [{ rule, found }])) > 0
  })
}

/** A rule that is gone waits for nothing. */
export async function forget({ db, actor }: Watching, one: Waiting): Promise<void> {
  await inRedoableTransaction(db, tx => settleEvent(tx, actor.house.corp, one))
}

async function cameBy(
  { db, actor: { house } }: Watching,
  rule: Behaviour,
  one: Waiting,
  until: number,
): Promise<boolean> {
  const from = one.key.sentAt
  if (rule.unless === 'reply' || rule.unless === 'any') {
    const direction = rule.unless === 'reply' ? ('staff' as const) : undefined
    const period = { from: from + rule.after, until, ...(direction ? { direction } : {}) }
    return (await firstWithin(db, house, one.key.convId, period)) !== null
  }
  const reach = { rule: rule.id, group: one.group, from: from - rule.before, to: until }
  const around = await selectAround(db, house.corp, [reach])
  return around.some(other => other.step === 'unless')
}
