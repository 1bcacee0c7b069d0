import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openPremises } from '../src/app/index.ts'
import { createLog, loadConfig, shellActor } from '../src/base/index.ts'
import { buildPackage, takePackage } from '../src/evidence/index.ts'
import { verifyFile } from '../src/evidence/verify-file.ts'
import { loadRules } from '../src/monitor/index.ts'

/** One part of `bench evidence` in a process of its own, so that its memory is its own. Prints one JSON line. */
const [what, subject = '', out = ''] = process.argv.slice(2)
const rss = (): number => Math.round(process.memoryUsage().rss / 1_048_576)
// The programme with its rules and tables in memory, before there is a package: what a server holds anyway.
const rules = loadRules()
const baseMb = rss()
const peak = { mb: baseMb }
const watch = setInterval(() => {
  peak.mb = Math.max(peak.mb, rss())
}, 50)
const started = performance.now()
const verdict = what === 'verify' ? await verifyFile(subject) : await build(subject, out)
clearInterval(watch)
process.stdout.write(
  `${JSON.stringify({ ok: verdict.ok, seconds: (performance.now() - started) / 1000, baseMb, rssMb: peak.mb })}\n`,
)

async function build(id: string, file: string): Promise<{ ok: boolean }> {
  const premises = await openPremises(loadConfig(), createLog('silent'), { mode: 'command' })
  const actor = shellActor(premises.house, 'bench')
  try {
    await buildPackage({ ...premises, rules: () => rules, version: 'bench' }, id)
    const taken = await takePackage(premises.db, actor, premises.packages, { id })
    await pipeline(Readable.from(taken.bytes()), createWriteStream(file))
    return { ok: true }
  } finally {
    await premises.close()
  }
}
