import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { PublicKey } from './crypto.ts'
import { startSim } from './start.ts'

/** `<folder>/<version>.pub.pem`, as the demo writes them. */
function readKeys(folder: string): PublicKey[] {
  return readdirSync(folder).flatMap(name => {
    const version = /^(\d+)\.pub\.pem$/.exec(name)?.[1]
    return version ? [{ version: Number(version), pem: readFileSync(join(folder, name), 'utf8') }] : []
  })
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: 'demo' },
    keys: { type: 'string' },
    truth: { type: 'string' },
    day: { type: 'string', default: '0' },
    live: { type: 'string', default: '0' },
    notice: { type: 'string' },
    'first-seq': { type: 'string' },
    corpid: { type: 'string' },
    secret: { type: 'string' },
    'app-secret': { type: 'string' },
    'platform-url': { type: 'string' },
  },
})
const { truth } = values
if (!values.keys) throw new Error('--keys <folder of N.pub.pem> is missing')
const publicKeys = readKeys(values.keys)
if (publicKeys.length === 0) throw new Error(`no N.pub.pem in ${values.keys}`)
if (truth) writeFileSync(truth, '')
const sim = await startSim({
  port: Number(values.port),
  seed: values.seed,
  publicKeys,
  day: Number(values.day),
  live: Number(values.live),
  ...(values.notice ? { notice: values.notice } : {}),
  firstSeq: values['first-seq'] === undefined ? undefined : Number(values['first-seq']),
  corpid: values.corpid,
  secret: values.secret,
  appSecret: values['app-secret'],
  platformUrl: values['platform-url'],
  ...(truth ? { onTruth: line => appendFileSync(truth, `${JSON.stringify(line)}\n`) } : {}),
})
process.stdout.write(
  `${JSON.stringify({ ready: true, url: sim.url, seq: sim.world.archive.latest(1)[0]?.seq ?? 0 })}\n`,
)

const stop = (): void => void sim.close().then(() => process.exit(0))
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
// An orphan leaves: the demo's parent may be killed without a word.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) stop()
}, 1000).unref()
