import { type ReactNode, useState } from 'react'
import type { MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import './derived.css'

/** Texts that were read from a picture, a file or a voice: their part begins with the source. */
const READ = /^(ocr|qr|document|asr):/
/** Shown whole; longer ones open on request. */
const SHORT = 120

export function isRead(text: TextPart): boolean {
  return READ.test(text.part)
}

type Props = {
  item: MessageView
  hitParts: string[]
  marked: (of: TextPart) => ReactNode
  passages: (of: TextPart) => ReactNode
}

/** What the file itself says, under its card, with its source in front. */
export function Derived({ item, hitParts, ...show }: Props) {
  const read = item.texts.filter(isRead)
  if (read.length === 0) return null
  return (
    <div className="derived">
      {read.map(text => (
        <Read key={text.part} text={text} hit={hitParts.includes(text.part)} {...show} />
      ))}
    </div>
  )
}

type ReadProps = Pick<Props, 'marked' | 'passages'> & { text: TextPart; hit: boolean }

/** Short ones whole; of long ones what was hit, and the rest on request. */
function Read({ text, hit, marked, passages }: ReadProps) {
  const [whole, setWhole] = useState(text.text.length <= SHORT)
  return (
    <div>
      <details open={whole} onToggle={event => setWhole(event.currentTarget.open)}>
        <summary className="folds">
          <span className="label">{text.label}</span>
          <span className="quiet">{t('derived.length', { n: text.text.length })}</span>
        </summary>
        {whole ? <p>{marked(text)}</p> : null}
      </details>
      {!whole && hit ? <p>{passages(text)}</p> : null}
    </div>
  )
}
