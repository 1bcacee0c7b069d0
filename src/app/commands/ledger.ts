import { parseArgs } from 'node:util'
import { type Config, fail, inTransaction, type Log } from '../../base/index.ts'
import { type EpochPlan, type LogId, openEpoch, planEpoch, type Seam } from '../../notary/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser } from './io.ts'

const LOGS: readonly LogId[] = ['archive', 'trail']
const MOST_REASON = 500
const USAGE = `用法：ledger epoch [--json]                    预演：恢复旧备份后丢了什么，开启新纪元会怎样
      ledger epoch --open --reason 理由     开启新纪元（理由会写入账本与库外文件，勿写个人信息）`

/**
 * `ledger epoch`: after a restore that fell behind the checkpoint outside. Without --open nothing is changed; exit code
 * 1 says that there is something to decide.
 */
export async function ledgerCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      open: { type: 'boolean', default: false },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const reason = values.reason?.trim() ?? ''
  const wrong = positionals.join(' ') !== 'epoch' || values.open !== (values.reason !== undefined)
  if (wrong || (values.open && (reason === '' || reason.length > MOST_REASON))) {
    io.err(USAGE)
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house, outside } = premises
    authorise(shellUser(house), 'ledger.epoch')
    const plans = await Promise.all(LOGS.map(name => planEpoch(db, house, outside, name)))
    if (values.json) io.out(JSON.stringify({ opened: values.open, plans }))
    else for (const plan of plans) sayPlan(io, plan)
    if (plans.some(plan => plan.state === 'diverged')) return 1
    const behind = plans.filter(plan => plan.state === 'behind')
    if (behind.length === 0) return 0
    if (!values.open) {
      if (!values.json)
        io.out('以上是预演，没有改动任何内容。确认没有更新的备份可恢复后：ledger epoch --open --reason 理由')
      return 1
    }
    await open(premises, behind, reason)
    if (!values.json) io.out('新纪元已开启，封存继续。请运行 verify 核对，并把库外检查点另存一份')
    return 0
  } finally {
    await premises.close()
  }
}

/** All logs that fell behind, and the entries that say so, in one transaction. */
async function open(premises: Premises, plans: readonly EpochPlan[], reason: string): Promise<void> {
  const { db, house, outside } = premises
  const actor = shellUser(house)
  await inTransaction(db, async tx => {
    for (const { log } of plans) {
      const seam = await openEpoch(tx, house, outside, log, { reason, by: actor.name })
      await record(tx, actor, {
        verb: 'ledger.epoch_opened',
        thing: { kind: 'ledger', id: log },
        detail: { epoch: seam.epoch, first: seam.first, databaseSize: seam.databaseSize, reason },
      })
    }
  })
  await sealNow(premises)
  for (const { log } of plans) {
    const [before, after] = [plans.find(plan => plan.log === log), await planEpoch(db, house, outside, log)]
    if (after.state !== 'level' || after.epoch === before?.epoch)
      throw fail('ledger.fork', { log, hint: 'the new epoch could not be copied outside; run verify' })
  }
}

function sayPlan(io: Io, plan: EpochPlan): void {
  for (const line of linesOf(plan)) io.out(line)
}

function linesOf({ log, state, epoch, outside, database, lost, pending }: EpochPlan): string[] {
  if (lost === null) return [`${log}：数据库 ${database.size} 条，不落后于库外检查点，无需处理`]
  const { from, to } = lost
  const head = `${log}：库外检查点 ${outside?.size} 条，数据库 ${database.size} 条，落后 ${to - from + 1} 条（#${from}–#${to}）`
  if (state === 'diverged')
    return [
      head,
      '  数据库不是库外账本的较早状态：两者之一被改写过。不能开启纪元；请保留现场，运行 verify 找出第一处差异',
    ]
  return [
    head,
    '  这些条目只剩库外哈希，内容不在这个数据库里。有更新的备份请先恢复它，不要开启纪元',
    '  企业微信仍保留的消息（五天内）可用 capture repull 补回，另行入链',
    `  开启后：第 ${epoch} 纪元从 #${to + 1} 起，待入链 ${pending} 条接着写入；旧检查点与证明仍可核对`,
  ]
}

/** What `verify` tells of an epoch. */
export function saySeam(log: LogId, seam: Seam): string {
  const lost = seam.first - seam.databaseSize
  const when = new Date(seam.at).toISOString().replace('T', ' ').slice(0, 16)
  return (
    `${log} 第 ${seam.epoch} 纪元自 #${seam.first} 起：${when} UTC 由 ${seam.by} 开启，理由“${seam.reason}”。` +
    `当时库外检查点 ${seam.first} 条，恢复的数据库只有 ${seam.databaseSize} 条；` +
    `#${seam.databaseSize}–#${seam.first - 1} 共 ${lost} 条只剩哈希，内容随旧备份丢失`
  )
}
