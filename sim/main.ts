import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pastBehaviours, startBehaviours } from './behaviours.ts'
import { startBustle } from './bustle.ts'
import type { PublicKey } from './crypto.ts'
import { type Fault, faultsFromSeed } from './faults.ts'
import { startRefusals } from './refusals.ts'
import { startSim } from './start.ts'

/** `<folder>/<version>.pub.pem`, as the demo writes them. */
function readKeys(folder: string): PublicKey[] {
  return readdirSync(folder).flatMap(name => {
    const version = /^(\d+)\.pub\.pem$/.exec(name)?.[1]
    return version ? [{ version: Number(version), pem: readFileSync(join(folder, name), 'utf8') }] : []
  })
}

function plannedFaults(text: string): Fault[] {
  const [, seed, hours] = /^seed:(.+):([\d.]+)$/.exec(text) ?? []
  return seed ? faultsFromSeed(seed, Number(hours) * 3_600_000) : (JSON.parse(text) as Fault[])
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
    'callback-url': { type: 'string' },
    'callback-token': { type: 'string' },
    'callback-aes-key': { type: 'string' },
    start: { type: 'string' },
    speed: { type: 'string' },
    'max-page-bytes': { type: 'string' },
    'media-days': { type: 'string' },
    'md5-empty': { type: 'string', default: '0' },
    'md5-wrong': { type: 'string', default: '0' },
    /** A JSON list as `faults.schedule` takes it, or `seed:<seed>:<hours>`. */
    faults: { type: 'string' },
  },
})
const { truth } = values
if (!values.keys) throw new Error('--keys <folder of N.pub.pem> is missing')
const publicKeys = readKeys(values.keys)
if (publicKeys.length === 0) throw new Error(`no N.pub.pem in ${values.keys}`)
if (truth) writeFileSync(truth, '')
const number = (value: string | undefined): number | undefined =>
  value === undefined ? undefined : Number(value)
const sim = await startSim({
  port: Number(values.port),
  seed: values.seed,
  publicKeys,
  day: Number(values.day),
  live: Number(values.live),
  ...(values.notice ? { notice: values.notice } : {}),
  firstSeq: number(values['first-seq']),
  callback: values['callback-url']
    ? {
        url: values['callback-url'],
        token: values['callback-token'] ?? '',
        aesKey: values['callback-aes-key'] ?? '',
      }
    : undefined,
  start: values.start === undefined ? undefined : Date.parse(values.start),
  speed: number(values.speed),
  maxPageBytes: number(values['max-page-bytes']),
  mediaDays: number(values['media-days']),
  md5: { empty: Number(values['md5-empty']), wrong: Number(values['md5-wrong']) },
  corpid: values.corpid,
  secret: values.secret,
  appSecret: values['app-secret'],
  platformUrl: values['platform-url'],
  ...(truth ? { onTruth: line => appendFileSync(truth, `${JSON.stringify(line)}\n`) } : {}),
})
if (Number(values.day) > 0 && Number(values.live) > 0) pastBehaviours(sim.world, values.seed)
if (Number(values.live) > 0) {
  startBehaviours(sim.world)
  startBustle(sim.world, values.seed)
  startRefusals(sim.world)
}
if (values.faults) sim.world.faults.schedule(plannedFaults(values.faults))
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
