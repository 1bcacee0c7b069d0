import { parentPort, workerData } from 'node:worker_threads'
import { Client } from 'pg'
import { createRng, type Rng } from '../sim/rng.ts'
import { type Incoming, type Prepared, prepare } from '../src/archive/index.ts'
import {
  createLog,
  type Db,
  type House,
  KeyRing,
  keyMonth,
  MasterKeys,
  type MasterSource,
  openDb,
} from '../src/base/index.ts'
import { normalise } from '../src/wecom/index.ts'
import { type Corpus, loadCorpus, type Planted, plantedWords, textOf } from './bulk-corpus.ts'
import { CopyRows, copyIn } from './copy.ts'

export type BulkTask = {
  ownerUrl: string
  appUrl: string
  masterKey: { source: MasterSource; next: MasterSource | undefined }
  corp: number
  corpid: string
  n: number
  seed: string
  corpusFile: string | undefined
}
/** One month: rows `from` up to `from` + `rows` of the whole set. */
export type BulkMonth = { month: string; from: number; rows: number }
export type BulkDone = {
  month: string
  rows: number
  rawBytes: number
  prepareMs: number
  copyMs: number
  indexMs: number
}

const BATCH = 5000
/** Messages of one conversation in one month. */
const TALK = 80
const ADVISERS = 400
const CORP_ID = 'ww-bench'

type Place = { db: Db; house: House; owner: Client; corpus: Corpus; planted: Map<number, string> }

function messageAt(place: Place, rng: Rng, i: number, at: number, conversations: number): Incoming {
  const pair = rng.int(0, conversations - 1)
  const adviser = `adviser${String(pair % ADVISERS).padStart(3, '0')}`
  const customer = customerOf(pair)
  const toCustomer = rng.chance(0.5)
  const word = place.planted.get(i)
  const text = textOf(place.corpus, rng)
  const raw = Buffer.from(
    JSON.stringify({
      msgid: `${rng.digits(19)}_${at}_external`,
      action: 'send',
      from: toCustomer ? adviser : customer,
      tolist: [toCustomer ? customer : adviser],
      roomid: '',
      msgtime: at,
      msgtype: 'text',
      text: { content: word === undefined ? text : `${text.slice(0, 10)}${word}${text.slice(10)}` },
    }),
  )
  const normal = normalise(raw.toString('utf8'))
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq: i + 1, source: 'bench' }
}

const customers = new Map<number, string>()
function customerOf(pair: number): string {
  let id = customers.get(pair)
  if (id === undefined) {
    id = `wm${createRng(`customer ${pair}`).id(30)}`
    customers.set(pair, id)
  }
  return id
}

class Tables {
  readonly #message = new CopyRows()
  readonly #gram = new CopyRows()
  readonly #leaf = new CopyRows()

