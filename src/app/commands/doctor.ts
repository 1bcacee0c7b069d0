import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import {
  type Config,
  Fault,
  fail,
  type Log,
  messageOf,
  now,
  systemActor,
  type WecomConfig,
} from '../../base/index.ts'
import {
  type CallbackState,
  callbackState,
  captureState,
  countQuarantine,
  lagOf,
  ocrLoads,
} from '../../capture/index.ts'
import { loadRules } from '../../monitor/index.ts'
import { logState, stampState } from '../../notary/index.ts'
import { checkLibrary, loadArchiveKeys } from '../../wecom/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { deliveryFindings } from './doctor-delivery.ts'
import { checkMasterKey, checkRotation } from './doctor-keys.ts'
import { checkWecomOnline } from './doctor-wecom.ts'
import type { Io } from './io.ts'

export type Finding = { level: '正常' | '注意' | '错误'; what: string; remedy?: string }
const LEAST_DISK_GB = 5

/** Say what is wrong and how to mend it. Exit 1 when something is. */
export async function doctorCommand(config: Config, log: Log, io: Io): Promise<number> {
  const findings: Finding[] = [
    ...checkMachine(config),
    ...checkMasterKey(config),
    ...checkRules(config),
    ...checkWecom(config),
    ...(await checkReaders(config)),
  ]
  let seq = 0
  try {
    const premises = await openPremises(config, log, { mode: 'command' })
    try {
      findings.push({ level: '正常', what: `数据库可用，结构为最新；机构 ${premises.house.corpid}` })
      findings.push(...(await checkRotation(premises)), ...(await checkData(premises)))
      seq = (await cursorOf(premises))?.seq ?? 0
    } finally {
      await premises.close()
    }
  } catch (error) {
    const hint =
      error instanceof Fault && typeof error.details.hint === 'string' ? error.details.hint : undefined
    findings.push({
      level: '错误',
      what: `打不开数据：${messageOf(error)}`,
      remedy: hint ?? '按上面的信息处理后再运行 doctor',
    })
  }
  if (config.wecom) findings.push(...(await checkWecomOnline(config.wecom, seq)))
  for (const finding of findings)
    io.out(`${finding.level}  ${finding.what}${finding.remedy ? `\n      处理：${finding.remedy}` : ''}`)
  return findings.some(finding => finding.level === '错误') ? 1 : 0
}

function checkMachine(config: Config): Finding[] {
  const findings: Finding[] = []
  const major = Number(process.versions.node.split('.')[0])
  findings.push(
    major >= 24
      ? { level: '正常', what: `Node ${process.versions.node}` }
      : {
          level: '错误',
          what: `Node ${process.versions.node} 过旧`,
          remedy: '通过 npm 脚本运行，它使用自带的 Node 24',
        },
  )
  if (!existsSync(config.dataDir))
    return [...findings, { level: '注意', what: `数据目录 ${config.dataDir} 尚不存在，首次运行时创建` }]
  try {
    accessSync(config.dataDir, constants.W_OK)
    const disk = statfsSync(config.dataDir)
    const free = (disk.bavail * disk.bsize) / 1e9
    findings.push(
      free >= LEAST_DISK_GB
        ? { level: '正常', what: `数据目录可写，余 ${free.toFixed(0)} GB` }
        : {
            level: '错误',
            what: `磁盘只余 ${free.toFixed(1)} GB`,
            remedy: '扩容；磁盘写满时采集会停下，五天内未恢复则企微侧数据消失',
          },
    )
  } catch {
    findings.push({
      level: '错误',
      what: `数据目录 ${config.dataDir} 不可写`,
      remedy: '把目录交给运行本程序的用户',
    })
  }
  return findings
}

function checkRules(config: Config): Finding[] {
  try {
    const set = loadRules(config.institution)
    return [
      {
        level: '正常',
        what: `规则 ${set.rules.size} 条（附加层：${set.packs.layer?.name ?? '无'}），版本 ${set.version}`,
      },
    ]
  } catch (error) {
    return [
      {
        level: '错误',
        what: `规则包有误：${messageOf(error)}`,
        remedy: '按提示修改 rules/ 下的文件，再运行 rules test',
      },
    ]
  }
}

