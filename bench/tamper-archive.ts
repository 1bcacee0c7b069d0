import type { Rng } from '../sim/rng.ts'
import { type Premises, verifyEverything } from '../src/app/index.ts'
import {
  append,
  type Incoming,
  keepSlice,
  mark,
  measure,
  prepare,
  settleFetched,
  settleLoss,
  takeWaiting,
} from '../src/archive/index.ts'
import { type Db, inTransaction, type JobQueue, shellActor, systemActor } from '../src/base/index.ts'
import { certify } from '../src/capture/index.ts'
import { type Problem, type Sealer, startSealer } from '../src/notary/index.ts'
import { record } from '../src/trail/index.ts'
import { normalise } from '../src/wecom/index.ts'
import { doDeeds } from './tamper-deeds.ts'

/** What the intruder stands before: an archive, the folder of its ledger, and a login that may do anything. */
export type Scene = {
  premises: Premises
  ledgerDir: string
  /** The database's owner: no privilege stands in the way. */
  owner: Db
  /** An evidence package on disk. */
  package: string
}

const BATCH = 100
const BASE = Date.UTC(2026, 10, 20, 1, 0, 0)
const SAID = [
  '您好',
  '这款产品本周净值已更新',
  '收益以实际为准',
  '明天下午三点可以吗',
  '谢谢',
  '请查收风险揭示书',
]

/** Capture without a source: messages go the way they always go, and no job is wanted. */
export class Writer {
  readonly #scene: Omit<Scene, 'package'>
  readonly #rng: Rng
  readonly #sealer: Sealer
  #said = 0
  /** A conversation that has messages. */
  talk = ''

  constructor(scene: Omit<Scene, 'package'>, rng: Rng) {
    this.#scene = scene
    this.#rng = rng
    const { db, house, outside } = scene.premises
    this.#sealer = startSealer(db, house, outside, ['archive', 'trail'])
  }

  async stop(): Promise<void> {
    await this.#sealer.stop()
  }

  /** Append some messages with their links, texts, marks and files, write a trail entry, and seal. */
  async say(count: number, options: { wait?: boolean } = {}): Promise<void> {
    const { db, house } = this.#scene.premises
    const actor = systemActor(house, 'bench')
    const batch = Array.from({ length: count }, () => this.#message())
    const prepared = await prepare(db, house, batch)
    await inTransaction(db, async tx => {
      const { archived } = await append(tx, actor, noJobs, prepared)
      const first = archived[0]
      if (!first) return
      this.talk = first.conv
      const key = { convId: first.conv, sentAt: first.sentAt, msgid: first.incoming.normal.msgid }
      await mark(tx, actor, [{ key, kind: 'rule', value: 'GUAR-01' }])
      await record(tx, shellActor(house, 'bench'), {
        verb: 'archive.searched',
        thing: { kind: 'archive', id: 'ledger' },
        detail: { query: `第 ${this.#said} 条`, staff: null, customer: null, found: archived.length },
      })
    })
    if (!options.wait) await this.#fetch()
    await this.#sealer.flush()
  }

  /** A talk of 2004 that nobody keeps any more, with files; its conversation. */
  async sayLongAgo(count: number): Promise<string> {
    const { db, house } = this.#scene.premises
    const batch = Array.from({ length: count }, (_, n) => {
      const content = n % 2 === 0 ? image(this.#rng, n) : { msgtype: 'text', text: { content: `旧事${n}` } }
      return incoming({
        ...{ msgid: `old${n}_external`, action: 'send', from: 'staff0', tolist: ['wmLongAgo'], roomid: '' },
        ...{ msgtime: Date.UTC(2004, 3, 1 + n), ...content },
      })
    })
    const prepared = await prepare(db, house, batch)
    const { archived } = await inTransaction(db, tx =>
      append(tx, systemActor(house, 'bench'), noJobs, prepared),
    )
    await this.#fetch()
    await this.#sealer.flush()
    return archived[0]?.conv ?? ''
  }

  async certificates(days: number): Promise<void> {
    const { db, house, outside } = this.#scene.premises
    const deps = { db, actor: systemActor(house, 'capture'), outside, source: 'bench' }
    for (let i = 0; i < days; i += 1)
      await certify(deps, new Date(BASE + i * 86_400_000).toISOString().slice(0, 10))
    await this.#sealer.flush()
  }

  /** Files of one, two or three pieces; some are the same file again, some are lost for good. */
  async #fetch(): Promise<void> {
    const { db, house, media } = this.#scene.premises
    for (const wanted of await takeWaiting(db, house, null, 1000)) {
      if (this.#rng.chance(0.1)) {
        await settleLoss(db, house, wanted, 'expired', 'past five days')
        continue
      }
      const bytes = Buffer.from(`${wanted.promised.sdkfileid.split('|')[1]} `.repeat(40))
      const pieces = 1 + (bytes.length % 3)
      const step = Math.ceil(bytes.length / pieces)
      for (let n = 0; n < pieces; n += 1) {
        const data = bytes.subarray(n * step, (n + 1) * step)
        await keepSlice(db, house, media, wanted, { number: n, data, next: String(n + 1) })
      }
      const measured = await measure(db, house, media, wanted, pieces)
      if (measured) await settleFetched(db, house, media, wanted, pieces, measured, 'fetched')
    }
  }

  #message(): Incoming {
    const rng = this.#rng
    const n = this.#said
    this.#said += 1
    const customer = `wmErxtDgAA9AW32YyyuYRimKr7D1K${String(n % 37).padStart(3, '0')}`
    const staff = `staff${n % 7}`
    const fromCustomer = rng.chance(0.4)
    const msgid = `t${n}_${rng.digits(12)}_external`
    const message = {
      msgid,
      action: 'send',
      from: fromCustomer ? customer : staff,
      tolist: [fromCustomer ? staff : customer],
      roomid: n % 9 === 0 ? `wrBench${n % 4}` : '',
      msgtime: BASE + n * 97_000,
      ...this.#content(n),
    }
    return incoming(message, n + 1)
  }

