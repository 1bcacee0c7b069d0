import { useEffect, useRef } from 'react'
import type { WallCard } from '../../../src/cases/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { Glyph, SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'

type Props = { card: WallCard; chosen: boolean; open: () => void }

/** One conversation: how risky and why, who, the newest words that count, and what was done about it. */
export function Card({ card, chosen, open }: Props) {
  const own = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) own.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <button
      ref={own}
      type="button"
      className={`wall-card ${card.worst ?? 'none'}${chosen ? ' on' : ''}`}
      aria-current={chosen}
      onClick={open}
    >
      <span className="line">
        {card.worst ? <SeverityMark of={card.worst} word /> : <Glyph of="off" />}
        <b className="cut">
          {card.staff.name} → {card.counterpart.name}
        </b>
        <span className="wall-risk">{t('wall.risk', { n: figure(card.risk) })}</span>
      </span>
      <span className="line small quiet">
        <span className="cut">{card.staff.department ?? ''}</span>
        <span className="grow" />
        <Time at={card.lastAt} />
      </span>
      <span className="wall-excerpt small">
        {card.excerpt.source ? <span className="label">{card.excerpt.source} </span> : null}
        <Highlight text={card.excerpt.text} spans={card.excerpt.spans} />
      </span>
      <span className="wall-weights">
        {card.weights.map(weight => (
          <span className="tag" key={weight.of} title={t('wall.risk', { n: figure(weight.points) })}>
            {t(`wall.weight.${weight.of}`, { n: weight.n })}
          </span>
        ))}
      </span>
      <span className="line tiny quiet">
        <Sampled card={card} />
        <span className="grow" />
        {card.notes > 0 ? <span>{t('wall.notes', { n: card.notes })}</span> : null}
        {card.stepIn ? <b>{t(card.stepIn.answeredAt === null ? 'wall.asked' : 'wall.answered')}</b> : null}
      </span>
    </button>
  )
}

function Sampled({ card }: { card: WallCard }) {
  const words =
    card.sampled === null
      ? t('wall.sample.not', { share: card.share })
      : t(`wall.sample.${card.sampled}`, { share: card.share })
  return <span className={card.sampled === null ? '' : 'wall-drawn'}>{words}</span>
}
