import { type Fault, fail } from '../../base/index.ts'

/** What the library was asked; becomes `api` in the details of a Fault. */
export type SdkApi = 'Init' | 'GetChatData' | 'GetMediaData'

/** The pull was too large for the server: ask for fewer (wecom-api.md §3.1). */
export const TOO_LARGE = 301058
/** The library's token died early; a fresh handle fetches one. */
export const TOKEN_DEAD = new Set([40014, 42001, 41001])
/** Network, answer cut off, system: the same call may pass in a moment. */
const PASSING_RC = new Set([10001, 10002, 10003])
const PASSING_ERRCODE = new Set([-1, 45033])
const OUT_OF_LIMIT = 45009
/** Nothing says which window was hit; the shortest one is a minute. */
const LIMIT_WAIT_SECONDS = 60

const RC_HINTS: Record<number, string> = {
  10000: '参数错误：检查 WECOM_CORPID、WECOM_ARCHIVE_SECRET 与代理设置 / bad argument: check the settings',
  10001:
    '网络不通：检查到 qyapi.weixin.qq.com 的网络与 WECOM_SDK_PROXY / network: check the line and the proxy',
  10002: '返回的数据解析失败，稍后自动重试 / the answer could not be parsed; it is tried again',
  10003: '企业微信系统失败，稍后自动重试 / system failure at WeCom; it is tried again',
  10004: '密钥错误：检查管理后台上传的公钥与本机私钥 / bad key: compare public and private key',
  10005: '文件编号无效，原件取不到 / the file id is not valid',
  10006: '解密失败：私钥不符或记录损坏 / decryption failed: wrong key or damaged',
  10007: '缺少该消息加密版本的私钥：补齐 <publickey_ver>.pem / the private key of this version is missing',
  10008: '解析 encrypt_key 出错：私钥不符 / encrypt_key unreadable: wrong private key',
  10009:
    '本机出口 IP 不在「会话内容存档」可信 IP 中，请在管理后台添加 / add the address of this machine to the whitelist of 会话内容存档',
  10010: '数据已过期：企业微信只保留五天 / expired: WeCom keeps data five days',
  10011: '证书错误：检查系统时间、根证书与代理是否拦截 TLS / certificate: check clock, CA and proxy',
}

const ERRCODE_HINTS: Record<number, string> = {
  40001:
    '存档 Secret 错误或已停用：检查 WECOM_ARCHIVE_SECRET / the secret of 会话内容存档 is wrong or disabled',
  40013: 'WECOM_CORPID 错误 / WECOM_CORPID is wrong',
  40091: '存档 Secret 错误：检查 WECOM_ARCHIVE_SECRET / the secret is wrong',
  301042: RC_HINTS[10009] ?? '',
  301048: '原件不存在或已过期 / the file is gone or expired',
  301052: '会话内容存档服务已到期，请续费 / the service has expired',
  301053: '企业未开通会话内容存档 / the institution has not opened 会话内容存档',
  301058: '单次拉取过大，且已减到一条 / one record alone exceeds the size limit',
}

/** Both error layers of an answer: the rc, and the errcode of the JSON in the slice (0 when there is none). */
export type SdkFailure = { api: SdkApi; rc: number; errcode: number }

/** May the same call pass when it is made again at once? */
export function isPassing({ rc, errcode }: SdkFailure): boolean {
  return errcode === 0 ? PASSING_RC.has(rc) : PASSING_ERRCODE.has(errcode)
}

/**
 * `wecom.unreachable` for the line (10001, 10003, 10011), `wecom.unreadable` for 10002, `wecom.refused` for what WeCom
 * said no to; always with rc and errcode. The server's errmsg stays out: it quotes addresses and ids.
 */
export function sdkFault(failure: SdkFailure): Fault {
  const { api, rc, errcode } = failure
  const details = { api, rc, errcode }
  if (errcode === OUT_OF_LIMIT) return fail('wecom.refused', { ...details, retryAfter: LIMIT_WAIT_SECONDS })
  const hint = errcode === 0 ? RC_HINTS[rc] : (ERRCODE_HINTS[errcode] ?? RC_HINTS[rc])
  return fail(codeOf(failure), hint ? { ...details, hint } : details)
}

function codeOf({ rc, errcode }: SdkFailure): 'wecom.refused' | 'wecom.unreachable' | 'wecom.unreadable' {
  if (errcode !== 0) return 'wecom.refused'
  if (rc === 10001 || rc === 10003 || rc === 10011) return 'wecom.unreachable'
  return rc === 10002 ? 'wecom.unreadable' : 'wecom.refused'
}
