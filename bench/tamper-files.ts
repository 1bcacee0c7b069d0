import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Rng } from '../sim/rng.ts'
import { sql } from '../src/base/index.ts'
import { parseTilePath, TILE_WIDTH } from '../src/ledger/index.ts'
import type { Problem } from '../src/notary/index.ts'
import type { Scene } from './tamper-archive.ts'
import { spoilFile } from './tamper-byte.ts'

/** A change that has been made: what it was, whether verify named its place, and how to undo it. */
export type Change = {
  what: string
  /** What is checked for this change; absent: all that the command `verify` checks. */
  problems?(): Promise<Problem[]>
  named(problems: readonly Problem[]): boolean
  undo(): Promise<void>
}

const LEAF_BYTES = 32

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function spoil(file: string, rng: Rng): { at: number; undo(): Promise<void> } {
  const before = readFileSync(file)
  const { bytes, at } = spoilFile(before, rng)
  writeFileSync(file, bytes)
  return { at, undo: async () => writeFileSync(file, before) }
}

/** One byte of a piece of a stored file: the first message that holds the file must be named. */
export async function spoilMedia(scene: Scene, rng: Rng): Promise<Change> {
  const folder = scene.premises.media.where
  const stored = filesBelow(folder).filter(file => !relative(folder, file).startsWith('partial'))
  const file = rng.pick(stored)
  const hex = relative(folder, file).split('/')[1] ?? ''
  const { rows } = await sql<{ index: number | null }>`
    SELECT min(f.idx) AS index FROM leaf f JOIN message_media m ON m.conv_id = f.conv_id AND m.sent_at = f.sent_at
      AND m.src_msgid || '|' || m.part = f.ref WHERE f.log_id = 'archive' AND f.kind = 'media' AND m.sha256 = ${Buffer.from(hex, 'hex')}`.execute(
    scene.owner,
  )
  const index = rows[0]?.index ?? null
  const { at, undo } = spoil(file, rng)
  return {
    what: `media ${relative(folder, file)} byte ${at}`,
    named: ([first]) => first?.log === 'archive' && first.index === index && index !== null,
    undo,
  }
}

/** One byte of a tile of any level, full or partial: the file must be named, and for level 0 the very index. */
export async function spoilTile(scene: Scene, rng: Rng): Promise<Change> {
  const file = rng.pick(filesBelow(scene.ledgerDir).filter(name => name.includes('/tile/')))
  const name = relative(scene.ledgerDir, file)
  const { level, index } = parseTilePath(name.slice(name.indexOf('/') + 1))
  const { at, undo } = spoil(file, rng)
  const leaf = index * TILE_WIDTH ** (level + 1) + (level === 0 ? Math.floor(at / LEAF_BYTES) : 0)
  return {
    what: `tile ${name} byte ${at}`,
    named: ([first]) => first?.file === name && first.index === leaf,
    undo,
  }
}

/** One byte of what the newest checkpoint outside says, of its signature, or of the public key beside it. */
export async function spoilOutside(scene: Scene, rng: Rng): Promise<Change> {
  const file = rng.pick(filesBelow(scene.ledgerDir).filter(name => !name.includes('/tile/')))
  const name = relative(scene.ledgerDir, file)
  const { at, undo } = spoil(file, rng)
  return { what: `${name} byte ${at}`, named: ([first]) => first?.file === name, undo }
}

/** What stands in these files now, to be put back. */
export function remembered(files: string[]): () => Promise<void> {
  const kept = files.map(file => ({ file, bytes: statSync(file).isFile() ? readFileSync(file) : null }))
  return async () => {
    for (const { file, bytes } of kept) if (bytes) writeFileSync(file, bytes)
  }
}
