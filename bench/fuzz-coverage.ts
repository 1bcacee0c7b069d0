import { readFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

export type FileCoverage = {
  file: string
  functions: string
  branches: number
  covered: number
  percent: number
  /** Lines where a branch that was never taken begins. */
  missed: string[]
}

/** The readers of what comes from outside. The page's schema (source.ts) is declared and has no branch of its own. */
export const PARSERS = [
  'callback.ts',
  'callback-event.ts',
  'xml.ts',
  'message.ts',
  'payload.ts',
  'texts.ts',
  'decrypt.ts',
]
/** Reads the private keys from a folder; nothing from outside comes near it. */
const NO_PARSER = new Set(['loadArchiveKeys'])

/**
 * Branches as V8 counts them (precise block coverage): every function and every block in it that ran a different number
 * of times from what is around it. Types are blanked out, not removed, so offsets are those of the source.
 */
export function coverageOf(result: Profiler.ScriptCoverage[]): FileCoverage[] {
  return PARSERS.flatMap(name => {
    const script = result.find(({ url }) => url.endsWith(`/src/wecom/${name}`))
    return script ? [fileCoverage(script)] : []
  })
}

function fileCoverage(script: Profiler.ScriptCoverage): FileCoverage {
  const path = fileURLToPath(script.url)
  const source = readFileSync(path, 'utf8')
  const functions = script.functions.filter(({ functionName }) => !NO_PARSER.has(functionName))
  const outside = script.functions.find(({ functionName }) => NO_PARSER.has(functionName))?.ranges[0]
  const inside = functions.filter(
    ({ ranges: [whole] }) =>
      !(outside && whole && whole.startOffset > outside.startOffset && whole.endOffset < outside.endOffset),
  )
  const ranges = inside.flatMap(f => f.ranges)
  const missed = ranges.filter(({ count }) => count === 0)
  const percent = ranges.length === 0 ? 0 : (100 * (ranges.length - missed.length)) / ranges.length
  return {
    file: basename(path),
    functions: `${inside.filter(f => (f.ranges[0]?.count ?? 0) > 0).length}/${inside.length}`,
    branches: ranges.length,
    covered: ranges.length - missed.length,
    percent: Number(percent.toFixed(1)),
    missed: missed.map(({ startOffset }) => String(source.slice(0, startOffset).split('\n').length)),
  }
}
