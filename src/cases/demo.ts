import { type Actor, Fault, sql } from '../base/index.ts'
import type { ReviewMove, Tag } from './contract.ts'
import { type CaseDeps, makeMove } from './move.ts'

type Act = { by: 'officer' | 'lead'; move: ReviewMove; note?: string; tags?: Tag[] }
/** What a day has done so far, one line an alert, from the least grave up, so that the gravest still wait. */
const DAY: Act[][] = [
  [{ by: 'officer', move: 'violation', note: '话术含绝对化用语，已提醒并要求更正', tags: ['corrected'] }],
  [{ by: 'officer', move: 'false_positive', note: '引用的是监管宣传材料原文，并非推介' }],
  [{ by: 'officer', move: 'watch', note: '上下文不完整，请客户经理补充通话后再定' }],
  [{ by: 'officer', move: 'claim' }],
  [
    { by: 'officer', move: 'claim' },
    { by: 'officer', move: 'escalate', note: '疑似承诺补足亏损，客户已表示要转账，请负责人定性' },
  ],
  [
    { by: 'officer', move: 'escalate', note: '同一客户一周内第二次提到返点，请负责人判断' },
    { by: 'lead', move: 'return', note: '先调取该客户近三十日往来再报' },
    { by: 'officer', move: 'claim' },
  ],
]

/** For the demo: the moves of a day, each made as people make them. A move that does not begin there is left out. */
export async function furnishCases(deps: CaseDeps, officer: Actor, lead: Actor): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    SELECT alert_id::text AS id FROM review WHERE corp_id = ${officer.house.corp} AND state = 'open' AND NOT concealed
    ORDER BY severity DESC, sent_at LIMIT ${DAY.length}`.execute(deps.db)
  for (const [index, { id }] of rows.entries())
    for (const { by, ...act } of DAY[index] ?? [])
      await makeMove(deps, by === 'lead' ? lead : officer, id, act).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error
      })
}
