import type { SearchHit } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Highlight } from '../../ui/highlight.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { exactTime, hourMinute } from '../../ui/time-words.ts'
import { kindWord } from './kinds.ts'

const ICONS: Record<SearchHit['excerpt']['source'], IconName> = {
  body: 'chats',
  ocr: 'image',
  qr: 'image',
  asr: 'phone',
  document: 'file',
  record: 'list',
}
const SEVERE = ['P0', 'P1', 'P2', 'P3'] as const

type Props = { hit: SearchHit; chosen: boolean; open: () => void }

export function SearchItem({ hit, chosen, open }: Props) {
  const severity = SEVERE.find(one => one === hit.severity)
  return (
    <button type="button" className={`result${chosen ? ' on' : ''}`} aria-current={chosen} onClick={open}>
      <Avatar of={hit.from} />
      <span className="result-words">
        <span className="line">
          <b>{hit.from.name}</b>
          <span className="small quiet cut">{hit.conversation}</span>
          {hit.recalled ? <span className="tag">{t('alerts.recalled')}</span> : null}
          {hit.kind === 'text' ? null : <span className="tag">{kindWord(hit.kind)}</span>}
          {severity ? <SeverityMark of={severity} /> : null}
          <time className="small quiet" title={exactTime(hit.key.sentAt)}>
            {hourMinute(hit.key.sentAt)}
          </time>
        </span>
        {[hit.excerpt, ...hit.more].map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places of one message keep their order
          <span key={index} className="result-text">
            {part.source === 'body' ? null : (
              <span className="source">
                <Icon name={ICONS[part.source]} size={12} />
                {t(`source.${part.source}`)}
              </span>
            )}
            {part.source === 'body' && part.label ? <span className="source">{part.label}</span> : null}
            {part.text === '' ? (
              <span className="quiet">{t('search.noWords')}</span>
            ) : (
              <Highlight text={part.text} spans={part.spans} />
            )}
          </span>
        ))}
      </span>
    </button>
  )
}