async function checkReaders(config: Config): Promise<Finding[]> {
  return [
    (await ocrLoads())
      ? { level: '正常', what: '图片文字识别与二维码可用' }
      : {
          level: '注意',
          what: '图片文字识别未安装：图片和扫描件不识别，只作标记',
          remedy: '在安装目录运行 npm ci --include=optional；本机系统不受支持时由抽查覆盖图片',
        },
    config.asrCommand
      ? { level: '正常', what: `语音转写命令 ${config.asrCommand[0] ?? ''}` }
      : { level: '注意', what: '未配置语音转写：语音只作标记，供抽查', remedy: '设置 TONGJIAN_ASR_COMMAND' },
  ]
}

function checkWecom(config: Config): Finding[] {
  const { wecom } = config
  if (!wecom)
    return [
      {
        level: '注意',
        what: '未配置 WECOM_*，不采集',
        remedy: '按 .env.example 设置 WECOM_CORPID、WECOM_ARCHIVE_SECRET、WECOM_CONTACT_SECRET',
      },
    ]
  const findings: Finding[] = []
  if (wecom.source === 'sdk') findings.push(checkSdk(wecom))
  findings.push(checkKeys(wecom))
  return findings
}

function checkKeys(wecom: WecomConfig): Finding {
  try {
    const keys = loadArchiveKeys(wecom.archiveKeys)
    if (keys.size > 0) return { level: '正常', what: `存档私钥 ${[...keys.keys()].join('、')} 号` }
    return {
      level: '错误',
      what: `${wecom.archiveKeys} 中没有私钥`,
      remedy: '把每个版本的私钥放为 <publickey_ver>.pem',
    }
  } catch (error) {
    return {
      level: '错误',
      what: `存档私钥读不出来：${messageOf(error)}`,
      remedy: '放入不带口令的 PEM 私钥（BEGIN PRIVATE KEY），不是上传给企业微信的公钥',
    }
  }
}

function checkSdk(wecom: WecomConfig): Finding {
  try {
    if (!wecom.sdk) throw fail('config.invalid', { hint: '未设置 WECOM_SDK_LIBRARY' })
    const { version } = checkLibrary(wecom.sdk)
    return { level: '正常', what: `会话存档 SDK ${version} 校验一致` }
  } catch (error) {
    const { reason, hint } = error instanceof Fault ? error.details : {}
    return {
      level: '错误',
      what: `会话存档 SDK 不能使用：${SDK_TROUBLE[String(reason)] ?? messageOf(error)}`,
      remedy: typeof hint === 'string' ? hint : '按 .env.example 设置 WECOM_SDK_LIBRARY',
    }
  }
}

const SDK_TROUBLE: Record<string, string> = {
  missing: '文件不存在或读不到',
  different: '文件与已知版本不一致',
  musl: '本机系统不受支持',
}

async function checkData(premises: Premises): Promise<Finding[]> {
  const { db, house, outside, config } = premises
  const findings: Finding[] = []
  const ledger = await logState(db, house, outside, 'archive')
  const behind = ledger.outsideSize !== null && ledger.outsideSize > ledger.sealed
  findings.push(
    behind
      ? {
          level: '错误',
          what: `数据库（${ledger.sealed}）落后于库外检查点（${ledger.outsideSize}）`,
          remedy:
            '数据库被恢复到了旧备份：先找更新的备份；没有时运行 ledger epoch 预演，再决定是否开启新纪元',
        }
      : { level: '正常', what: `存证 ${ledger.sealed} 条已入链，${ledger.pending} 条待入链` },
  )
  findings.push(await stampFinding(premises))
  const waiting = await countQuarantine(db, house)
  if (waiting > 0)
    findings.push({
      level: '注意',
      what: `隔离区有 ${waiting} 条记录`,
      remedy: '在“系统”页查看原因；缺私钥的补齐私钥',
    })
  findings.push(...(await deliveryFindings(premises)))
  if (premises.config.wecom) findings.push(callbackFinding(premises, await callbackState(db, house)))
  const state = await cursorOf(premises)
  if (state?.trouble)
    findings.push({
      level: '错误',
      what: `采集受阻：${state.trouble}`,
      remedy: '企微侧只保留五天，请尽快处理',
    })
  const lag = config.wecom ? lagOf(state, now()) : null
  if (lag && lag.level !== 'none') {
    findings.push({
      level: lag.level === 'm15' ? '注意' : '错误',
      what: `采集滞后 ${Math.round(lag.seconds / 60)} 分钟（越过企业内部预警线），距企业微信删除数据还有 ${lag.daysLeft} 天`,
      remedy:
        lag.cause === 'silent'
          ? '源没有应答：启动 serve 或 work，检查网络与限频'
          : '正在赶上积压；持续不降时检查限频与磁盘',
    })
  }
  return findings
}

