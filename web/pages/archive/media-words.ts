import type { Attachment, MessageKey } from '../../../src/archive/contract.ts'
import { maybe, t } from '../../i18n/index.ts'

const KB = 1024

export function sizeWords(bytes: number): string {
  if (bytes < KB) return `${bytes} B`
  if (bytes < KB * KB) return `${Math.round(bytes / KB)} KB`
  return `${(bytes / KB / KB).toFixed(1)} MB`
}

/** `7″`, `1′05″`, as WeCom writes the length of a voice. */
export function playWords(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole}″` : `${Math.floor(whole / 60)}′${String(whole % 60).padStart(2, '0')}″`
}

/** Why a file is not here, or is not what the message promised; null when all is well. */
export function whyWords({ state, verdict }: Attachment): string | null {
  if (state === 'waiting') return t('media.why.waiting')
  return verdict === null ? null : maybe(`media.why.${verdict}`)
}

/** Where the bytes of a file are. Each look is in the trail, so nothing asks before it is wanted. */
export function mediaUrl(of: MessageKey, part: string, how: { as?: 'wav'; save?: 'true' } = {}): string {
  const query = new URLSearchParams({ sentAt: String(of.sentAt), msgid: of.msgid, part, ...how })
  return `/api/conversations/${of.convId}/media?${query}`
}

/** What a phone may load unasked, in bytes. */
export const LARGE_PICTURE = 4 * KB * KB
