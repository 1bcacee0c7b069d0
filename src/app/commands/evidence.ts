import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { type Config, type Log, messageOf } from '../../base/index.ts'
import {
  differenceWords,
  listPackages,
  takePackage,
  tallyWords,
  UNCHECKED,
  verifyFile,
} from '../../evidence/index.ts'
import { openPremises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser, table } from './io.ts'

const USAGE = `用法：evidence list                       证据包清单
      evidence export 编号 --out 文件     取出已批准并制作完成的证据包
      evidence verify 文件 [--fingerprint 公钥指纹] [--json]   校验，不用数据库与网络

证据包由一人在页面申请、另一人批准后制作，数据库不接受同一人。命令行只能取出已制作完成的，
取出人记入操作日志；没有跳过批准的办法。`

/** `evidence list | export | verify`. */
export async function evidenceCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
      fingerprint: { type: 'string' },
    },
  })
  const [what, subject] = positionals
  if (what === 'verify' && subject) return verify(io, subject, values)
  if (what === 'list') return list(config, log, io)
  if (what === 'export' && subject && values.out) return exportOne(config, log, io, subject, values.out)
  io.err(USAGE)
  return 2
}

/** Exit code 1, and where the first difference is, when anything differs. */
async function verify(
  io: Io,
  file: string,
  options: { json?: boolean; fingerprint?: string },
): Promise<number> {
  const verdict = await verifyFile(file, { fingerprint: options.fingerprint }).catch(error => {
    io.err(`读不到 ${file}：${messageOf(error)}`)
    return null
  })
  if (verdict === null) return 2
  if (options.json) {
    const { facts, ...rest } = verdict
    io.out(JSON.stringify({ ...rest, facts: facts && { ...facts, files: facts.files.length } }))
    return verdict.ok ? 0 : 1
  }
  if (verdict.ok) io.out(`校验通过：证据包 ${verdict.facts?.number}，消息 ${verdict.facts?.messages} 条`)
  else {
    io.out('校验未通过')
    if (verdict.first) io.out(`第一处不一致：${differenceWords(verdict.first, 'zh')}`)
  }
  for (const tally of verdict.tallies)
    io.out(
      `  ${tally.wrong === 0 ? '✓' : '✗'} ${tallyWords(tally, 'zh')} ${tally.done} 项${tally.wrong > 0 ? `，${tally.wrong} 项不一致` : ''}`,
    )
  if (verdict.key) io.out(`公钥指纹 ${verdict.key.fingerprint}`)
  for (const stamp of verdict.stamps)
    io.out(`时间戳 ${stamp.at}，当时账本已有 ${stamp.size} 叶（${stamp.file}）`)
  io.out('没有检查的：')
  for (const words of UNCHECKED) io.out(`  · ${words.zh}`)
  return verdict.ok ? 0 : 1
}

async function list(config: Config, log: Log, io: Io): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house, outside } = premises
    const { items, fingerprint } = await listPackages(db, shellUser(house), outside, { limit: 200 })
    io.out(
      table(
        ['编号', '状态', '申请', '批准', '消息'],
        items.map(item => [
          item.number,
          item.state,
          item.requestedBy.account,
          item.decidedBy?.account ?? '—',
          String(item.messages),
        ]),
      ),
    )
    io.out(`公钥指纹 ${fingerprint}`)
    return 0
  } finally {
    await premises.close()
  }
}

async function exportOne(config: Config, log: Log, io: Io, number: string, out: string): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house, packages } = premises
    const file = await takePackage(db, shellUser(house), packages, { number })
    // Never over a file that is there.
    await pipeline(Readable.from(file.bytes()), createWriteStream(out, { flags: 'wx', mode: 0o600 }))
    await sealNow(premises)
    io.out(`${out}：${file.size} 字节。校验：tongjian evidence verify ${out}`)
    return 0
  } finally {
    await premises.close()
  }
}
