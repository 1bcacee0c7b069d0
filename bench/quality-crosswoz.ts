import { readFileSync } from 'node:fs'
import { type ContextLine, type Engine, type Hit, isAlert } from '../src/detect/index.ts'
import { groupBy } from './quality-score.ts'

/** A line of talk about hotels and sights; `learned`: the model was trained on its conversation. */
export type TalkLine = { talk: string; from: 'staff' | 'customer'; text: string; learned: boolean }
export type Alarm = TalkLine & { hits: Hit[] }
export type CrossWoz = {
  lines: number
  talks: number
  learnedTalks: number
  learnedLines: number
  /** Lines of talks not learned from that stand word for word in learned ones: greetings, thanks. */
  known: number
  staffLines: number
  /** Every line read as if staff had said it: harder than life, and the figure that counts. */
  asStaff: Alarm[]
  /** The speakers as they are, after the last turns of the talk, as a running server reads. */
  asSpoken: Alarm[]
}

/** As `monitor/turns.ts`: a running server reads the last six messages before this one. */
const TURNS = 6

type Captured = { msgid: string; from: string; text?: { content: string } }

/**
 * Talks are learned from whole or not at all, and `everyday` holds the texts learned from: of a learned talk nearly
 * all lines stand there, of others only greetings and the like (at most 58 % of a talk, against 92 % at least).
 */
export function talkLines(captured: string, everyday: ReadonlySet<string>): TalkLine[] {
  const lines = captured.split('\n').flatMap(row => {
    if (row.trim() === '') return []
    const { msgid, from, text } = JSON.parse(row) as Captured
    if (!text) return []
    const staff = from.startsWith('adviser')
    return [
      { talk: msgid.split('_')[0] ?? '', from: staff ? 'staff' : 'customer', text: text.content } as const,
    ]
  })
  return [...groupBy(lines, line => line.talk).values()].flatMap(talk => {
    const known = talk.filter(({ text }) => everyday.has(text)).length
    return talk.map(line => ({ ...line, learned: known / talk.length > 0.75 }))
  })
}

function alarmsOf(engine: Engine, lines: TalkLine[], asSpoken: boolean): Alarm[] {
  let turns: ContextLine[] = []
  let talk = ''
  return lines.flatMap(line => {
    if (line.talk !== talk) turns = []
    talk = line.talk
    const from = asSpoken ? line.from : 'staff'
    const hits = engine.detect({ text: line.text, from, ...(asSpoken ? { context: turns } : {}) })
    turns = [...turns, { text: line.text, from: line.from }].slice(-TURNS)
    return isAlert(hits, from) ? [{ ...line, hits: hits.filter(hit => isAlert([hit], from)) }] : []
  })
}

export function crossWoz(engine: Engine, file: string, everyday: ReadonlySet<string>): CrossWoz {
  const lines = talkLines(readFileSync(file, 'utf8'), everyday)
  const talks = [...groupBy(lines, line => line.talk).values()]
  const learned = lines.filter(line => line.learned)
  return {
    lines: lines.length,
    talks: talks.length,
    learnedTalks: talks.filter(talk => talk[0]?.learned).length,
    learnedLines: learned.length,
    known: lines.filter(line => !line.learned && everyday.has(line.text)).length,
    staffLines: lines.filter(line => line.from === 'staff').length,
    asStaff: alarmsOf(engine, lines, false),
    asSpoken: alarmsOf(engine, lines, true),
  }
}
