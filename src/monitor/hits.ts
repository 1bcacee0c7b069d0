import { authoriseConversation, type MessageKey } from '../archive/index.ts'
import type { Actor, Db, House } from '../base/index.ts'
import type { HitView } from './contract.ts'
import type { RuleSet } from './rules.ts'
import { type Assisted, assistance, READER_RULE } from './second-reading.ts'
import { type StoredHit, selectHitsBetween, selectHitsOf } from './store.ts'

/** Hits of messages, by key. */
export async function hitsOf(db: Db, house: House, set: RuleSet, keys: MessageKey[]): Promise<HitView[]> {
  return views(db, house, set, await selectHitsOf(db, house.corp, keys))
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
  return views(db, actor.house, set, hits)
}

/** With what a second reader said of them, where there is one. */
async function views(db: Db, house: House, set: RuleSet, hits: StoredHit[]): Promise<HitView[]> {
  const keys = [...new Map(hits.map(hit => [hit.key.msgid, hit.key])).values()]
  const assisted = await assistance(db, house, keys)
  return hits.map(hit => hitView(set, hit, assisted.get(`${hit.key.msgid}|${hit.rule}`) ?? null))
}

/** Marks the part of a hit that stands in what was quoted; see detect-batch.ts. */
const QUOTED = '#quote'

function hitView(set: RuleSet, hit: StoredHit, assisted: Assisted | null): HitView {
  return {
    msgid: hit.key.msgid,
    rule: hit.rule,
    ruleName: set.rules.get(hit.rule)?.name ?? (hit.rule === READER_RULE ? '第二读者补充' : hit.rule),
    category: hit.category,
    categoryName:
      set.rules.get(hit.rule)?.categoryName ?? (hit.rule === READER_RULE ? '模型辅助' : hit.category),
    severity: hit.severity,
    verdict: hit.verdict as HitView['verdict'],
    audience: hit.audience,
    part: hit.part.replace(QUOTED, ''),
    quoted: hit.part.endsWith(QUOTED),
    start: hit.start,
    end: hit.end,
    path: hit.path,
    assisted,
  }
}