  add(corp: number, item: Prepared): void {
    const { normal, source, seq } = item.incoming
    const key = (to: CopyRows): void => {
      to.smallint(corp)
      to.bigint(item.conv)
      to.moment(item.sentAt)
      to.text(normal.msgid)
    }
    this.#message.row(15)
    key(this.#message)
    this.#message.text(source)
    this.#message.bigint(String(seq))
    for (const value of [normal.kind, normal.action, normal.direction, normal.from]) this.#message.text(value)
    this.#message.jsonb(normal.meta)
    if (item.body === null) throw new Error('nobody refuses in this set')
    this.#message.bytes(item.body)
    this.#message.uuid(item.keyId)
    this.#message.bytes(item.commitment)
    this.#message.moment(item.capturedAt)
    this.#gram.row(7)
    key(this.#gram)
    this.#gram.text('body')
    this.#gram.text('')
    this.#gram.ints(item.grams)
    this.#leaf.row(7)
    this.#leaf.smallint(corp)
    this.#leaf.text('archive')
    this.#leaf.text('message')
    this.#leaf.bytes(item.recordHash)
    this.#leaf.bigint(item.conv)
    this.#leaf.moment(item.sentAt)
    this.#leaf.text(normal.msgid)
  }

  async flush(owner: Client, suffix: string): Promise<void> {
    await copyIn(
      owner,
      `COPY message_${suffix} (corp_id, conv_id, sent_at, src_msgid, source, seq, kind, action, direction, from_party, meta,
        body, key_id, commitment, captured_at) FROM STDIN (FORMAT binary, FREEZE)`,
      this.#message.take(),
    )
    await copyIn(
      owner,
      `COPY message_gram_${suffix} (corp_id, conv_id, sent_at, src_msgid, source, part, g) FROM STDIN (FORMAT binary, FREEZE)`,
      this.#gram.take(),
    )
    await copyIn(
      owner,
      'COPY leaf_pending (corp_id, log_id, kind, record_hash, conv_id, sent_at, ref) FROM STDIN (FORMAT binary)',
      this.#leaf.take(),
    )
  }
}

/** A month in one transaction: two tables of its own, rows, indexes, then they become partitions. Killed, it leaves nothing. */
async function loadMonth(place: Place, corp: number, seed: string, task: BulkMonth): Promise<BulkDone> {
  const { owner, db, house } = place
  const suffix = task.month.slice(0, 7).replace('-', '_')
  const start = Date.parse(`${task.month}T00:00:00Z`)
  const next = new Date(start)
  next.setUTCMonth(next.getUTCMonth() + 1)
  const length = next.getTime() - start
  const rng = createRng(`${seed} ${task.month}`)
  const conversations = Math.max(1, Math.ceil(task.rows / TALK))
  const done: BulkDone = {
    month: task.month,
    rows: task.rows,
    rawBytes: 0,
    prepareMs: 0,
    copyMs: 0,
    indexMs: 0,
  }
  const parties = new Set<string>()
  const tables = new Tables()
  await owner.query(
    "BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL maintenance_work_mem = '384MB'; SET LOCAL max_parallel_maintenance_workers = 0",
  )
  for (const base of ['message', 'message_gram'])
    await owner.query(
      `CREATE TABLE ${base}_${suffix} (LIKE ${base} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    )
  for (let i = 0; i < task.rows; i += BATCH) {
    const size = Math.min(BATCH, task.rows - i)
    let mark = performance.now()
    const batch = Array.from({ length: size }, (_, k) => {
      const at = start + Math.floor(((i + k + rng.next()) / task.rows) * length)
      return messageAt(place, rng, task.from + i + k, Math.min(at, start + length - 1), conversations)
    })
    const prepared = await prepare(db, house, batch)
    for (const item of prepared) {
      tables.add(corp, item)
      done.rawBytes += item.incoming.raw.length
      for (const party of [item.incoming.normal.from, ...(item.incoming.normal.meta.to as string[])])
        parties.add(`${party}|${item.conv}`)
    }
    done.prepareMs += performance.now() - mark
    mark = performance.now()
    await tables.flush(owner, suffix)
    done.copyMs += performance.now() - mark
  }
  const mark = performance.now()
  await indexAndAttach(owner, suffix, start, next.getTime())
  await copyParties(owner, corp, keyMonth(start), parties)
  await owner.query('COMMIT')
  done.indexMs = performance.now() - mark
  return done
}

async function indexAndAttach(owner: Client, suffix: string, from: number, until: number): Promise<void> {
  const [low, high] = [from, until].map(ms => new Date(ms).toISOString())
  for (const base of ['message', 'message_gram']) {
    const part = `${base}_${suffix}`
    const { rows } = await owner.query<{ def: string; pk: string | null }>(
      `SELECT pg_get_indexdef(i.indexrelid) AS def, pg_get_constraintdef(c.oid) AS pk FROM pg_index i
        LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'p' WHERE i.indrelid = $1::regclass`,
      [base],
    )
    for (const { def, pk } of rows) {
      if (pk !== null) await owner.query(`ALTER TABLE ${part} ADD ${pk}`)
      else await owner.query(def.replace(/INDEX \S+ ON ONLY \S+/, `INDEX ON ${part}`))
    }
    // With this check the attach need not read the rows once more.
    await owner.query(
      `ALTER TABLE ${part} ADD CONSTRAINT bulk CHECK (sent_at >= '${low}' AND sent_at < '${high}') NOT VALID`,
    )
    await owner.query(
      `ALTER TABLE ${base} ATTACH PARTITION ${part} FOR VALUES FROM ('${low}') TO ('${high}')`,
    )
    await owner.query(`ALTER TABLE ${part} DROP CONSTRAINT bulk`)
    await owner.query(`GRANT SELECT ON ${part} TO tongjian_app; ANALYZE ${part}`)
  }
}

async function copyParties(owner: Client, corp: number, month: string, parties: Set<string>): Promise<void> {
  const pairs = [...parties].map(pair => pair.split('|'))
  await owner.query(
    `INSERT INTO conversation_party SELECT $1::smallint, party, $2::date, conv FROM unnest($3::text[], $4::bigint[]) AS t (party, conv)`,
    [corp, month, pairs.map(pair => pair[0]), pairs.map(pair => pair[1])],
  )
}

function plantedAt(words: Planted[]): Map<number, string> {
  return new Map(words.flatMap(({ word, at }) => at.map(i => [i, word] as const)))
}

async function main(task: BulkTask): Promise<void> {
  const { db, close } = openDb(task.appUrl, { max: 2 })
  const owner = new Client({ connectionString: task.ownerUrl })
  await owner.connect()
  const keys = new KeyRing(task.corp, await MasterKeys.load(task.masterKey, 'international', false))
  const log = createLog('error')
  const house: House = {
    corp: task.corp,
    corpid: task.corpid,
    name: CORP_ID,
    zone: 'Asia/Shanghai',
    demo: false,
    keys,
    log,
  }
  const planted = plantedAt(plantedWords(task.n, task.seed))
  const place = { db, house, owner, corpus: loadCorpus(task.corpusFile), planted }
  parentPort?.on('message', (month: BulkMonth | null) => {
    if (month === null) {
      void Promise.all([owner.end(), close()]).then(() => parentPort?.close())
      return
    }
    loadMonth(place, task.corp, task.seed, month).then(
      done => parentPort?.postMessage(done),
      (error: unknown) => {
        throw error
      },
    )
  })
  parentPort?.postMessage(null)
}

await main(workerData as BulkTask)
