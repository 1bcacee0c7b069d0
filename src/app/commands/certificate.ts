import { type Config, fail, type Log, now } from '../../base/index.ts'
import { type CertificateView, certify, dayBefore, repull } from '../../capture/index.ts'
import { authorise } from '../../people/index.ts'
import { openArchiveSource } from '../../wecom/index.ts'
import { openPremises } from '../house.ts'
import { sealNow, startServices } from '../services.ts'
import { type Io, shellUser } from './io.ts'

/** `certificate [DATE] [--json]`: the completeness certificate of a local day, yesterday's without one. */
export async function certificateCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const json = args.includes('--json')
  const [given] = args.filter(arg => arg !== '--json')
  if (given !== undefined && !isDay(given)) {
    io.err('用法：certificate [YYYY-MM-DD] [--json]')
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house, outside } = premises
    const actor = shellUser(house)
    authorise(actor, 'system.read')
    const day = given ?? dayBefore(now(), house.zone)
    const made = await certify({ db, actor, outside, source: config.wecom?.source ?? 'sdk' }, day)
    await sealNow(premises)
    const { fresh, ...view } = made
    if (json) io.out(JSON.stringify(view))
    else say(io, view, fresh)
    return 0
  } finally {
    await premises.close()
  }
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
}

function say(io: Io, view: CertificateView, fresh: boolean): void {
  const { certificate: c } = view
  io.out(`${c.day} 完整性证明 第 ${c.revision} 版${fresh ? '' : '（内容未变，沿用已出具的一版）'}`)
  io.out(`消息 ${c.messages.total} 条，员工 ${c.people.length} 人，客户 ${c.customers.people} 人`)
  if (c.messages.late > 0) io.out(`其中 ${c.messages.late} 条由重新拉取补回`)
  io.out(`席位 ${c.seats.licensed ?? '未知'}，当日有消息的成员 ${c.seats.archived} 人`)
  io.out(
    `原件 ${list(c.media)}；隔离 ${c.quarantine.reduce((n, q) => n + q.waiting, 0)} 条，冲突 ${c.conflicts} 条`,
  )
  io.out('无从得知的部分：')
  for (const thing of c.unknown) io.out(`  · ${thing.said}`)
  io.out(`SHA-256 ${view.sha256}`)
}

function list(states: Record<string, number>): string {
  const words = Object.entries(states).map(([state, n]) => `${state} ${n}`)
  return words.length === 0 ? '无' : words.join('、')
}

/** `capture repull`: pull the open window again and hold it against the archive. Exit code 1 when something was missing. */
export async function captureCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  if (args[0] !== 'repull' || !config.wecom) {
    io.err(config.wecom ? '用法：capture repull' : '未配置 WECOM_*，没有可以拉取的来源')
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  const services = await startServices(premises, { capture: false })
  const source = openArchiveSource(config.wecom)
  try {
    const actor = shellUser(premises.house)
    authorise(actor, 'archive.import')
    const done = await repull({ db: premises.db, actor, jobs: services.jobs, source })
    if (!done) throw fail('thing.missing', { hint: '还没有采集过，没有可以比对的内容' })
    io.out(
      `重新拉取 ${done.records} 条（seq ${done.fromSeq} 之后至 ${done.toSeq}），补回 ${done.late} 条，隔离 ${done.quarantined} 条`,
    )
    return done.late + done.quarantined > 0 ? 1 : 0
  } finally {
    await source.close()
    await services.stop()
    await premises.close()
  }
}
