import { parseArgs } from 'node:util'
import {
  armFailpoint,
  type Config,
  createLog,
  Fault,
  forgetKeys,
  type Log,
  loadConfig,
  messageOf,
} from '../../base/index.ts'
import { accountCommand } from './account.ts'
import { captureCommand, certificateCommand } from './certificate.ts'
import { doctorCommand } from './doctor.ts'
import { evidenceCommand } from './evidence.ts'
import { gramsCommand } from './grams.ts'
import { importCommand } from './import.ts'
import { type Io, terminal } from './io.ts'
import { keysCommand } from './keys.ts'
import { ledgerCommand } from './ledger.ts'
import { migrateCommand } from './migrate.ts'
import { quarantineCommand } from './quarantine.ts'
import { retentionCommand } from './retention.ts'
import { rulesBacktestCommand, rulesListCommand, rulesTestCommand, scanCommand } from './rules.ts'
import { sampleCommand } from './sample.ts'
import { inLeanProcess, searchCommand } from './search.ts'
import { serveCommand, workCommand } from './serve.ts'
import { verifyCommand } from './verify.ts'
import { wecomRegisterCommand } from './wecom.ts'

/** Commands that live in folders below this one (the simulator, the benchmarks) are handed in by bin/. */
export type Outer = {
  demo(config: Config, log: Log, io: Io): Promise<number>
  bench(args: string[], io: Io): Promise<number>
}

const HELP = `用法：npm run -s tongjian -- <命令>
  serve                     启动服务（生产）
  work                      只启动后台处理
  migrate                   升级数据库结构
  doctor                    检查环境并说明如何处理
  account add|reset|disable NAME …   建立账号 · 换密码 · 停用
  import FILE…              导入已解密的企微消息，每行一个 JSON
  quarantine retry          补齐私钥后，重试隔离区中解不开的记录
  capture repull            重新拉取平台仍保留的消息，逐条与归档比对
  certificate [DATE] [--json]   某日（默认昨日）的完整性证明
  retention explain MSGID [--json]   某条消息为何保存、到何时、谁能改
  scan [FILE]               逐行判读文本，不用数据库
  rules test|list           规则自带用例 · 规则清单
  rules backtest FILE       草案规则包在已归档消息上的预警数
  search QUERY [--json] [--fold] [--limit N]   --fold 按页面的检索语法
  search QUERY --export FILE --reason 理由      导出全部命中（.csv 或 .jsonl）
  verify [--json] [--resume]  校验整个归档；中断后用 --resume 从停下处继续
  grams rebuild             补建缺失的检索索引，可随时中断再来
  ledger epoch [--open --reason 理由]   恢复旧备份后：预演 · 开启账本新纪元
  keys status [--json]      数据密钥由哪把主密钥封装，是否都能打开
  keys rotate               更换主密钥：重新封装全部数据密钥，正文不动
  evidence list|export|verify   证据包清单 · 取出已批准的 · 校验（不用数据库与网络）
  sample redraw FILE|--plan 编号   校验抽样文件并重新抽取（不用数据库） · 在本机归档上重新抽取
  wecom register            企业微信接口清单（docs/WECOM-APIS.md）
  bench NAME [--n N]        性能测试
  demo                      演示（npm start）`

/** Run one command line. Answers go to stdout, everything else to stderr; the exit code is the verdict. */
export async function runCommand(argv: string[], outer: Outer, io: Io = terminal): Promise<number> {
  const [name = 'help', ...args] = argv
  try {
    const config = loadConfig()
    forgetKeys()
    armFailpoint(config.failpoint)
    const log = createLog(config.logLevel)
    return await dispatch(name, args, config, log, io, outer)
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS'))
      return usage(io, messageOf(error))
    io.err(error instanceof Fault ? `错误 ${error.message}` : `错误 ${messageOf(error)}`)
    return 1
  }
}

