import { Fault, messageOf, type WecomConfig } from '../../base/index.ts'
import {
  type ArchiveSource,
  errcodeOf,
  loadArchiveKeys,
  openArchiveSource,
  type WecomDirectory,
} from '../../wecom/index.ts'
import { openWecom } from '../wecom.ts'
import type { Finding } from './doctor.ts'

/** A first installation is diagnosed, not waited for: one short try instead of the client's patience. */
const BACKOFF_MS = [200]
const TIMEOUT_MS = 8000
/** Enough of the window to meet the key versions in use; a page costs WeCom's limits one call (path/91774). */
const SAMPLE = 100

const SCREEN = {
  archive: '管理后台 → 管理工具 → 聊天内容存档',
  app: '管理后台 → 应用管理 → 自建应用',
  contact: '管理后台 → 客户与上下游 → 客户联系 → API',
} as const

/**
 * What stands between this machine and WeCom, found by asking WeCom itself with the least calls: tokens, addresses,
 * permissions, scope, the archive, and whether the private keys at hand open what it holds.
 */
export async function checkWecomOnline(wecom: WecomConfig, fromSeq: number): Promise<Finding[]> {
  const { directory } = openWecom(wecom, { timeoutMs: TIMEOUT_MS, backoffMs: BACKOFF_MS })
  const seats = await directory.permitUsers().catch((error: unknown) => explain(error, wecom, 'archive'))
  // One cause, one finding: without a line to WeCom every further question fails alike.
  if ('offline' in seats) return [seats]
  const archive = Array.isArray(seats) ? seatsFindings(seats.length) : [seats]
  const contact = await checkContactSecret(wecom, directory)
  const failed = archive.some(finding => finding.level === '错误')
  return [...archive, ...contact, ...(failed ? [] : await checkArchiveRecords(wecom, fromSeq))]
}

function seatsFindings(seats: number): Finding[] {
  return seats > 0
    ? [{ level: '正常', what: `存档 Secret 可用，存档范围内 ${seats} 人` }]
    : [
        {
          level: '错误',
          what: '存档范围为空，没有人的会话会被存档',
          remedy: `${SCREEN.archive} → 设置“存档成员”，并确认席位未过期`,
        },
      ]
}

async function checkContactSecret(wecom: WecomConfig, directory: WecomDirectory): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    let departments = 0
    for await (const _ of directory.departments()) departments += 1
    findings.push(
      departments > 0
        ? { level: '正常', what: `应用 Secret 可用，可见 ${departments} 个部门` }
        : {
            level: '错误',
            what: '应用的可见范围为空，读不到任何部门和员工',
            remedy: `${SCREEN.app} → 可见范围，加入需要存档的部门`,
          },
    )
  } catch (error) {
    return [explain(error, wecom, 'app')]
  }
  try {
    const users = await directory.followUsers()
    findings.push(
      users.length > 0
        ? { level: '正常', what: `客户联系接口可用，${users.length} 人有客户联系功能` }
        : {
            level: '注意',
            what: '没有员工开通客户联系功能',
            remedy: `${SCREEN.contact.replace(' → API', '')} → 权限配置 → 使用范围`,
          },
    )
  } catch (error) {
    findings.push(explain(error, wecom, 'contact'))
  }
  return findings
}

/** Pull a little and open it: the only proof that the right private keys are at hand. */
async function checkArchiveRecords(wecom: WecomConfig, fromSeq: number): Promise<Finding[]> {
  let source: ArchiveSource | undefined
  try {
    source = openArchiveSource(wecom)
    const fresh = await source.pull(fromSeq, SAMPLE)
    const records = fresh.length > 0 || fromSeq === 0 ? fresh : await source.pull(0, SAMPLE)
    if (records.length === 0) return [{ level: '正常', what: '会话存档可拉取，目前没有消息' }]
    const samples = [...new Map(records.map(record => [record.publickey_ver, record])).values()]
    const results = await source.decrypt(samples)
    return samples.map((sample, i) => {
      const result = results[i]
      const version = sample.publickey_ver
      if (result?.ok) return { level: '正常', what: `${version} 号私钥能解开存档消息` }
      return keyFinding(wecom, version, result?.reason ?? 'damaged_record')
    })
  } catch (error) {
    return [explain(error, wecom, 'archive')]
  } finally {
    await source?.close()
  }
}

