import type { SearchHit } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Highlight } from '../../ui/highlight.tsx'
import { Time } from '../../ui/time.tsx'
import { kindWord } from './kinds.ts'

export function SearchItem({ hit, chosen, open }: { hit: SearchHit; chosen: boolean; open: () => void }) {
  return (
    <button type="button" className={`result${chosen ? ' on' : ''}`} aria-current={chosen} onClick={open}>
      <Avatar of={hit.from} />
      <span className="result-words">
        <span className="line">
          <b>{hit.from.name}</b>
          <span className="small quiet cut">{hit.conversation}</span>
          <span className="grow" />
          {hit.recalled ? <span className="tag">{t('alerts.recalled')}</span> : null}
          {hit.kind === 'text' ? null : <span className="tag">{kindWord(hit.kind)}</span>}
          <span className="small quiet">
            <Time at={hit.key.sentAt} />
          </span>
        </span>
        <span className="result-text">
          {hit.excerpt.label ? <span className="quiet">{hit.excerpt.label} </span> : null}
          <Highlight text={hit.excerpt.text} spans={hit.excerpt.spans} />
        </span>
      </span>
    </button>
  )
}
