import { useNavigate } from '@tanstack/react-router'
import type { MessageView, TextPart } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Marked, type Marks } from './marked.tsx'

/** The words a reply carries of the message before it, and the way to that message. */
export function Quoted({ item, of, marks }: { item: MessageView; of: TextPart; marks: Marks }) {
  const navigate = useNavigate()
  const { quote } = item
  if (!quote) return null
  const start = of.text.indexOf(quote.text, quote.author.length)
  const found = start >= 0 && start + quote.text.length <= quote.end
  const key = quote.of
  const go = () => {
    if (!key) return
    const near = document.querySelector(`.talk-row[data-msgid="${CSS.escape(key.msgid)}"]`)
    if (near) near.scrollIntoView({ block: 'center' })
    else
      void navigate({
        to: '/conversations/$convId',
        params: { convId: key.convId },
        search: { around: key.sentAt, msgid: key.msgid },
      })
  }
  return (
    <div className="quoted">
      <div className="line">
        <span>{t('quote.of', { who: quote.author })}</span>
        {key ? (
          <button type="button" className="link small" onClick={go}>
            {t('quote.go')}
          </button>
        ) : (
          <span className="small">{t('quote.lost')}</span>
        )}
      </div>
      <p>
        {found ? (
          <Marked of={of} {...marks} stretch={{ start, end: start + quote.text.length }} />
        ) : (
          quote.text
        )}
      </p>
    </div>
  )
}
