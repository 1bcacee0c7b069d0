import { createHash } from 'node:crypto'
import { type Db, type House, inTransaction, now } from '../base/index.ts'
import { insertText, selectTexts } from './notice-store.ts'
import { openPart, sealPart } from './sealed.ts'

/**
 * What a customer is told when the institution has set no words of its own (WECOM_NOTICE). 个人信息保护法 §17 asks for
 * purpose, way, kinds, period and how to exercise one's rights; the name of the institution stands on the contact.
 */
export const DEFAULT_NOTICE =
  '【会话存档告知】您好！根据监管要求和本机构合规管理规定，您与本机构工作人员通过企业微信沟通的内容（包括文字、图片、语音、视频及文件）将依法存档，' +
  '仅用于合规检查、服务质量管理和纠纷处理，保存期限按法律法规执行。您可以随时向我们查询、更正您的信息或提出异议；' +
  '如不同意存档，请通过本机构官方客服热线或营业网点办理业务。'

/** Names a wording for ever: the first 12 hex digits of its SHA-256. */
export function noticeVersion(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Say which wording is in use from now on. Earlier ones stay: messages with them prove what was said then. */
export async function registerNotice(db: Db, house: House, text: string): Promise<string> {
  const version = noticeVersion(text)
  const { key } = await house.keys.own(db)
  const sealed = sealPart(house, key, 'noticeText', version, { text })
  await inTransaction(db, tx => insertText(tx, house.corp, { version, sealed, at: now() }))
  known.delete(house)
  return version
}

export type NoticeText = { version: string; text: string; needle: string }
type Known = { texts: NoticeText[]; lookedAt: number }
const known = new WeakMap<House, Known>()
/** Another process may have registered one. */
const FRESH_FOR_MS = 30_000

/** Every wording ever used. Asked with every batch captured, hence kept. */
export async function noticeTexts(db: Db, house: House): Promise<NoticeText[]> {
  const found = known.get(house)
  if (found && performance.now() - found.lookedAt < FRESH_FOR_MS) return found.texts
  const { key } = await house.keys.own(db)
  const texts = (await selectTexts(db, house.corp)).map(({ version, sealed }) => {
    const { text } = openPart(house, key, 'noticeText', { id: version, sealed })
    return { version, text, needle: folded(text) }
  })
  known.set(house, { texts, lookedAt: performance.now() })
  return texts
}

/** Clients rewrap lines and spaces; the words must be all there. */
export function folded(text: string): string {
  return text.replace(/\s+/gu, '')
}
