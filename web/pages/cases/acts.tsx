import type { ReviewMove } from '../../../src/cases/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Kbd } from '../../ui/keys.tsx'
import { KEY_OF } from './moves.ts'

const ACTS = ['claim', 'escalate', 'assign', 'return', 'reopen', 'release'] as const

type Props = {
  can: Map<ReviewMove, string | null>
  chosen: ReviewMove | null
  choose: (move: ReviewMove) => void
}

/** Moves besides a conclusion. One that begins here and is not this reader's says why, unless it is not of his office. */
export function Acts({ can, chosen, choose }: Props) {
  const shown = ACTS.filter(move => can.has(move) && can.get(move) !== 'auth.denied')
  if (shown.length === 0) return null
  return (
    <fieldset className="acts" aria-label={t('decision.acts')}>
      {shown.map(move => {
        const refused = can.get(move) ?? null
        return (
          <button
            key={move}
            type="button"
            className={`btn small${chosen === move ? ' on' : ''}`}
            aria-pressed={chosen === move}
            disabled={refused !== null}
            title={refused === null ? undefined : (maybe(`error.${refused}`) ?? refused)}
            onClick={() => choose(move)}
          >
            {t(`move.${move}`)} <Kbd>{KEY_OF[move]}</Kbd>
          </button>
        )
      })}
    </fieldset>
  )
}
