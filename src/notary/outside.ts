import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Blobs, House } from '../base/index.ts'
import {
  type Checkpoint,
  emptyRoot,
  formatCheckpoint,
  generateNoteKey,
  type NoteSigner,
  type NoteVerifier,
  notePrivateKeyToPem,
  noteSignerFromPem,
  noteVerifierOf,
  noteVerifierToString,
  openNote,
  parseCheckpoint,
  signNote,
} from '../ledger/index.ts'
import type { LogId } from './store.ts'

/** The signing key and the place outside the database: what someone with full SQL rights does not have. */
export type Outside = { blobs: Blobs; signer: NoteSigner; verifier: NoteVerifier }

/** Open the Ed25519 key of this institution, made on first use; its public half stands beside the tiles. */
export async function openOutside(house: House, blobs: Blobs, keyFile: string): Promise<Outside> {
  const name = `tongjian/${house.corpid}`
  if (!existsSync(keyFile)) {
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    writeFileSync(keyFile, notePrivateKeyToPem(generateNoteKey(name)), { mode: 0o600, flag: 'wx' })
  }
  const signer = noteSignerFromPem(name, readFileSync(keyFile, 'utf8'))
  const verifier = noteVerifierOf(signer)
  const known = await blobs.get(VERIFIER)
  const text = `${noteVerifierToString(verifier)}\n`
  if (known?.toString('utf8') !== text) await blobs.put(VERIFIER, Buffer.from(text))
  return { blobs, signer, verifier }
}

const VERIFIER = 'verifier'

export function tileName(log: LogId, path: string): string {
  return `${log}/${path}`
}
export function checkpointName(log: LogId): string {
  return `${log}/checkpoint`
}

export function signCheckpoint(outside: Outside, log: LogId, size: number, root: Buffer): string {
  return signNote(formatCheckpoint({ origin: `${outside.signer.name}/${log}`, size, root }), outside.signer)
}

/**
 * The checkpoint of the empty log, written outside before anything is sealed: from then on a missing checkpoint is an
 * alarm and never the trace of a kill between the first commit and its copy.
 */
export async function publishEmpty(outside: Outside, log: LogId): Promise<void> {
  if ((await outside.blobs.get(checkpointName(log))) !== null) return
  await outside.blobs.put(checkpointName(log), Buffer.from(signCheckpoint(outside, log, 0, emptyRoot())))
}

/** A checkpoint that our key signed for this log; throws a ledger error when it did not. */
export function readCheckpoint(outside: Outside, log: LogId, note: string): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, [outside.verifier]).text)
  if (checkpoint.origin !== `${outside.signer.name}/${log}`)
    throw new Error(`checkpoint of another log: ${checkpoint.origin}`)
  return checkpoint
}

export async function outsideCheckpoint(outside: Outside, log: LogId): Promise<Checkpoint | null> {
  const bytes = await outside.blobs.get(checkpointName(log))
  return bytes === null ? null : readCheckpoint(outside, log, bytes.toString('utf8'))
}
