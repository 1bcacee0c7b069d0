import type { ReactNode } from 'react'
import type { MessageView } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { kindWord } from './kinds.ts'

const KB = 1024

function sizeWords(bytes: number): string {
  if (bytes < KB) return `${bytes} B`
  if (bytes < KB * KB) return `${Math.round(bytes / KB)} KB`
  return `${(bytes / KB / KB).toFixed(1)} MB`
}

function playWords(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole}″` : `${Math.floor(whole / 60)}′${String(whole % 60).padStart(2, '0')}″`
}

function detailsOf(item: MessageView): string {
  const { attachment } = item
  if (!attachment) return ''
  const words = [
    attachment.size === null ? '' : sizeWords(attachment.size),
    attachment.seconds === null || item.kind === 'voice' ? '' : playWords(attachment.seconds),
    t(`media.${attachment.state}`),
  ]
  return words.filter(word => word !== '').join(' · ')
}

export function AttachmentLine({ item, icon }: { item: MessageView; icon: IconName }) {
  return (
    <div className="attachment quiet">
      <Icon name={icon} size={14} />
      {[item.attachment?.name, detailsOf(item)].filter(Boolean).join(' · ')}
    </div>
  )
}

/** The bar grows with the length, as in WeCom; its pattern is made from the id, so it never jumps. */
export function Voice({ item }: { item: MessageView }) {
  const seconds = item.attachment?.seconds ?? null
  const bars = Math.round(Math.min(40, 10 + (seconds ?? 0) / 1.5))
  return (
    <div className="voice">
      <span className="voice-line">
        <span className="voice-play" aria-hidden="true" />
        <span className="voice-bars" aria-hidden="true">
          {waveOf(item.key.msgid, bars).map((height, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: bars never move
            <i key={index} style={{ height }} />
          ))}
        </span>
        <span>{seconds === null ? t('kind.voice') : playWords(seconds)}</span>
      </span>
      <span className="quiet small">
        {[item.texts.length > 0 ? '' : t('voice.noTranscript'), detailsOf(item)].filter(Boolean).join(' · ')}
      </span>
    </div>
  )
}

function waveOf(seed: string, bars: number): number[] {
  let state = 7
  for (const char of seed) state = (state * 31 + char.charCodeAt(0)) % 9973
  return Array.from({ length: bars }, () => {
    state = (state * 137 + 11) % 9973
    return 3 + (state % 11)
  })
}

export function Picture({ item, children }: { item: MessageView; children: ReactNode }) {
  return (
    <div className="picture">
      <span className="picture-frame">
        <Icon name={item.kind === 'video' ? 'video' : 'image'} size={22} />
      </span>
      <span className="picture-words">
        <span>{kindWord(item.kind)}</span>
        <span className="quiet small">{detailsOf(item)}</span>
        {children}
      </span>
    </div>
  )
}

export function FileCard({ item, children }: { item: MessageView; children: ReactNode }) {
  const name = item.attachment?.name ?? item.texts[0]?.text ?? ''
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? ''
  return (
    <div className="file">
      <span className="file-sign">{ending === '' ? <Icon name="file" size={20} /> : ending}</span>
      <span className="file-words">
        <span className="file-name">{children}</span>
        <span className="quiet small">{detailsOf(item)}</span>
      </span>
    </div>
  )
}
