import type { EvidenceView } from '../../../src/evidence/contract.ts'
import { figure, maybe, t } from '../../i18n/index.ts'

/** Bytes as a person says them. */
export function sizeWords(bytes: number): string {
  const [divisor, unit] =
    bytes >= 2 ** 30 ? [2 ** 30, 'GB'] : bytes >= 2 ** 20 ? [2 ** 20, 'MB'] : [2 ** 10, 'KB']
  const value = bytes / divisor
  return `${value >= 100 ? figure(Math.round(value)) : value.toFixed(1)} ${unit}`
}

/** Groups of four digits: what two people can read to each other. */
export const grouped = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(' ')

/** What a build is busy with. */
export function stepWords(view: Pick<EvidenceView, 'step' | 'done' | 'messages'>): string {
  if (view.step === null) return ''
  return t(`evidence.step.${view.step}`, { done: figure(view.done), of: figure(view.messages) })
}

/** How far, from 0 to 1: messages are most of the work, and of the other steps only the order is known. */
export function shareOf(view: Pick<EvidenceView, 'step' | 'done' | 'messages'>): number {
  if (view.step === null) return 0
  if (view.step === 'messages') return 0.6 * Math.min(1, view.done / Math.max(1, view.messages))
  return { media: 0.65, proofs: 0.75, report: 0.82, closing: 0.97 }[view.step]
}

export const failureWords = (code: string): string =>
  maybe(`evidence.failure.${code}`) ?? t('evidence.failure', { code })
