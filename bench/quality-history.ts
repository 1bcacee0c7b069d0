import { createHash } from 'node:crypto'
import type { Share } from './quality-score.ts'

/** A set cannot be scored, or not as asked: the message is for the person at the terminal. */
export class Refused extends Error {}

/** A blind set as decision 010 holds it: its hash stands there before anything was tuned. */
export type Registered = { name: string; lines: number; sha256: string; unsealed: boolean }

/** One unsealing. A set scored again is no longer blind, and its row says so. */
export type Unsealing = {
  date: string
  set: string
  lines: number
  sha256: string
  commit: string
  blind: string
  figures: Record<Figure, string>
}

const FIGURES = [
  'precision',
  'recall',
  'f1',
  'plain',
  'paraphrase',
  'disguised',
  'traps',
  'advice',
  'signals',
  'hard_clean_alarms',
  'ordinary_alarms',
  'crosswoz_alarms',
] as const
export type Figure = (typeof FIGURES)[number]

const COLUMNS = ['date', 'set', 'lines', 'sha256', 'commit', 'blind', ...FIGURES]
export const BLIND = 'blind'
export const AGAIN = 'not blind any more'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
export const fraction = ({ right, of }: Share): string => `${right}/${of}`
export const wrongOf = ({ right, of }: Share): string => `${of - right}/${of}`

/** Rows of the table of decision 010: name, lines, hash, unsealed. */
export function registeredSets(decision: string): Registered[] {
  return decision.split('\n').flatMap(line => {
    const [, name, lines, hash, unsealed] = line.split('|').map(cell => cell.trim())
    const sha = /^`([0-9a-f]{64})`$/.exec(hash ?? '')?.[1]
    if (!name || !lines || !sha) return []
    return [{ name, lines: Number(lines.replaceAll(',', '')), sha256: sha, unsealed: unsealed !== 'no' }]
  })
}

export function parseHistory(tsv: string): Unsealing[] {
  const [head, ...rows] = tsv.split(/\r?\n/).filter(line => line.trim() !== '' && !line.startsWith('#'))
  if (head === undefined) return []
  if (head !== COLUMNS.join('\t')) throw new Refused('解封记录的表头不认识：列名或顺序与本版本不同')
  return rows.map(row => {
    const cells = row.split('\t')
    if (cells.length !== COLUMNS.length) throw new Refused(`解封记录有一行列数不对：${row}`)
    const [date = '', set = '', lines = '', hash = '', commit = '', blind = '', ...figures] = cells
    return {
      date,
      set,
      lines: Number(lines),
      sha256: hash,
      commit,
      blind,
      figures: Object.fromEntries(FIGURES.map((name, i) => [name, figures[i] ?? '-'])) as Record<
        Figure,
        string
      >,
    }
  })
}

export const historyText = (rows: Unsealing[]): string =>
  `${[
    COLUMNS.join('\t'),
    ...rows.map(row =>
      [
        row.date,
        row.set,
        row.lines,
        row.sha256,
        row.commit,
        row.blind,
        ...FIGURES.map(name => row.figures[name]),
      ].join('\t'),
    ),
  ].join('\n')}\n`

const wasSeen = (set: Registered, history: Unsealing[]): boolean =>
  set.unsealed || history.some(row => row.sha256 === set.sha256)

/** A set that waits for its unsealing is not scored in passing: that would be a look which no row tells of. */
export function refuseSealed(hash: string, decision: string, history: Unsealing[]): void {
  const set = registeredSets(decision).find(one => one.sha256 === hash)
  if (set && !wasSeen(set, history))
    throw new Refused(`样本集 ${set.name} 尚未解封：只能用 --report 评分一次，并留下记录`)
}

/**
 * Which set this is, and whether it is still blind. Refuses a set whose hash was not committed beforehand (anybody
 * could have fitted it to the rules), and a second look unless it is asked for as one.
 */
export function admit(
  hash: string,
  decision: string,
  history: Unsealing[],
  again: boolean,
): { set: Registered; blind: boolean } {
  const set = registeredSets(decision).find(one => one.sha256 === hash)
  if (!set) throw new Refused(`决策 010 里没有登记这个样本集的 SHA-256（${hash}）：不能作为盲测评分`)
  const seen = wasSeen(set, history)
  if (seen && !again)
    throw new Refused(
      `样本集 ${set.name} 已解封评分过，一集只评一次；确要重评请加 --again，记录会注明不再是盲测`,
    )
  return { set, blind: !seen }
}