/** Two hours without one, or two turns where they are rarer, while the ledger grows: an internal line. */
async function stampFinding({ db, house, config }: Premises): Promise<Finding> {
  if (!config.stamps)
    return {
      level: '注意',
      what: '未配置时间戳机构：检查点只有本机构自己的签名',
      remedy: '设置 TONGJIAN_TSA_URL 与 TONGJIAN_TSA_CA；争议中由第三方证明“何时已存在”',
    }
  const { last, failures } = await stampState(db, house)
  const trouble = failures.newest
  if (trouble)
    return {
      level: '错误',
      what: `时间戳取得失败 ${failures.count} 次，最近一次 ${trouble.authority}：${STAMP_TROUBLE[trouble.reason] ?? trouble.reason}`,
      remedy: '检查网络、TONGJIAN_TSA_URL 与 TONGJIAN_TSA_CA；之前取得的时间戳不受影响',
    }
  return {
    level: '正常',
    what: last ? `时间戳覆盖到第 ${last.size} 条（${last.authority}）` : '已配置时间戳机构，尚未取得',
  }
}

const STAMP_TROUBLE: Record<string, string> = {
  unreachable: '连不上',
  timeout: '没有按时应答',
  http: '应答不是成功状态',
  too_large: '应答过大',
  malformed: '应答不是时间戳',
  rejected: '拒绝签发',
  imprint: '签的不是我们的检查点',
  nonce: '随机数不符，可能是旧应答',
  policy: '策略不符',
  clock: '时间与本机相差 10 分钟以上',
  algorithm: '算法不受支持',
  signature: '签名不成立',
  purpose: '证书不是时间戳专用',
  chain: '签发机构不受信任',
  storage: '存不到库外',
}

function cursorOf({ db, house, config }: Premises): ReturnType<typeof captureState> {
  return captureState(db, systemActor(house, 'doctor'), config.wecom?.source ?? 'sdk')
}

/** What the refusals of the event server say about its settings (path/90968): each wrong key fails in its own way. */
const CALLBACK_CAUSES: Record<string, string> = {
  bad_signature: 'Token 与 WECOM_CALLBACK_TOKEN 不一致',
  bad_padding: 'EncodingAESKey 与 WECOM_CALLBACK_AES_KEY 不一致',
  wrong_receiver: '回调属于另一家企业或另一个应用，与 WECOM_CORPID 不一致',
  stale: '本机时钟与企业微信相差超过 5 分钟',
}

function callbackFinding({ config }: Premises, state: CallbackState): Finding {
  if (!config.wecom?.callback) {
    return {
      level: '注意',
      what: '未配置事件回调，新客户和新消息只能靠定时拉取得知',
      remedy: '设置 WECOM_CALLBACK_TOKEN 与 WECOM_CALLBACK_AES_KEY，并在管理后台填回调 URL',
    }
  }
  if (state.lastAt !== null) return { level: '正常', what: '事件回调能到达并通过校验' }
  const refused = state.outcomes.find(({ outcome }) => CALLBACK_CAUSES[outcome])
  if (refused) {
    return {
      level: '错误',
      what: `收到过回调但全被拒绝：${CALLBACK_CAUSES[refused.outcome]}`,
      remedy: '与管理后台“接收事件服务器”页面逐项核对后重启服务',
    }
  }
  return {
    level: '错误',
    what: '从未收到事件回调：企业微信填写的回调 URL 不对，或到不了本机',
    remedy: '核对 URL 为 https://<对外域名>/wecom/callback，反向代理放行该路径，再在管理后台点“保存”触发验证',
  }
}
