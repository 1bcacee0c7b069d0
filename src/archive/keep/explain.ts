import { type Actor, type Db, fail, sql } from '../../base/index.ts'
import { authoriseConversation } from '../transcript.ts'
import type { ExplainView } from './contract.ts'
import { holdsOver } from './held.ts'
import { type Candidate, dueOfMessage, factsNow } from './judge.ts'
import type { KeepDeps } from './requests.ts'
import { materialsOf } from './schedule.ts'
import { selectAnchors } from './store.ts'

/** Who may move what, in words a letter to a supervisor can quote. */
const MAY_CHANGE = [
  '保存期限只可上调：合规负责人提出，风控批准',
  '起算事件由合规负责人登记；较晚的日期为准',
  '保全由合规专员、合规负责人或风控设置，须由另一人解除',
  '销毁由合规负责人申请，风控批准，系统在执行时再次检查',
]

/** Why a message is kept and until when: lines that hit, what starts them, the last day, what bars its destruction. */
export async function explainRetention(
  deps: Pick<KeepDeps, 'db' | 'institution' | 'guards'>,
  actor: Actor,
  msgid: string,
): Promise<ExplainView> {
  const { db, institution, guards } = deps
  const { house } = actor
  const message = await messageBy(db, house.corp, msgid)
  if (!message) throw fail('thing.missing', { message: msgid })
  const { key } = message
  await authoriseConversation(db, actor, key.convId)
  const facts = await factsNow(db, house, institution, guards)
  const due = dueOfMessage(house, facts, await selectAnchors(db, house.corp, key.convId), message)
  const held = await holdsOver(db, house, facts.holds, key.convId, [key])
  const busy = await Promise.all(guards.map(guard => guard(db, house, [key])))
  return {
    key,
    materials: materialsOf(message),
    hits: due.hits.map(({ rule, years, startsOn, dueOn }) => ({
      ...{ rule: rule.id, basis: rule.basis, source: rule.source, start: rule.start, years, startsOn, dueOn },
    })),
    dueOn: due.dueOn,
    why: due.why,
    holds: held(key),
    underReview: busy.some(set => set.size > 0),
    purged: message.purged,
    mayChange: MAY_CHANGE,
  }
}

type Found = Candidate & { purged: ExplainView['purged'] }

async function messageBy(db: Db, corp: number, msgid: string): Promise<Found | null> {
  const { rows } = await sql<Omit<Found, 'key'> & { convId: string; sentAt: number }>`
    SELECT m.conv_id::text AS "convId", (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.kind, m.direction,
      m.from_party AS "from", m.meta ->> 'room' AS room, (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt",
      ARRAY(SELECT k.value FROM message_mark k WHERE k.corp_id = m.corp_id AND k.conv_id = m.conv_id AND k.sent_at = m.sent_at
        AND k.src_msgid = m.src_msgid AND k.kind = 'material') AS marks, false AS unsettled,
      (SELECT jsonb_build_object('request', q.id, 'number', q.number) FROM destroyed d JOIN purge_request q ON q.corp_id = d.corp_id
        AND q.id = d.request_id WHERE d.corp_id = m.corp_id AND d.conv_id = m.conv_id AND d.sent_at = m.sent_at
        AND d.src_msgid = m.src_msgid AND d.item = 'body') AS purged
    FROM message m WHERE m.corp_id = ${corp} AND m.src_msgid = ${msgid} LIMIT 1`.execute(db)
  const row = rows[0]
  if (!row) return null
  const { convId, sentAt, ...rest } = row
  return { key: { convId, sentAt, msgid }, ...rest }
}
