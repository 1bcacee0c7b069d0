import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Config, type Log, messageOf } from '../../base/index.ts'
import { ownSample, REDRAW_WORDS, type RedrawVerdict, redraw } from '../../cases/index.ts'
import { openPremises } from '../house.ts'
import type { Io } from './io.ts'

const USAGE = `用法：sample redraw 文件 [--fingerprint 公钥指纹] [--json]   校验并重新抽取，不用数据库与网络
      sample redraw --plan 编号 [--json]                   在本机归档上重新抽取

抽样文件在“抽检与检查”页导出。重新抽取与登记的不一致时退出码为 1，并说明是哪一处。`

/** `sample redraw`: exit code 1 where anything differs from what was registered. */
export async function sampleCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      plan: { type: 'string' },
      fingerprint: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [what, file] = positionals
  if (what !== 'redraw' || (file === undefined) === (values.plan === undefined)) {
    io.err(USAGE)
    return 2
  }
  const verdict =
    values.plan === undefined
      ? await ofFile(io, file ?? '', values.fingerprint)
      : await ofArchive(config, log, values.plan)
  if (verdict === null) return 2
  if (values.json) io.out(JSON.stringify(verdict))
  else tell(io, verdict)
  return verdict.ok ? 0 : 1
}

async function ofFile(io: Io, file: string, fingerprint?: string): Promise<RedrawVerdict | null> {
  try {
    const lines = createInterface({
      input: createReadStream(file, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })
    return await redraw(lines, { fingerprint })
  } catch (error) {
    io.err(`读不到 ${file}：${messageOf(error)}`)
    return null
  }
}

async function ofArchive(config: Config, log: Log, plan: string): Promise<RedrawVerdict> {
  const { db, house, outside, close } = await openPremises(config, log, { mode: 'command' })
  try {
    return await redraw(await ownSample(db, house, outside, plan))
  } finally {
    await close()
  }
}

function tell(io: Io, verdict: RedrawVerdict): void {
  const { facts } = verdict
  if (verdict.ok) io.out(`重新抽取一致：计划 ${facts?.number}，样本 ${facts?.drawn.length} 个`)
  else {
    io.out('重新抽取不一致')
    if (verdict.fault)
      io.out(`  ${REDRAW_WORDS[verdict.fault]}${verdict.where === null ? '' : `（${verdict.where}）`}`)
  }
  if (!facts) return
  io.out(`  检查点：前 ${facts.size} 个叶`)
  io.out(`  种子 ${facts.seed}`)
  io.out(`  抽取范围 ${facts.population} 个单元，消息 ${facts.messages} 条`)
  io.out(`  公钥指纹 ${facts.fingerprint}（请与机构另行公布的核对）`)
  if (verdict.ok) for (const [i, id] of facts.drawn.entries()) io.out(`  ${i + 1}. ${id}`)
}
