import { readFileSync } from 'node:fs'
import type { Audience, ContextLine } from '../src/detect/index.ts'

/** One line of a tuning or blind set; src/detect/samples/README.md lists the kinds and techniques. */
export type Sample = {
  label: 'violation' | 'high_risk' | 'signal' | 'clean'
  category: string
  kind: string
  technique: string
  from: Audience
  text: string
  context: ContextLine[]
  line: number
}

const LABELS = ['violation', 'high_risk', 'signal', 'clean'] as const

/** Authors name a kind in their own words. */
const KINDS: Record<string, string> = { disguised: 'disguise' }

/** `\n`, `\uXXXX` and `\u{X…}` stand for the characters that an editor would not show. */
const plainly = (text: string): string =>
  text
    .replace(/\\u\{([0-9a-fA-F]{1,6})\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')

function contextLine(field: string): ContextLine {
  const speaker = /^([sc])[:：]\s*/.exec(field)
  if (!speaker) return { text: plainly(field) }
  return { text: plainly(field.slice(speaker[0].length)), from: speaker[1] === 'c' ? 'customer' : 'staff' }
}

/** Reads a set: label, category, kind, technique, speaker, text, then the lines before, parted by tabs. Throws on a bad line. */
export function readSet(file: string | URL): Sample[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  return lines.flatMap((raw, at) => {
    if (raw.trim() === '' || raw.startsWith('#')) return []
    const [label, category, kind, technique, from, text, ...context] = raw.split('\t')
    const known = LABELS.find(one => one === label)
    if (!known || !category || !kind || !technique || !text || (from !== 'staff' && from !== 'customer'))
      throw new Error(`${file}:${at + 1}: not a sample line`)
    const before = context.filter(field => field !== '').map(contextLine)
    return [
      {
        label: known,
        category,
        kind: KINDS[kind] ?? kind,
        technique,
        from,
        text: plainly(text),
        context: before,
        line: at + 1,
      },
    ]
  })
}
