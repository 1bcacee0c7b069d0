import { type Config, inTransaction, type Log } from '../../base/index.ts'
import { verifyLog } from '../../notary/index.ts'
import { checkTrail, record } from '../../trail/index.ts'
import { openPremises } from '../house.ts'
import { sealNow } from '../services.ts'
import { verifyWhole } from '../whole.ts'
import { type Io, shellUser } from './io.ts'

/** Check the whole archive and the trail. Exit code 1, and the first bad index, when anything differs. */
export async function verifyCommand(
  config: Config,
  log: Log,
  io: Io,
  options: { json: boolean },
): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house, outside } = premises
    const archive = await verifyWhole(premises, { everyByte: true })
    const trail = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(tx => verifyLog(tx, house, outside, 'trail', checkTrail(tx, house)))
    const problems = [...archive.problems, ...trail.problems]
    const first = problems[0]
    const ok = problems.length === 0
    const note = first ? `${first.log} #${first.index ?? '无'}: ${first.what}` : undefined
    await inTransaction(db, tx =>
      record(tx, shellUser(house), {
        verb: 'archive.verified',
        thing: { kind: 'archive', id: 'ledger' },
        detail: { ok, leaves: archive.size, note },
      }),
    )
    const answer = {
      ok,
      messages: archive.messages,
      leaves: archive.size,
      pending: archive.pending,
      outside: archive.outsideSize,
      root: archive.root,
      trail: { leaves: trail.size, pending: trail.pending },
      firstBad: first ? { log: first.log, index: first.index, what: first.what, ref: first.ref } : null,
      problems: problems.length,
      milliseconds: archive.milliseconds,
    }
    if (options.json) io.out(JSON.stringify(answer))
    else sayVerdict(io, answer)
    await sealNow(premises)
    return ok ? 0 : 1
  } finally {
    await premises.close()
  }
}

type Answer = {
  ok: boolean
  messages: number
  leaves: number
  pending: number
  root: string
  firstBad: { log: string; index: number | null; what: string; ref: string | null } | null
  problems: number
  milliseconds: number
}

function sayVerdict(io: Io, answer: Answer): void {
  if (answer.firstBad) {
    const { log, index, what, ref } = answer.firstBad
    io.out(
      `校验未通过：共 ${answer.problems} 处。第一处在 ${log} 序号 ${index ?? '（账本中不存在）'}：${what}${ref ? `（${ref}）` : ''}`,
    )
  } else {
    io.out(
      `校验通过：${answer.messages} 条消息、${answer.leaves} 个存证叶与签名检查点一致，用时 ${answer.milliseconds} 毫秒`,
    )
    io.out(`根哈希 ${answer.root}`)
  }
  if (answer.pending > 0) io.out(`另有 ${answer.pending} 条尚未入链`)
}
