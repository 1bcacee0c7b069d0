import type { ReactNode } from 'react'
import type { MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import './derived.css'

/** Texts that were read from a picture, a file or a voice: their part begins with the source. */
const READ = /^(ocr|qr|document|asr):/
/** Shown whole; longer ones open on request, or when something in them was hit. */
const SHORT = 120

export function isRead(text: TextPart): boolean {
  return READ.test(text.part)
}

type Props = { item: MessageView; hitParts: string[]; marked: (of: TextPart) => ReactNode }

/** What the file itself says, under its card, with its source in front. */
export function Derived({ item, hitParts, marked }: Props) {
  const read = item.texts.filter(isRead)
  if (read.length === 0) return null
  return (
    <div className="derived">
      {read.map(text => (
        <details key={text.part} open={text.text.length <= SHORT || hitParts.includes(text.part)}>
          <summary className="folds">
            <span className="label">{text.label}</span>
            <span className="quiet">{t('derived.length', { n: text.text.length })}</span>
          </summary>
          <p>{marked(text)}</p>
        </details>
      ))}
    </div>
  )
}
