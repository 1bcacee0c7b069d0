import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JOB_KINDS, openPremises, type Premises, startServices } from '../src/app/index.ts'
import { append, prepare } from '../src/archive/index.ts'
import { type Actor, createLog, type House, loadConfig, openJobs, systemActor } from '../src/base/index.ts'
import { decide, requestPackage } from '../src/evidence/index.ts'
import { normalise } from '../src/wecom/index.ts'

/** `baseMb`: what the programme holds with its rules loaded, before the work begins. */
type Part = { ok: boolean; seconds: number; baseMb: number; rssMb: number }
export type EvidenceBench = { bench: 'evidence'; n: number; zipMb: number; build: Part; verify: Part }

const BATCH = 2000
const STAFF = 'linyue'
const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

/** One conversation of n messages packed, and the package checked, each in a process of its own. */
export async function benchEvidence(options: {
  n?: number
  say(line: string): void
}): Promise<EvidenceBench> {
  const n = options.n ?? 100_000
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-evidence-'))
  chmodSync(folder, 0o711)
  const env = { TONGJIAN_DATA: folder, LOG_LEVEL: 'silent' }
  const premises = await openPremises(loadConfig(env), createLog('silent'), { mode: 'server' })
  try {
    const convId = await fill(premises, n)
    options.say(`${n} messages archived and sealed`)
    const id = await approved(premises, convId)
    const file = join(folder, 'package.zip')
    const build = await part(['build', id, file], env)
    options.say(`built in ${build.seconds.toFixed(1)} s, RSS ${build.baseMb} → at most ${build.rssMb} MB`)
    const verify = await part(['verify', file], env)
    options.say(
      `verified in ${verify.seconds.toFixed(1)} s, RSS ${verify.baseMb} → at most ${verify.rssMb} MB: ${verify.ok}`,
    )
    const zipMb = Math.round(statSync(file).size / 1_048_576)
    return { bench: 'evidence', n, zipMb, build, verify }
  } finally {
    await premises.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(premises: Premises, n: number): Promise<string> {
  const { db, house } = premises
  const jobs = await openJobs(premises.appUrl, JOB_KINDS, { worker: false, log: house.log })
  const actor = systemActor(house, 'bench')
  let convId = ''
  for (let from = 0; from < n; from += BATCH) {
    const incoming = Array.from({ length: Math.min(BATCH, n - from) }, (_, i) => messageOf(from + i))
    const prepared = await prepare(db, house, incoming)
    convId = prepared[0]?.conv ?? convId
    await db.transaction().execute(tx => append(tx, actor, jobs, prepared))
  }
  await jobs.stop()
  const services = await startServices(premises, { capture: false })
  await services.sealer.flush()
  await services.stop()
  return convId
}

function messageOf(i: number) {
  const [from, to] = i % 2 === 0 ? [CUSTOMER, STAFF] : [STAFF, CUSTOMER]
  const content = `第${i}条：${SAID[i % SAID.length]}`
  const message = {
    msgid: `b${i}`,
    action: 'send',
    from,
    tolist: [to],
    roomid: '',
    msgtime: START + i * 1000,
    msgtype: 'text',
    text: { content },
  }
  const raw = Buffer.from(JSON.stringify(message))
  const normal = normalise(raw.toString())
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq: i + 1, source: 'bench' }
}

const START = Date.UTC(2026, 8, 1)
const SAID = [
  '上次说的那只基金，最近净值怎么样？',
  '这周小幅回撤，净值会波动，可能损失本金，您看一下风险揭示书。',
  '好的，我再考虑一下，明天上午方便的话给我打个电话。',
  '没问题，明天十点我联系您，资料我也发到您的邮箱。',
]

async function approved(premises: Premises, convId: string): Promise<string> {
  const { db, house } = premises
  const { id } = await requestPackage(db, person(house, 'officer', 'officer'), {
    caseNumber: 'BENCH-1',
    purpose: 'internal',
    reason: '性能测试',
    names: 'masked',
    keepDays: 1,
    stretches: [{ convId, from: 0, to: Date.UTC(2100, 0, 1) }],
  })
  const jobs = await openJobs(premises.appUrl, JOB_KINDS, { worker: false, log: house.log })
  await decide(db, person(house, 'lead', 'lead'), jobs, id, { verdict: 'approve', reason: '同意' })
  await jobs.stop()
  return id
}

function person(house: House, name: string, role: string): Actor {
  return { house, kind: 'person', name, role, accountId: null, userid: null, departments: [] }
}

async function part(args: string[], env: NodeJS.ProcessEnv): Promise<Part> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'evidence-worker.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  await once(child, 'close')
  return JSON.parse(said) as Part
}