async function dispatch(
  name: string,
  args: string[],
  config: Config,
  log: Log,
  io: Io,
  outer: Outer,
): Promise<number> {
  switch (name) {
    case 'demo':
      return outer.demo(config, log, io)
    case 'serve':
      return serveCommand(config, log, io)
    case 'work':
      return workCommand(config, log, io)
    case 'migrate':
      return migrateCommand(config, log, io)
    case 'doctor':
      return doctorCommand(config, quiet(config), io)
    case 'account':
      return accountCommand(config, quiet(config), io, args)
    case 'import':
      return args.length === 0
        ? usage(io, 'import 需要至少一个文件')
        : importCommand(config, quiet(config), io, args)
    case 'keys':
      return keysCommand(config, quiet(config), io, args)
    case 'quarantine':
      return quarantineCommand(config, quiet(config), io, args)
    case 'capture':
      return captureCommand(config, quiet(config), io, args)
    case 'certificate':
      return certificateCommand(config, quiet(config), io, args)
    case 'retention':
      return args[0] === 'explain' && args[1]
        ? retentionCommand(config, quiet(config), io, args[1], args.includes('--json'))
        : usage(io, 'retention 之后是 explain MSGID')
    case 'scan':
      return scanCommand(config, io, args[0])
    case 'rules':
      return rulesDispatch(args, config, io)
    case 'search':
      return searchDispatch(args, config, io)
    case 'verify':
      return verifyCommand(config, quiet(config), io, {
        json: args.includes('--json'),
        resume: args.includes('--resume'),
      })
    case 'grams':
      return args[0] === 'rebuild'
        ? gramsCommand(config, quiet(config), io)
        : usage(io, 'grams 之后是 rebuild')
    case 'ledger':
      return ledgerCommand(config, quiet(config), io, args)
    case 'evidence':
      return evidenceCommand(config, quiet(config), io, args)
    case 'sample':
      return sampleCommand(config, quiet(config), io, args)
    case 'wecom':
      return args[0] === 'register' ? wecomRegisterCommand(io) : usage(io, 'wecom 之后是 register')
    case 'bench':
      return outer.bench(args, io)
    default:
      return usage(io, name === 'help' ? undefined : `没有命令 ${name}`)
  }
}

/** A shell command shows its answer; the server's log lines would only be in the way. */
function quiet(config: Config): Log {
  return createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
}

function usage(io: Io, problem?: string): number {
  if (problem) io.err(problem)
  io.err(HELP)
  return problem ? 2 : 0
}

function rulesDispatch(args: string[], config: Config, io: Io): Promise<number> | number {
  const [what, file] = args
  if (what === 'test') return rulesTestCommand(io)
  if (what === 'list') return rulesListCommand(config, io)
  if (what === 'backtest' && file) return rulesBacktestCommand(config, quiet(config), io, file)
  return usage(io, 'rules 之后是 test、list 或 backtest FILE')
}

function searchDispatch(args: string[], config: Config, io: Io): Promise<number> | number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      fold: { type: 'boolean', default: false },
      staff: { type: 'string' },
      customer: { type: 'string' },
      limit: { type: 'string' },
      export: { type: 'string' },
      reason: { type: 'string' },
    },
  })
  const [query] = positionals
  if (query === undefined) return usage(io, 'search 需要检索词')
  const limit = values.limit === undefined ? undefined : Number(values.limit)
  if (values.export !== undefined && (values.reason ?? '').trim().length < 4)
    return usage(io, '--export 需要 --reason，写明为何导出（至少 4 个字）')
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) return usage(io, '--limit 是正整数')
  const lean = values.export === undefined ? null : inLeanProcess(args)
  if (lean) return lean
  return searchCommand(config, quiet(config), io, query, {
    json: values.json,
    fold: values.fold,
    staff: values.staff,
    customer: values.customer,
    limit,
    export: values.export,
    reason: values.reason,
  })
}
