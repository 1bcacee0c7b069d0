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
const PARSERS = [
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

/** What one thread counted in the readers. */
export function parserScripts(result: Profiler.ScriptCoverage[]): Profiler.ScriptCoverage[] {
  return result.filter(({ url }) => PARSERS.some(name => url.endsWith(`/src/wecom/${name}`)))
}

/**
 * Branches as V8 counts them (precise block coverage): every function and every block in it that ran a different number
 * of times from what is around it, in any of the threads. Types are blanked out, not removed, so offsets are those of
 * the source.
 */
export function coverageOf(threads: Profiler.ScriptCoverage[][]): FileCoverage[] {
  return PARSERS.flatMap(name => {
    const scripts = threads.flatMap(scripts =>
      scripts.filter(({ url }) => url.endsWith(`/src/wecom/${name}`)),
    )
    return scripts[0] ? [fileCoverage(scripts[0].url, scripts)] : []
  })
}

function fileCoverage(url: string, scripts: Profiler.ScriptCoverage[]): FileCoverage {
  const path = fileURLToPath(url)
  const source = readFileSync(path, 'utf8')
  const all = scripts.map(({ functions }) => parsing(functions))
  const places = new Map<string, Profiler.CoverageRange>()
  for (const range of all.flat().flatMap(({ ranges }) => ranges))
    places.set(`${range.startOffset}-${range.endOffset}`, range)
  const ran = (range: Profiler.CoverageRange): boolean => all.some(functions => countAt(functions, range) > 0)
  const missed = [...places.values()].filter(range => !ran(range))
  const wholes = new Map(
    all.flat().flatMap(({ ranges: [whole] }) => (whole ? [[whole.startOffset, whole]] : [])),
  )
  const percent = places.size === 0 ? 0 : (100 * (places.size - missed.length)) / places.size
  return {
    file: basename(path),
    functions: `${[...wholes.values()].filter(ran).length}/${wholes.size}`,
    branches: places.size,
    covered: places.size - missed.length,
    percent: Number(percent.toFixed(1)),
    missed: missed.map(({ startOffset }) => String(source.slice(0, startOffset).split('\n').length)),
  }
}

/** The functions that read; what takes the keys from their folder left out, with what stands in it. */
function parsing(functions: Profiler.FunctionCoverage[]): Profiler.FunctionCoverage[] {
  const outside = functions.find(({ functionName }) => NO_PARSER.has(functionName))?.ranges[0]
  return functions.filter(
    ({ ranges: [whole] }) =>
      !(outside && whole && whole.startOffset >= outside.startOffset && whole.endOffset <= outside.endOffset),
  )
}

/** A thread that names no such block ran it as often as the smallest one around it. */
function countAt(functions: Profiler.FunctionCoverage[], place: Profiler.CoverageRange): number {
  let around: Profiler.CoverageRange | undefined
  for (const range of functions.flatMap(({ ranges }) => ranges)) {
    const holds = range.startOffset <= place.startOffset && range.endOffset >= place.endOffset
    if (holds && (!around || range.endOffset - range.startOffset <= around.endOffset - around.startOffset))
      around = range
  }
  return around?.count ?? 0
}
