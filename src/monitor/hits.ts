import { authoriseConversation, type MessageKey } from '../archive/index.ts'
import type { Actor, Db, House } from '../base/index.ts'
import type { HitView } from './contract.ts'
import type { RuleSet } from './rules.ts'
import { type StoredHit, selectHitsBetween, selectHitsOf } from './store.ts'

/** Hits of messages, by key. */
export async function hitsOf(db: Db, house: House, set: RuleSet, keys: MessageKey[]): Promise<HitView[]> {
  return (await selectHitsOf(db, house.corp, keys)).map(hit => hitView(set, hit))
}

/** Hits of one conversation between two moments, for the transcript. */
export async function conversationHits(
  db: Db,
  actor: Actor,
  set: RuleSet,
  query: { convId: string; from: number; to: number },
): Promise<HitView[]> {
  await authoriseConversation(db, actor, query.convId)
  const hits = await selectHitsBetween(db, actor.house.corp, query.convId, query.from, query.to)
  return hits.map(hit => hitView(set, hit))
}

/** Marks the part of a hit that stands in what was quoted; see detect-batch.ts. */
const QUOTED = '#quote'

function hitView(set: RuleSet, hit: StoredHit): HitView {
  return {
    msgid: hit.key.msgid,
    rule: hit.rule,
    ruleName: set.rules.get(hit.rule)?.name ?? hit.rule,
    category: hit.category,
    categoryName: set.rules.get(hit.rule)?.categoryName ?? hit.category,
    severity: hit.severity,
    verdict: hit.verdict as HitView['verdict'],
    audience: hit.audience,
    part: hit.part.replace(QUOTED, ''),
    quoted: hit.part.endsWith(QUOTED),
    start: hit.start,
    end: hit.end,
    path: hit.path,
  }
}
