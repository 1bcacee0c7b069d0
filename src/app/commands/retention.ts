import { type ExplainView, explainRetention } from '../../archive/index.ts'
import type { Config, Log } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import { GUARDS } from '../keep.ts'
import { type Io, shellUser, table } from './io.ts'

/** `retention explain MSGID`: which lines hit, what starts them, the last day, and what bars a destruction. */
export async function retentionCommand(
  config: Config,
  log: Log,
  io: Io,
  msgid: string,
  json: boolean,
): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house } = premises
    const deps = { db, institution: config.institution, guards: GUARDS }
    const view = await explainRetention(deps, shellUser(house), msgid)
    if (json) io.out(JSON.stringify(view))
    else say(io, view)
    return 0
  } finally {
    await premises.close()
  }
}

const WHY = {
  no_period: '没有适用的期限，永久保存',
  no_class: '默认永久保存：这类资料没有经双人启用销毁',
  not_running: '起算事件尚未发生，期限未开始',
  running: '期限未满',
  over: '期限已满，可以申请销毁',
} as const
const SOURCE = { C: '法条原文', C2: '二手材料', M: '待核', D: '企业内部默认' } as const

function say(io: Io, view: ExplainView): void {
  if (view.purged) io.out(`已销毁，证书 ${view.purged.number}`)
  io.out(`${WHY[view.why]}${view.dueOn ? `；保存至 ${view.dueOn}` : ''}`)
  if (view.hits.length > 0) {
    const rows = view.hits.map(hit => [
      hit.rule,
      `${hit.years} 年`,
      hit.start === 'record' ? '记录生成' : hit.start,
      hit.startsOn ?? '未登记',
      hit.dueOn ?? '—',
      `${hit.basis}〔${SOURCE[hit.source]}〕`,
    ])
    io.out(table(['规则', '期限', '起算', '起算日', '到期日', '依据'], rows))
  }
  for (const hold of view.holds) io.out(`保全 ${hold.id}（${hold.cause}）：不得销毁`)
  if (view.underReview) io.out('有未结的预警复核：不得销毁')
  for (const line of view.mayChange) io.out(`· ${line}`)
}