function keyFinding(wecom: WecomConfig, version: number, reason: string): Finding {
  const held = [...loadArchiveKeys(wecom.archiveKeys).keys()].join('、') || '无'
  if (reason === 'no_private_key') {
    return {
      level: '错误',
      what: `缺少 ${version} 号私钥（现有：${held}），用它加密的消息解不开`,
      remedy: `把第 ${version} 次上传公钥时对应的私钥放为 ${wecom.archiveKeys}/${version}.pem，再运行 quarantine retry`,
    }
  }
  if (reason === 'wrong_private_key') {
    return {
      level: '错误',
      what: `${version} 号私钥与企业微信上的 ${version} 号公钥不是一对`,
      remedy: `核对 ${wecom.archiveKeys}/${version}.pem；若确已遗失，在${SCREEN.archive}上传新公钥，此前的消息无法解密`,
    }
  }
  return {
    level: '错误',
    what: `${version} 号密钥的消息解密失败（${reason}）`,
    remedy: '确认会话存档 SDK 版本后重试；消息留在隔离区，不会丢失',
  }
}

/** `offline`: nothing of WeCom answered at all. */
type Explained = Finding & { offline?: true }
type Which = 'archive' | 'app' | 'contact'

/** The cause and the remedy behind a refusal of WeCom (wecom-api.md §1.3), in the words of its own screens. */
function explain(error: unknown, wecom: WecomConfig, which: Which): Explained {
  const errcode = errcodeOf(error)
  if (errcode) return { level: '错误', ...refusal(errcode, wecom, which) }
  const hint =
    error instanceof Fault && typeof error.details.hint === 'string' ? error.details.hint : undefined
  if (error instanceof Fault && typeof error.details.rc === 'number') {
    return {
      level: '错误',
      what: `会话存档 SDK 报 ${error.details.rc}`,
      remedy: hint ?? '按 SDK 返回码说明处理',
    }
  }
  if (error instanceof Fault && error.code === 'wecom.unreachable') {
    return {
      offline: true,
      level: '错误',
      what: `连不上 ${wecom.apiBase}（${String(error.details.reason ?? '')}）`,
      remedy: `检查域名解析、防火墙放行${wecom.proxy ? `以及代理 ${wecom.proxy}` : '；经代理上网的设置 WECOM_PROXY'}`,
    }
  }
  if (error instanceof Fault && error.code === 'wecom.unreadable') {
    return {
      offline: true,
      level: '错误',
      what: `${wecom.apiBase} 的应答不是企业微信的`,
      remedy: '核对 WECOM_API_BASE；中间的代理或网关可能改写了应答',
    }
  }
  return { level: '错误', what: `检查未完成：${messageOf(error)}`, remedy: hint ?? '按上面的信息处理' }
}

function refusal(errcode: number, wecom: WecomConfig, which: Which): { what: string; remedy: string } {
  const secret = which === 'archive' ? 'WECOM_ARCHIVE_SECRET' : 'WECOM_CONTACT_SECRET'
  const screen = which === 'archive' ? SCREEN.archive : SCREEN.app
  switch (errcode) {
    case 40013:
      return {
        what: `企业 ID ${wecom.corpid} 不存在（40013）`,
        remedy: '核对 WECOM_CORPID：管理后台 → 我的企业 → 企业 ID',
      }
    case 40001:
    case 40091:
      return {
        what: `${secret} 不对，或所属应用已停用（${errcode}）`,
        remedy: `从 ${screen} 重新复制 Secret；连续输错会被封 IP 一小时`,
      }
    case 60020:
      return {
        what: '本机 IP 不在自建应用的可信 IP 之内（60020）',
        remedy: `${SCREEN.app} → 企业可信IP，加入本机出口 IP，约一分钟生效`,
      }
    case 301042:
      return {
        what: '本机 IP 不在会话内容存档的白名单（301042）',
        remedy: `${SCREEN.archive} → 可信 IP 地址，加入本机出口 IP`,
      }
    case 301052:
      return { what: '会话内容存档服务已过期（301052）', remedy: '续费；过期期间的消息企业微信不保留' }
    case 301053:
      return { what: '企业未开通会话内容存档（301053）', remedy: `${SCREEN.archive} → 开通并设置存档成员` }
    case 48002:
    case 84074:
      return which === 'contact'
        ? {
            what: `应用没有客户联系接口的权限（${errcode}）`,
            remedy: `${SCREEN.contact} → 可调用接口的应用，勾选本应用`,
          }
        : {
            what: `${secret} 属于另一个应用，没有所需接口的权限（${errcode}）`,
            remedy: `确认 ${secret} 来自 ${screen}，两个 Secret 不要填反`,
          }
    case 45009:
      return { what: '调用过于频繁（45009）', remedy: '稍候一分钟再运行 doctor' }
    default:
      return { what: `企业微信拒绝（${errcode}）`, remedy: '在企业微信开发者中心的错误码查询工具中查询' }
  }
}
