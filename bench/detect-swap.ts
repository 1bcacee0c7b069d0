import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { compileApart } from '../src/monitor/index.ts'
import { packsOf } from './detect-corpus.ts'

export type Swap = { terms: number; compileMs: number; pauseMs: number }

/** Compiles the house rules and a lexicon beside them as a running server does, and watches its event loop. */
export async function measureSwap(terms: number, seed: number): Promise<Swap> {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-bench-'))
  try {
    cpSync(new URL('../rules/', import.meta.url), folder, { recursive: true })
    const { packs } = packsOf(terms, seed)
    const lexicon = packs.rules.at(-1)
    const model = packs.rules[0]
    if (!lexicon || !model) throw new Error('no rules in rules/')
    writeFileSync(
      join(folder, 'lexicon.yaml'),
      JSON.stringify({
        category: 'BENCH',
        name: '词库',
        why: '词库',
        severity: 'P3',
        direction: 'both',
        verdict: 'advisory',
        clause: model.clause,
        basis: model.basis.map(one => one.id),
        owner: model.owner,
        disguise: false,
        rules: [
          {
            id: 'BENCH-01',
            name: '词库',
            version: 1,
            terms: lexicon.terms.map(({ term }) => term),
            fires: ['词库'],
          },
        ],
      }),
    )
    await compileApart(undefined, folder)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const from = performance.now()
    await compileApart(undefined, folder)
    const compileMs = performance.now() - from
    // The pause that ended the wait is seen at the next turn of the loop.
    await new Promise(resolve => setTimeout(resolve, 20))
    delay.disable()
    return {
      terms,
      compileMs: Number(compileMs.toFixed(0)),
      pauseMs: Number((delay.max / 1e6).toFixed(1)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