  #content(n: number): object {
    const rng = this.#rng
    if (n % 17 === 3) return image(rng, n)
    if (n % 23 === 5) return { msgtype: 'revoke', revoke: { pre_msgid: `t${n - 1}_external` } }
    if (n % 29 === 7) {
      const item = [1, 2].map(() => ({
        type: 'ChatRecordText',
        content: JSON.stringify({ content: rng.pick(SAID) }),
      }))
      return { msgtype: 'chatrecord', chatrecord: { title: '群聊的聊天记录', item } }
    }
    const content = Array.from({ length: rng.int(1, 4) }, () => rng.pick(SAID)).join('，')
    return { msgtype: 'text', text: { content: `${content}${n}` } }
  }
}

function incoming(message: object, seq: number | null = null): Incoming {
  const raw = Buffer.from(JSON.stringify(message))
  const normal = normalise(raw.toString('utf8'))
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq, source: 'bench' }
}

/** Every fifth picture is one that was sent before. */
function image(rng: Rng, n: number): object {
  const which = n % 5 === 0 ? 'the same' : rng.id(20)
  return { msgtype: 'image', image: { sdkfileid: `file${n}|${which}`, md5sum: '', filesize: 900 } }
}

const noJobs: Pick<JobQueue, 'enqueue'> = { enqueue: async () => '' }

/** An archive of `messages` with everything the ledger covers. */
export async function buildArchive(
  scene: Omit<Scene, 'package'>,
  rng: Rng,
  messages: number,
): Promise<{ writer: Writer; scene: Scene }> {
  const writer = new Writer(scene, rng)
  for (let said = 0; said < messages; said += BATCH) await writer.say(Math.min(BATCH, messages - said))
  await writer.certificates(3)
  const old = await writer.sayLongAgo(6)
  const file = await doDeeds(scene.premises, { kept: writer.talk, old })
  // Some files are still waited for, as in any archive.
  await writer.say(BATCH / 2, { wait: true })
  return { writer, scene: { ...scene, package: file } }
}

/** What the command `verify` does: the same code, whole, with every byte of every file. */
export async function problemsOf(scene: Scene): Promise<Problem[]> {
  return (await verifyEverything(scene.premises)).problems
}
