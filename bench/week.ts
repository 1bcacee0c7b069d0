import { createHash, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sim, startSim } from '../sim/index.ts'
import { now } from '../src/base/index.ts'
import type { CertificateView } from '../src/capture/index.ts'
import { type StandIn, standIn } from '../test/support/finance-sdk.ts'
import { type Comparison, compareWeek } from './week-compare.ts'
import { INCIDENTS, type Incident } from './week-incidents.ts'
import { Institution } from './week-institution.ts'

export type WeekOptions = {
  seed: string
  /** Messages an incident, beside its files. */
  messages: number
  /** Leave out what must wait a whole minute of WeCom's limits. */
  quick: boolean
  say(line: string): void
}
export type WeekRow = { fault: string; times: number; messages: number; lost: number; doubled: number }
/** `certified`: messages that the completeness certificates of these days count together. */
export type WeekReport = Comparison & { certified: number; seconds: number }

/** What an incident may touch. */
export type Week = {
  sim: Sim
  stand: StandIn
  house: Institution
  /** The operator makes a key pair, uploads the public half and lays the private one down, now or later. */
  rotate(): { lay(): void }
  /** People go on talking: `messages` of them, and two files. */
  talk(): Promise<void>
}

/**
 * A week in which everything goes wrong that the reference knows of, against the real server through the stand-in of
 * Tencent's library: at its end the archive must be what WeCom's side emitted, message for message and byte for byte.
 */
export async function runWeek(options: WeekOptions): Promise<WeekReport> {
  const began = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-week-'))
  // As root, PostgreSQL runs as another account and must be able to enter.
  chmodSync(folder, 0o711)
  const keys = join(folder, 'data', 'keys', 'archive')
  mkdirSync(keys, { recursive: true })
  const first = keyPair()
  writeFileSync(join(keys, '1.pem'), first.secret, { mode: 0o600 })
  const sim = await startSim({ seed: options.seed, publicKeys: [{ version: 1, pem: first.pem }] })
  const stand = standIn(folder, sim.url)
  const house = new Institution(join(folder, 'data'), sim, stand, await freePort())
  const week: Week = {
    sim,
    stand,
    house,
    rotate: () => {
      const { pem, secret } = keyPair()
      const version = sim.world.rotateKey(pem)
      return { lay: () => writeFileSync(join(keys, `${version}.pem`), secret, { mode: 0o600 }) }
    },
    talk: async () => talk(sim, options.messages),
  }
  try {
    await house.start()
    await house.call()
    const spans = await liveThrough(week, options)
    await house.untilFiles()
    // Before the comparison, so that the certificates' own leaves are verified with the rest.
    const certified = await certificates(house, options)
    const compared = await house.ask(premises => compareWeek(premises, sim, spans))
    const seconds = Math.round((performance.now() - began) / 1000)
    return { ...compared, certified, seconds }
  } finally {
    await house.stop()
    await sim.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Which messages an incident saw: all of the archive from one index to before the next one's. */
export type Span = { fault: string; times: number; from: number; to: number }

async function liveThrough(week: Week, options: WeekOptions): Promise<Span[]> {
  const spans: Span[] = []
  for (const incident of INCIDENTS) {
    if (options.quick && incident.slow) continue
    const from = week.sim.world.archive.all().length
    const times = await once(week, incident)
    const to = week.sim.world.archive.all().length
    spans.push({ fault: incident.name, times, from, to })
    options.say(`  ${incident.name}：${times} 次，${to - from} 条消息，已赶上`)
  }
  return spans
}

/** Five days back and today: the outage reaches four days back, and its oldest talk a night further. */
const CERTIFIED_DAYS = 6
const DAY_MS = 86_400_000
const SHANGHAI_MS = 8 * 3_600_000

async function certificates(house: Institution, options: WeekOptions): Promise<number> {
  let certified = 0
  for (let back = CERTIFIED_DAYS - 1; back >= 0; back--) {
    const day = new Date(now() + SHANGHAI_MS - back * DAY_MS).toISOString().slice(0, 10)
    const view = JSON.parse(await house.run('certificate', day, '--json')) as CertificateView
    const { messages, conflicts, quarantine, media, unknown } = view.certificate
    certified += messages.total
    const waiting = quarantine.reduce((sum, one) => sum + one.waiting, 0)
    options.say(
      `  ${day} 完整性证明：消息 ${messages.total}，冲突 ${conflicts}，隔离待处理 ${waiting}，原件过期 ${media.expired ?? 0}，无从得知 ${unknown.length} 项`,
    )
  }
  return certified
}

async function once(week: Week, incident: Incident): Promise<number> {
  const times = await incident.happen(week)
  await week.house.untilCaughtUp(week.sim.world.archive.latest(1)[0]?.seq ?? 0)
  return times
}

async function talk(sim: Sim, messages: number): Promise<void> {
  const { world } = sim
  for (let i = 0; i < messages; i++) world.step()
  const contact = world.people.contacts[0]
  const parties = { from: contact?.follows[0]?.userid ?? '', tolist: [contact?.id ?? ''], roomid: '' }
  const picture = world.media.chart()
  world.emit({
    ...parties,
    msgtype: 'image',
    image: { md5sum: picture.md5sum, filesize: picture.size, sdkfileid: picture.sdkfileid },
  })
  // More than one slice of 512 KiB, so that an interruption can fall into its middle.
  const manual = world.media.largeDocument()
  world.emit({
    ...parties,
    msgtype: 'file',
    file: {
      md5sum: manual.md5sum,
      filename: '产品合同.docx',
      fileext: 'docx',
      filesize: manual.size,
      sdkfileid: manual.sdkfileid,
    },
  })
}

function keyPair(): { pem: string; secret: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** WeCom must know the address before the server stands. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The benchmark: the whole week, as a table. */
export async function benchWeek(options: {
  n?: number | undefined
  say(line: string): void
}): Promise<object> {
  const seed = 'week'
  options.say(`种子 ${seed}`)
  const report = await runWeek({ seed, messages: options.n ?? 200, quick: false, say: options.say })
  options.say(weekTable(report))
  const { rows, ...rest } = report
  return { bench: 'week', seed, faults: rows.length, ...rest }
}

/** Fault, how often it was injected, what was lost and what came twice. */
export function weekTable(report: WeekReport): string {
  const lines = report.rows.map(
    row =>
      `${row.fault.padEnd(28, '　')}\t${row.times} 次\t消息 ${row.messages}\t丢失 ${row.lost}\t重复 ${row.doubled}`,
  )
  return [...lines, `合计 消息 ${report.messages}，原件 ${report.files}（过期 ${report.expired}）`].join('\n')
}
