import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Rng } from '../sim/rng.ts'
import { type Db, sql } from '../src/base/index.ts'
import { forge } from '../test/support/forge.ts'
import type { Scene } from './tamper-archive.ts'
import { type Change, filesBelow, remembered } from './tamper-files.ts'

/** Changes that are more than one byte: what an intruder with every right would really do. */
export type Attack = { name: string; make(scene: Scene, rng: Rng): Promise<Change> }

const TABLES = [
  'message',
  'message_link',
  'derived_text',
  'message_media',
  'media',
  'leaf',
  'checkpoint',
  'trail_entry',
]

/** Copies of all tables, made once; `restore` puts those named back. */
export async function keepTables(owner: Db): Promise<void> {
  for (const table of TABLES) await sql.raw(`CREATE TABLE kept_${table} AS TABLE ${table}`).execute(owner)
}

function restoring(owner: Db, tables: string[]): () => Promise<void> {
  return async () => {
    for (const table of tables)
      await sql.raw(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`).execute(owner)
  }
}

async function one(owner: Db, statement: string): Promise<number> {
  const { rows } = await sql.raw<{ n: number }>(statement).execute(owner)
  return Number(rows[0]?.n)
}

/** Statements of the intruder, tables to put back, and the index that must be named first. */
function bySql(
  what: string,
  tables: string[],
  make: (owner: Db, rng: Rng) => Promise<{ run: string[]; index: number | null; ref?: string }>,
) {
  return async (scene: Scene, rng: Rng): Promise<Change> => {
    const { run, index, ref } = await make(scene.owner, rng)
    for (const statement of run) await sql.raw(statement).execute(scene.owner)
    return {
      what,
      named: ([first]) => first?.index === index && (ref === undefined || first.ref === ref),
      undo: restoring(scene.owner, tables),
    }
  }
}

const TWO_TEXTS = `SELECT min(f.idx) AS n FROM leaf f JOIN message m ON m.src_msgid = f.ref WHERE f.log_id = 'archive' AND f.kind = 'message' AND m.kind = 'text'`

/** The two messages after a random one that belong to the same conversation. */
async function pair(owner: Db, rng: Rng): Promise<{ a: string; b: string; index: number }> {
  const { rows } = await sql<{ a: string; b: string; index: number }>`
    SELECT m.src_msgid AS a, n.src_msgid AS b, least(f.idx, g.idx) AS index FROM message m
    JOIN message n ON n.conv_id = m.conv_id AND n.src_msgid > m.src_msgid AND n.kind = 'text'
    JOIN leaf f ON f.log_id = 'archive' AND f.kind = 'message' AND f.ref = m.src_msgid
    JOIN leaf g ON g.log_id = 'archive' AND g.kind = 'message' AND g.ref = n.src_msgid
    WHERE m.kind = 'text' ORDER BY md5(m.src_msgid || n.src_msgid || ${String(rng.int(0, 1e9))}) LIMIT 1`.execute(
    owner,
  )
  const [row] = rows
  if (!row) throw new Error('no two texts in one conversation')
  return row
}

const NEWEST: Attack['make'] = bySql(
  'the newest rows are removed with their leaves and checkpoints',
  TABLES,
  async owner => {
    const size = await one(owner, "SELECT max(idx) + 1 AS n FROM leaf WHERE log_id = 'archive'")
    const from = size - 40
    const cut = `log_id = 'archive' AND idx >= ${from}`
    const known = (kind: string, ref: string): string =>
      `${ref} IN (SELECT ref FROM leaf WHERE ${cut} AND kind = '${kind}')`
    return {
      run: [
        `DELETE FROM message t WHERE ${known('message', 't.src_msgid')}`,
        'DELETE FROM message_link t WHERE NOT EXISTS (SELECT FROM message m WHERE m.src_msgid = t.src_msgid)',
        'DELETE FROM message_media t WHERE NOT EXISTS (SELECT FROM message m WHERE m.src_msgid = t.src_msgid)',
        'DELETE FROM derived_text t WHERE NOT EXISTS (SELECT FROM message m WHERE m.src_msgid = t.src_msgid)',
        `DELETE FROM leaf WHERE ${cut}`,
        `DELETE FROM checkpoint WHERE log_id = 'archive' AND size > ${from}`,
      ],
      index: from,
    }
  },
)

const SWAP_BODIES: Attack['make'] = bySql(
  'two rows exchange body and commitment',
  ['message'],
  async (owner, rng) => {
    const { a, b, index } = await pair(owner, rng)
    return {
      run: [
        `UPDATE message m SET body = k.body, commitment = k.commitment FROM kept_message k
       WHERE (m.src_msgid, k.src_msgid) IN (('${a}', '${b}'), ('${b}', '${a}'))`,
      ],
      index,
    }
  },
)

const SWAP_ROWS: Attack['make'] = bySql(
  'two rows exchange everything but their keys',
  ['message'],
  async (owner, rng) => {
    const { a, b, index } = await pair(owner, rng)
    return {
      run: [
        `UPDATE message m SET source = k.source, seq = k.seq, kind = k.kind, action = k.action, direction = k.direction,
         from_party = k.from_party, meta = k.meta, body = k.body, key_id = k.key_id, commitment = k.commitment, captured_at = k.captured_at
       FROM kept_message k WHERE (m.src_msgid, k.src_msgid) IN (('${a}', '${b}'), ('${b}', '${a}'))`,
      ],
      index,
    }
  },
)

const SWAP_LEAVES: Attack['make'] = bySql(
  'two leaves exchange their indexes',
  ['leaf'],
  async (owner, rng) => {
    const size = await one(owner, "SELECT count(*) AS n FROM leaf WHERE log_id = 'archive'")
    const first = rng.int(0, size - 3)
    const second = rng.int(first + 1, size - 1)
    const at = (from: number, to: number): string =>
      `UPDATE leaf SET idx = ${to} WHERE log_id = 'archive' AND idx = ${from}`
    return { run: [at(first, -7), at(second, first), at(-7, second)], index: first }
  },
)

const SWAP_MEDIA: Attack['make'] = bySql(
  'two messages exchange their files',
  ['message_media'],
  async owner => {
    const { rows } = await sql<{ a: string; b: string; index: number }>`
    SELECT m.src_msgid AS a, n.src_msgid AS b, least(f.idx, g.idx) AS index FROM message_media m JOIN message_media n ON n.sha256 <> m.sha256
    JOIN leaf f ON f.log_id = 'archive' AND f.kind = 'media' AND f.ref = m.src_msgid || '|' || m.part
    JOIN leaf g ON g.log_id = 'archive' AND g.kind = 'media' AND g.ref = n.src_msgid || '|' || n.part LIMIT 1`.execute(
      owner,
    )
    const [row] = rows
    if (!row) throw new Error('no two files')
    return {
      run: [
        `UPDATE message_media m SET sha256 = k.sha256, size = k.size, state = k.state, settled_at = k.settled_at FROM kept_message_media k
       WHERE (m.src_msgid, k.src_msgid) IN (('${row.a}', '${row.b}'), ('${row.b}', '${row.a}'))`,
      ],
      index: row.index,
    }
  },
)

const REMOVED: Attack['make'] = bySql('one message is removed', ['message'], async (owner, rng) => {
  const size = await one(
    owner,
    "SELECT count(*) AS n FROM leaf WHERE log_id = 'archive' AND kind = 'message'",
  )
  const index = await one(
    owner,
    `SELECT idx AS n FROM leaf f WHERE log_id = 'archive' AND kind = 'message' ORDER BY idx OFFSET ${rng.int(0, size - 1)} LIMIT 1`,
  )
  return {
    run: [
      `DELETE FROM message WHERE src_msgid = (SELECT ref FROM leaf WHERE log_id = 'archive' AND idx = ${index})`,
    ],
    index,
  }
})

const SMUGGLED: Attack['make'] = bySql('a message is put in', ['message'], async () => ({
  run: [
    `INSERT INTO message SELECT corp_id, conv_id, sent_at + interval '1 hour', 'smuggled', source, seq, kind, action, direction, from_party, meta,
      consent_event, retention_class, body, key_id, commitment, captured_at FROM message m
      WHERE src_msgid = (SELECT ref FROM leaf WHERE log_id = 'archive' AND idx = (${TWO_TEXTS}))`,
  ],
  index: null,
  ref: 'smuggled',
}))

const TRAIL_SMUGGLED: Attack['make'] = bySql('a trail entry is put in', ['trail_entry'], async () => ({
  run: [
    `INSERT INTO trail_entry SELECT corp_id, '00000000-0000-7000-8000-000000000001', at, actor, role, verb, thing_kind, thing_id, sealed, key_id,
      commitment FROM trail_entry LIMIT 1`,
  ],
  index: null,
  ref: '00000000-0000-7000-8000-000000000001',
}))

const TRAIL_REMOVED: Attack['make'] = bySql(
  'the newest trail entries are removed with their leaves',
  ['trail_entry', 'leaf', 'checkpoint'],
  async owner => {
    const from = (await one(owner, "SELECT max(idx) AS n FROM leaf WHERE log_id = 'trail'")) - 3
    return {
      run: [
        `DELETE FROM trail_entry t WHERE t.id::text IN (SELECT ref FROM leaf WHERE log_id = 'trail' AND idx >= ${from})`,
        `DELETE FROM leaf WHERE log_id = 'trail' AND idx >= ${from}`,
        `DELETE FROM checkpoint WHERE log_id = 'trail' AND size > ${from}`,
      ],
      index: from,
    }
  },
)

/** Message, leaf and every checkpoint recomputed so that the database agrees with itself. */
async function rewrite(scene: Scene, rng: Rng): Promise<Change> {
  const size = await one(scene.owner, "SELECT count(*) AS n FROM leaf WHERE log_id = 'archive'")
  const index = rng.int(0, size - 1)
  await forge({ owner: scene.owner, outside: scene.premises.outside }, index)
  return {
    what: `leaves and checkpoints rewritten consistently from ${index}`,
    named: ([first]) => first?.log === 'archive' && first.index === index,
    undo: restoring(scene.owner, ['message', 'leaf', 'checkpoint']),
  }
}

/** The newest partial tile of level 0 of the archive. */
function newestTile(scene: Scene): string {
  const tiles = filesBelow(scene.ledgerDir).filter(file => /\/archive\/tile\/0\/.*\.p\/\d+$/.test(file))
  const width = (file: string): number => Number(file.split('/').at(-1))
  const newest = tiles.sort((a, b) => width(a) - width(b)).at(-1)
  if (!newest) throw new Error('no partial tile')
  return newest
}

async function changeTile(scene: Scene, what: string, change: (bytes: Buffer) => Buffer): Promise<Change> {
  const file = newestTile(scene)
  const undo = remembered([file])
  writeFileSync(file, change(readFileSync(file)))
  const name = relative(scene.ledgerDir, file)
  return { what: `${what} ${name}`, named: problems => problems[0]?.file === name, undo }
}

/** The tile as it stood before the last batches, which is still there under its narrower name. */
function replayTile(scene: Scene): Promise<Change> {
  const folder = dirname(newestTile(scene))
  const older = filesBelow(folder).filter(file => file !== newestTile(scene))
  const [first] = older
  if (!first) throw new Error('no older tile')
  const bytes = readFileSync(first)
  return changeTile(scene, 'an old tile is put back', () => bytes)
}

async function removeTile(scene: Scene): Promise<Change> {
  const file = newestTile(scene)
  const undo = remembered([file])
  rmSync(file)
  const name = relative(scene.ledgerDir, file)
  return { what: `a tile is removed ${name}`, named: problems => problems[0]?.file === name, undo }
}

/** The bytes of two files of equal number of pieces change places on the disk. */
async function swapFiles(scene: Scene): Promise<Change> {
  const folder = scene.premises.media.where
  const [a, b] = filesBelow(folder).filter(file =>
    /^[0-9a-f]{2}\/[0-9a-f]{64}\/0$/.test(relative(folder, file)),
  )
  if (!a || !b) throw new Error('no two files')
  const hexes = [a, b].map(file => Buffer.from(relative(folder, file).split('/')[1] ?? '', 'hex'))
  const { rows } = await sql<{ index: number }>`
    SELECT min(f.idx) AS index FROM leaf f JOIN message_media m ON m.src_msgid || '|' || m.part = f.ref
    WHERE f.log_id = 'archive' AND f.kind = 'media' AND m.sha256 = ANY(${hexes}::bytea[])`.execute(
    scene.owner,
  )
  const undo = remembered([a, b])
  const first = readFileSync(a)
  writeFileSync(a, readFileSync(b))
  writeFileSync(b, first)
  return { what: 'two stored files change places', named: ([p]) => p?.index === rows[0]?.index, undo }
}

export const ATTACKS: readonly Attack[] = [
  { name: 'newest rows removed', make: NEWEST },
  { name: 'consistent rewrite', make: rewrite },
  { name: 'bodies swapped', make: SWAP_BODIES },
  { name: 'rows swapped', make: SWAP_ROWS },
  { name: 'leaves swapped', make: SWAP_LEAVES },
  { name: 'files of messages swapped', make: SWAP_MEDIA },
  { name: 'stored files swapped', make: swapFiles },
  { name: 'row removed', make: REMOVED },
  { name: 'row put in', make: SMUGGLED },
  { name: 'trail entry put in', make: TRAIL_SMUGGLED },
  { name: 'newest trail removed', make: TRAIL_REMOVED },
  { name: 'old tile replayed', make: replayTile },
  {
    name: 'tile cut short',
    make: scene => changeTile(scene, 'a tile is cut short', bytes => bytes.subarray(0, bytes.length - 32)),
  },
  {
    name: 'tile made longer',
    make: scene =>
      changeTile(scene, 'a tile is made longer', bytes => Buffer.concat([bytes, bytes.subarray(0, 32)])),
  },
  { name: 'tile removed', make: removeTile },
]
