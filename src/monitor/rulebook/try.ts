import type { z } from 'zod'
import { readBefore, readSpoken, readTranscript, type Spoken } from '../../archive/index.ts'
import { type Actor, fail, inTransaction } from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import { type ContextLine, explain, type Hit, isAlert } from '../../detect/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { hitsIn, listener } from '../detect-batch.ts'
import type { RuleSet } from '../rules.ts'
import { REACH, Turns } from '../turns.ts'
import { selectBacktest, selectPredicted } from './backtest-store.ts'
import type { ExampleList, TryResult, tryAsk } from './contract.ts'
import { compileDraft, type RulebookDeps } from './deps.ts'
import { openText } from './sealed.ts'
import { selectDraft } from './store.ts'

const LINES = 40
const MOST_EXAMPLES = 20
const MOST_TEXT = 240

/** What the draft makes of a conversation, or of pasted lines; compiled apart, and kept compiled while it is tried. */
export async function tryDraft(
  deps: RulebookDeps,
  actor: Actor,
  id: string,
  input: z.infer<typeof tryAsk>,
): Promise<TryResult> {
  authorise(actor, 'rule.draft')
  const began = performance.now()
  const { db, house } = deps
  const row = await selectDraft(db, house.corp, id)
  if (!row) throw fail('thing.missing', { draft: id })
  const text = await openText(db, house, 'text', id, row.text)
  const { set, trouble } = await compileDraft(deps, { name: row.file, text })
  const done = (lines: TryResult['lines']): TryResult => ({
    trouble,
    ms: Math.round(performance.now() - began),
    lines,
  })
  if (!set) return done([])
  const own = new Set(
    row.focus === null
      ? [...set.rules.values()].filter(rule => rule.file === row.file).map(rule => rule.id)
      : [row.focus],
  )
  const lines =
    input.convId === undefined
      ? pasted(set, input, own)
      : await conversation(deps, actor, set, input.convId, own)
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'rule.tried',
      thing: { kind: 'rule_draft', id },
      detail: { shown: lines.length, ...(input.convId === undefined ? {} : { conversation: input.convId }) },
    }),
  )
  return done(lines)
}

/** Each line is one message; those before it lend their words, as in a talk. */
function pasted(
  set: RuleSet,
  { text = '', from }: z.infer<typeof tryAsk>,
  own: Set<string>,
): TryResult['lines'] {
  const lines = text
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(0, LINES)
  return lines.map((line, i) => {
    const context: ContextLine[] = lines
      .slice(Math.max(0, i - REACH.most), i)
      .map(said => ({ text: said, from, own: true }))
    const hits = set.engine.detect({ text: line, from, context })
    return {
      id: String(i),
      from,
      who: '',
      at: null,
      text: line,
      alert: isAlert(hits, from),
      hits: hits.map(hit => shownHit(set, hit, own, null)),
    }
  })
}

async function conversation(
  deps: RulebookDeps,
  actor: Actor,
  set: RuleSet,
  convId: string,
  own: Set<string>,
): Promise<TryResult['lines']> {
  const { db, house } = deps
  // The look is the transcript's: who may see it, and that he did, is decided and recorded there.
  const seen = await readTranscript(db, actor, convId, { limit: LINES, recalled: 'shown' })
  const names = new Map(seen.items.map(item => [item.key.msgid, item.from.name]))
  const said = await readSpoken(
    db,
    house,
    seen.items.map(item => item.key),
  )
  const turns = new Turns()
  return Turns.order(
    [],
    said,
    seen.items.map(item => item.key),
  ).flatMap(message => {
    const before = turns.before(message)
    turns.remember(message)
    return linesOf(set, message, before, own).map(line => ({
      ...line,
      who: names.get(message.key.msgid) ?? '',
    }))
  })
}

function linesOf(set: RuleSet, message: Spoken, before: ContextLine[], own: Set<string>): TryResult['lines'] {
  const from = message.direction === 'customer' ? 'customer' : 'staff'
  const hits = hitsIn(set, message, before)
  return message.texts.map(({ part, text }) => {
    const here = hits.filter(hit => hit.textPart === part)
    return {
      id: `${message.key.msgid} ${part}`,
      from,
      who: '',
      at: message.key.sentAt,
      text,
      alert: isAlert(here, from),
      hits: here.map(hit => shownHit(set, hit, own, listener(message))),
    }
  })
}

function shownHit(
  set: RuleSet,
  hit: Hit,
  own: Set<string>,
  heard: ReturnType<typeof listener> | null,
): TryResult['lines'][number]['hits'][number] {
  const rule = set.rules.get(hit.rule)
  return {
    rule: hit.rule,
    name: rule?.name ?? hit.rule,
    severity: hit.severity,
    start: hit.start,
    end: hit.end,
    why: explain({
      ...hit,
      ...(heard === null ? {} : { listener: heard }),
      categoryName: rule?.categoryName,
    }),
    changed: own.has(hit.rule),
  }
}

/** The newest messages a backtest speaks of, with the words it speaks for. Every look is in the trail. */
export async function readExamples(
  deps: RulebookDeps,
  actor: Actor,
  id: string,
  change: 'new' | 'both' | 'gone',
): Promise<ExampleList> {
  authorise(actor, 'message.read')
  const { db, house } = deps
  const backtest = await selectBacktest(db, house.corp, id)
  const draft = backtest && (await selectDraft(db, house.corp, backtest.draft))
  if (!backtest || !draft || draft.hash !== backtest.hash) throw fail('thing.missing', { backtest: id })
  const predicted = await selectPredicted(db, house.corp, id, { change, limit: MOST_EXAMPLES })
  const text = await openText(db, house, 'text', draft.id, draft.text)
  const { set } = await compileDraft(deps, { name: draft.file, text })
  const judge = change === 'gone' || !set ? deps.live.current() : set
  const keys = predicted.map(one => one.key)
  const said = new Map((await readSpoken(db, house, keys)).map(message => [message.key.msgid, message]))
  const earlier = await readBefore(db, house, keys, REACH)
  const names = await partiesOf(
    db,
    house,
    predicted.map(one => one.staff),
  )
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'rule.backtest_read',
      thing: { kind: 'rule_draft', id: draft.id },
      detail: { backtest: id, shown: predicted.length },
    }),
  )
  return {
    items: predicted.flatMap(one => {
      const message = said.get(one.key.msgid)
      if (!message || message.absent) return []
      const turns = new Turns()
      for (const line of earlier)
        if (line.key.convId === one.key.convId && line.key.sentAt <= one.key.sentAt) turns.remember(line)
      const hits = hitsIn(judge, message, turns.before(message)).filter(hit => one.rules.includes(hit.rule))
      const first = hits[0]
      const body =
        message.texts.find(text => text.part === first?.textPart)?.text ?? message.texts[0]?.text ?? ''
      const start = Math.max(0, Math.min((first?.start ?? 0) - 40, body.length - MOST_TEXT))
      return [
        {
          ...one.key,
          change: one.change,
          severity: one.severity,
          rules: one.rules,
          staff: names.get(one.staff)?.name ?? one.staff,
          text: body.slice(start, start + MOST_TEXT),
          spans: hits
            .filter(
              hit => hit.textPart === first?.textPart && hit.start >= start && hit.start < start + MOST_TEXT,
            )
            .map(hit => ({
              start: hit.start - start,
              end: Math.min(hit.end - start, MOST_TEXT),
              severity: hit.severity,
            })),
          why: first
            ? explain({
                ...first,
                listener: listener(message),
                categoryName: judge.rules.get(first.rule)?.categoryName,
              })
            : '',
        },
      ]
    }),
  }
}
