import { authoriseConversation, type MessageKey, type Opened, readMessages } from '../archive/index.ts'
import type { Actor, Db, House } from '../base/index.ts'
import { explain, factsOf, isModelRule, stepsOf } from '../detect/index.ts'
import { isConcealedCategory, isInChain } from '../policies/index.ts'
import type { HitView } from './contract.ts'
import { listener } from './detect-batch.ts'
import { type HitReading, openReading } from './hit-reading.ts'
import type { RuleSet } from './rules.ts'
import { type Assisted, assistance, READER_RULE } from './second-reading.ts'
import { type StoredHit, selectHitsBetween, selectHitsOf } from './store.ts'

/** A message as hits need it: its words, and who said them to whom. */
type Said = Pick<Opened, 'key' | 'texts' | 'direction' | 'room' | 'absent'>

/** Hits of opened messages. */
export async function hitsOf(db: Db, house: House, set: RuleSet, messages: Said[]): Promise<HitView[]> {
  const hits = await selectHitsOf(
    db,
    house.corp,
    messages.map(message => message.key),
  )
  return views(db, house, set, hits, messages)
}

/** Hits of one conversation between two moments, for the transcript. */
export async function conversationHits(
  db: Db,
  actor: Actor,
  set: RuleSet,
  query: { convId: string; from: number; to: number },
): Promise<HitView[]> {
  await authoriseConversation(db, actor, query.convId)
  const all = await selectHitsBetween(db, actor.house.corp, query.convId, query.from, query.to)
  const hits = all.filter(hit => !(isInChain(actor.role) && isConcealedCategory(hit.category)))
  return views(db, actor.house, set, hits, await readMessages(db, actor.house, keysOf(hits)))
}

const keysOf = (hits: StoredHit[]): MessageKey[] => [
  ...new Map(hits.map(hit => [hit.key.msgid, hit.key])).values(),
]

/** With what a second reader said of them, where there is one. */
async function views(
  db: Db,
  house: House,
  set: RuleSet,
  hits: StoredHit[],
  messages: Said[],
): Promise<HitView[]> {
  const assisted = await assistance(db, house, keysOf(hits))
  const said = new Map(messages.map(message => [message.key.msgid, message]))
  const out: HitView[] = []
  for (const hit of hits)
    out.push(
      hitView(set, hit, {
        message: said.get(hit.key.msgid),
        // How the words sound is the words.
        reading: said.get(hit.key.msgid)?.absent ? {} : await openReading(db, house, hit),
        assisted: said.get(hit.key.msgid)?.absent
          ? null
          : (assisted.get(`${hit.key.msgid}|${hit.rule}`) ?? null),
      }),
    )
  return out
}

/** Marks the part of a hit that stands in what was quoted; see detect-batch.ts. */
const QUOTED = '#quote'

type Known = { message: Said | undefined; reading: HitReading; assisted: Assisted | null }

function hitView(set: RuleSet, hit: StoredHit, { message, reading, assisted }: Known): HitView {
  const part = hit.part.replace(QUOTED, '')
  const quoted = hit.part.endsWith(QUOTED)
  const text = message?.texts.find(one => one.part === part)
  const name = nameOf(set, hit)
  const told = {
    matched: text?.text.slice(hit.start, hit.end) ?? '',
    ...reading,
    path: hit.path,
    audience: hit.audience === 'customer' ? ('customer' as const) : ('staff' as const),
    part: quoted ? ('quote' as const) : ('new' as const),
    verdict: hit.verdict as HitView['verdict'],
    grounds: hit.grounds ?? undefined,
    listener: message ? listener(message) : null,
    categoryName: name.categoryName,
  }
  const facts = factsOf(told)
  return {
    msgid: hit.key.msgid,
    rule: hit.rule,
    ...name,
    version: hit.ruleVersion.split('@')[0] ?? '',
    category: hit.category,
    model: isModelRule(hit),
    severity: hit.severity,
    verdict: told.verdict,
    audience: hit.audience,
    part,
    source: text?.label ?? null,
    quoted,
    start: hit.start,
    end: hit.end,
    matched: told.matched,
    sound: reading.sound ?? null,
    reads: reading.reads ?? null,
    // Of a hit from before, how it was read is not known: its steps stand as they were kept.
    path: hit.grounds ? stepsOf(told) : hit.path,
    facts: facts.said,
    small: facts.small,
    why: explain(told),
    assisted,
  }
}

function nameOf(set: RuleSet, hit: StoredHit): { ruleName: string; categoryName: string } {
  const rule = set.rules.get(hit.rule)
  if (rule) return { ruleName: rule.name, categoryName: rule.categoryName }
  if (hit.rule === READER_RULE) return { ruleName: '第二读者补充', categoryName: '模型辅助' }
  return { ruleName: hit.rule, categoryName: hit.category }
}

/** Which version of its rule made each hit: by `msgid|rule|part|start`. */
export async function hitVersions(db: Db, house: House, keys: MessageKey[]): Promise<Map<string, string>> {
  const hits = await selectHitsOf(db, house.corp, keys)
  return new Map(
    hits.map(hit => [
      `${hit.key.msgid}|${hit.rule}|${hit.part.replace(QUOTED, '')}|${hit.start}`,
      hit.ruleVersion,
    ]),
  )
}
