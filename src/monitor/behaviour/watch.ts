import { APPENDED, conversationId } from '../../archive/index.ts'
import {
  type Actor,
  causeOf,
  type Db,
  type House,
  type JobQueue,
  now,
  repeat,
  systemActor,
} from '../../base/index.ts'
import { capturedUpTo } from '../../capture/index.ts'
import { friendshipEnds } from '../../contacts/index.ts'
import { staffLeftSince } from '../../people/index.ts'
import type { Happening } from './contract.ts'
import { askAll, EVENT_PREFIX, forget, noteEvents, settle, type Watching } from './evaluate.ts'
import type { Occurrence } from './heard.ts'
import type { Behaviour, Step } from './pack.ts'
import { moveCursor, pruneEvents, selectCursor, selectDue } from './store.ts'

const LOOK_MS = 5000
const PAGE = 500
/** A writer that began earlier may commit later: this much is looked at again. */
const OVERLAP_MS = 60_000
/** What was just noted may be answered in the batch behind it. */
const SETTLED_MS = 5000
/** While detection is behind, an answer may lie in what it has not read; after this long it is asked all the same. */
const PATIENCE_MS = 600_000
/** Longer than any window that ships; a rule with a longer one keeps what it needs. */
const KEPT_MS = 100 * 86_400_000
const PRUNED = 20_000

/** What is no message wakes nobody: the clock, customers who left, staff who left. Looked at every five seconds. */
export function watchTime(
  db: Db,
  house: House,
  jobs: JobQueue,
  rules: () => readonly Behaviour[],
): { stop(): Promise<void> } {
  const actor = systemActor(house, 'monitor')
  return repeat(
    LOOK_MS,
    LOOK_MS,
    async () => {
      const watching: Watching = { db, actor, jobs, rules: rules() }
      await noteHappenings(watching)
      await settleDue(watching, await behind(jobs))
      await prune(watching)
    },
    error => house.log.error({ error: causeOf(error) }, 'behaviour rules could not look'),
  )
}

async function behind(jobs: JobQueue): Promise<boolean> {
  const counts = await jobs.counts()
  return counts.some(count => count.name === APPENDED.name && count.waiting > 0)
}

/**
 * Raise what did not happen in time. Told by the time messages bear: nothing is due before capture has come so far, and
 * while detection is behind nobody is blamed for an answer it has not read.
 */
export async function settleDue(watching: Watching, late: boolean): Promise<number> {
  const { db, actor, rules } = watching
  const known = new Map(rules.map(rule => [rule.id, rule]))
  const at = now()
  const captured = (await capturedUpTo(db, actor.house)) ?? at
  const noted = at - (late ? PATIENCE_MS : SETTLED_MS)
  let raised = 0
  for (;;) {
    const due = await selectDue(db, actor.house.corp, { due: Math.min(at, captured), noted }, PAGE)
    for (const one of due) {
      const rule = known.get(one.rule)
      if (!rule) await forget(watching, one)
      else if (await settle(watching, rule, one)) raised += 1
    }
    if (due.length < PAGE) return raised
  }
}

/** Note what happened between staff and customers without a message, and ask the rules of it. */
export async function noteHappenings(watching: Watching): Promise<number> {
  const { db, actor } = watching
  const { corp } = actor.house
  const wanting = watching.rules.filter(rule => stepsOf(rule).some(([, step]) => step.events.length > 0))
  if (wanting.length === 0) return 0
  let raised = 0
  let after = {
    recordedAt: Math.max(0, (await selectCursor(db, corp, 'follow')) - OVERLAP_MS),
    id: '00000000-0000-0000-0000-000000000000',
  }
  for (;;) {
    const ends = await friendshipEnds(db, actor.house, after, PAGE)
    const found = ends.flatMap(end =>
      occurrencesOf(wanting, end.kind, {
        key: {
          convId: conversationId(actor.house, { conversation: [end.userid, end.externalUserid].sort() }),
          sentAt: end.effectiveAt,
          msgid: `${EVENT_PREFIX}${end.id}`,
        },
        staff: end.userid,
        counterpart: end.externalUserid,
      }),
    )
    raised += await take(watching, found)
    const last = ends.at(-1)
    if (last) {
      after = { recordedAt: last.recordedAt, id: last.id }
      await moveCursor(db, corp, 'follow', last.recordedAt)
    }
    if (ends.length < PAGE) break
  }
  return raised + (await noteLeavers(watching, wanting))
}

async function noteLeavers(watching: Watching, wanting: readonly Behaviour[]): Promise<number> {
  const { db, actor } = watching
  const { corp } = actor.house
  const left = await staffLeftSince(db, actor.house, (await selectCursor(db, corp, 'staff')) - OVERLAP_MS)
  const found = left.flatMap(({ userid, at }) =>
    occurrencesOf(wanting, 'left', {
      key: {
        convId: conversationId(actor.house, { conversation: [userid] }),
        sentAt: at,
        msgid: `${EVENT_PREFIX}left:${userid}`,
      },
      staff: userid,
      counterpart: userid,
    }),
  )
  const raised = await take(watching, found)
  const last = left.at(-1)
  if (last) await moveCursor(db, corp, 'staff', last.at)
  return raised
}

async function take(watching: Watching, found: Occurrence[]): Promise<number> {
  await noteEvents(watching, found)
  return askAll(watching, found)
}

const stepsOf = (rule: Behaviour): ['on' | 'then', Step][] => [
  ['on', rule.on],
  ...(rule.followed ? [['then', rule.followed] as ['then', Step]] : []),
]

/** The steps of rules that wait for a happening. */
export function occurrencesOf(
  rules: readonly Behaviour[],
  kind: Happening,
  what: Pick<Occurrence, 'key' | 'staff' | 'counterpart'>,
): Occurrence[] {
  return rules.flatMap(rule =>
    stepsOf(rule)
      .filter(([, step]) => step.events.includes(kind))
      .map(([step]) => ({
        ...what,
        rule: rule.id,
        step,
        group: rule.by
          .map(one =>
            one === 'staff' ? what.staff : one === 'customer' ? what.counterpart : what.key.convId,
          )
          .join('|'),
        room: false,
      })),
  )
}

const pruned = new WeakMap<House, number>()
const PRUNE_EVERY_MS = 3_600_000

async function prune({
  db,
  actor,
  rules,
}: {
  db: Db
  actor: Actor
  rules: readonly Behaviour[]
}): Promise<void> {
  const at = now()
  if (at - (pruned.get(actor.house) ?? 0) < PRUNE_EVERY_MS) return
  const longest = Math.max(0, ...rules.map(rule => rule.within.ms + rule.before + rule.after))
  const gone = await pruneEvents(db, actor.house.corp, at - Math.max(KEPT_MS, 2 * longest), PRUNED)
  if (gone < PRUNED) pruned.set(actor.house, at)
}
