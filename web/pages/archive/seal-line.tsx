import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { MessageSeals } from '../../../src/app/contract.ts'
import type { MessageView } from '../../../src/archive/contract.ts'
import { sealsQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { differsWords } from '../../ui/differs.ts'
import { Glyph } from '../../ui/severity.tsx'
import { exactTime, lengthWords } from '../../ui/time-words.ts'
import '../app/integrity.css'

type Seal = MessageSeals['items'][number]

/** What the ledger says of the message the reader came for, or of all that are shown: green, amber or red, with why. */
export function SealLine({ items, msgid }: { items: MessageView[]; msgid?: string | undefined }) {
  const first = items[0]
  const last = items.at(-1)
  const seals = useQuery({
    ...sealsQuery(first?.key.convId ?? '', first?.key.sentAt ?? 0, last?.key.sentAt ?? 0),
    enabled: first !== undefined,
    placeholderData: keepPreviousData,
  }).data
  if (!seals) return null
  const shown = new Set(items.map(item => item.key.msgid))
  const all = seals.items.filter(seal => shown.has(seal.msgid))
  const sought = all.filter(seal => seal.msgid === msgid)
  const told = sought.length > 0 ? sought : all
  if (told.length === 0) return null
  const { tone, words } = verdict(told, seals.outside)
  return (
    <div className={`seal-line${tone === 'P0' ? ' bad' : ''}`}>
      <span>
        <Glyph of={tone} /> {words}
      </span>
      <Drift of={told} />
    </div>
  )
}

/** Red before amber before green. */
function verdict(told: Seal[], outside: boolean): { tone: 'good' | 'P2' | 'P0'; words: string } {
  const bad = told.filter(seal => seal.problem !== null)
  const [worst] = bad
  if (worst)
    return {
      tone: 'P0',
      words: t('seal.bad', {
        n: figure(bad.length),
        place: worst.index === null ? '' : `#${figure(worst.index)}`,
        what: differsWords(worst.problem ?? ''),
      }),
    }
  const unsealed = told.filter(seal => seal.index === null).length
  if (unsealed > 0) return { tone: 'P2', words: t('seal.unsealed', { n: figure(unsealed) }) }
  const unchecked = told.filter(seal => seal.checkedAt === null).length
  if (unchecked > 0) return { tone: 'P2', words: t('seal.unchecked', { n: figure(unchecked) }) }
  // The oldest check is what holds for all of them.
  const at = exactTime(Math.min(...told.map(seal => seal.checkedAt ?? 0)))
  return {
    tone: outside ? 'good' : 'P2',
    words: t(outside ? 'seal.good' : 'seal.goodInside', { place: placesOf(told), at }),
  }
}

function placesOf(told: Seal[]): string {
  const indexes = told.map(seal => seal.index ?? 0)
  if (indexes.length === 1) return `#${figure(indexes[0] ?? 0)}`
  return t('seal.range', {
    from: figure(Math.min(...indexes)),
    to: figure(Math.max(...indexes)),
    n: figure(indexes.length),
  })
}

function Drift({ of }: { of: Seal[] }) {
  const drifted = of.filter(seal => seal.drift !== null)
  const [only] = drifted
  if (!only) return null
  const words =
    of.length === 1
      ? t('seal.drift', { length: lengthWords(Math.abs(only.drift ?? 0) * 1000) })
      : t('seal.driftMany', { n: figure(drifted.length) })
  return <span>{words}</span>
}
