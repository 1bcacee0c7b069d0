import { type Config, inTransaction, type Log } from '../../base/index.ts'
import { record } from '../../trail/index.ts'
import { openPremises } from '../house.ts'
import { beginVerify } from '../integrity/verify-state.ts'
import { sealNow } from '../services.ts'
import { verifyEverything, type WholeReport } from '../whole.ts'
import { type Io, shellUser } from './io.ts'
import { saySeam } from './ledger.ts'

type Options = { json: boolean; resume?: boolean }

/**
 * Check the whole archive and the trail. Exit code 1, and the first bad index, when anything differs. Stopped by Ctrl-C
 * it says so with exit code 130, and `resume` goes on where it, or a run that was killed, had come to.
 */
export async function verifyCommand(config: Config, log: Log, io: Io, options: Options): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  let stopped = false
  const stop = (): void => {
    stopped = true
  }
  process.once('SIGINT', stop)
  try {
    const { db, house } = premises
    const begun = await beginVerify(premises, options.resume ?? false)
    if (begun.state.tree.size > 0) io.err(`从第 ${begun.state.tree.size} 个存证叶继续`)
    const { archive, trail, stamps, problems } = await verifyEverything(premises, {
      from: begun.state,
      after: async (state, found) => {
        await begun.keep(state, found.length)
        return !stopped
      },
    })
    if (!archive.whole && stopped) {
      io.err(`已中断：前 ${archive.size} 个存证叶已校验。用 verify --resume 继续`)
      return 130
    }
    await begun.end()
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
      stamps,
      epochs: [archive, trail].flatMap(({ log, epochs }) => epochs.map(seam => saySeam(log, seam))),
      firstBad: first ?? null,
      problems: problems.length,
      milliseconds: archive.milliseconds,
      stages: archive.stages,
      hashesPerSecond: archive.hashesPerSecond,
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
  stamps: WholeReport['stamps']
  epochs: string[]
  ok: boolean
  messages: number
  leaves: number
  pending: number
  root: string
  firstBad: { log: string; index: number | null; what: string; ref: string | null; file?: string } | null
  problems: number
  milliseconds: number
}

function sayVerdict(io: Io, answer: Answer): void {
  if (answer.firstBad) {
    const { log, index, what, ref, file } = answer.firstBad
    const place = [index === null ? '账本序号：无' : `序号 ${index}`, ...(file ? [`文件 ${file}`] : [])].join(
      '，',
    )
    io.out(
      `校验未通过：共 ${answer.problems} 处。第一处在 ${log}，${place}：${what}${ref ? `（${ref}）` : ''}`,
    )
  } else {
    io.out(
      `校验通过：${answer.messages} 条消息、${answer.leaves} 个存证叶与签名检查点一致，用时 ${answer.milliseconds} 毫秒`,
    )
    io.out(`根哈希 ${answer.root}`)
  }
  for (const said of answer.epochs) io.out(said)
  sayStamps(io, answer.stamps)
  if (answer.pending > 0) io.out(`另有 ${answer.pending} 条尚未入链`)
}

function sayStamps(io: Io, { believed, unanchored }: Answer['stamps']): void {
  if (believed + unanchored === 0) {
    io.out('没有时间戳可校验：检查点只有本机构自己的签名（未设 TONGJIAN_TSA_URL，或尚未取得）')
    return
  }
  io.out(`时间戳 ${believed + unanchored} 个，其中 ${believed} 个由受信任的时间戳机构签发`)
  if (unanchored > 0)
    io.out(
      `另有 ${unanchored} 个签名有效，但无法核对签发机构：用 TONGJIAN_TSA_CA 指定其根证书后再运行 verify`,
    )
}
