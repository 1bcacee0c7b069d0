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

/** Open the signing key of this institution, Ed25519 or SM2 by its suite, made on first use; its public half stands beside the tiles. */
export async function openOutside(house: House, blobs: Blobs, keyFile: string): Promise<Outside> {
  const name = `tongjian/${house.corpid}`
  const algorithm = house.keys.suite === 'gm' ? 'sm2' : 'ed25519'
  if (!existsSync(keyFile)) {
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    writeFileSync(keyFile, notePrivateKeyToPem(generateNoteKey(name, algorithm)), { mode: 0o600, flag: 'wx' })
  }
  const signer = noteSignerFromPem(name, readFileSync(keyFile, 'utf8'))
  const verifier = noteVerifierOf(signer)
  const outside: Outside = { blobs, signer, verifier }
  if (!(await publicKeyStands(outside))) {
    if ((await blobs.get(VERIFIER)) !== null)
      house.log.warn(
        { file: VERIFIER },
        'the public key beside the ledger was another one; it is written anew',
      )
    await blobs.put(VERIFIER, Buffer.from(publicKeyText(outside)))
  }
  return outside
}

/** The public key, beside the tiles, for whoever checks without us. */
export const VERIFIER = 'verifier'

function publicKeyText({ verifier }: Outside): string {
  return `${noteVerifierToString(verifier)}\n`
}

/** Is the public key beside the tiles the one that belongs to our signatures? */
export async function publicKeyStands(outside: Outside): Promise<boolean> {
  return (await outside.blobs.get(VERIFIER))?.toString('utf8') === publicKeyText(outside)
}

export function tileName(log: LogId, path: string): string {
  return `${log}/${path}`
}
export function checkpointName(log: LogId): string {
  return `${log}/checkpoint`
}

/** The epoch a checkpoint was signed in and the leaf that opened it; 0 and 0 until a restore had to be told. */
export type Era = { epoch: number; first: number }

const ERA = /^epoch ([1-9]\d*) (\d+)$/

/** The epoch stands in an extension line: `epoch <n> <index of its first leaf>`. */
export function eraOf(checkpoint: Checkpoint): Era {
  const [, epoch, first] = ERA.exec(checkpoint.extra?.[0] ?? '') ?? []
  return { epoch: Number(epoch ?? 0), first: Number(first ?? 0) }
}

export function signCheckpoint(outside: Outside, log: LogId, size: number, root: Buffer, era: Era): string {
  const origin = `${outside.signer.name}/${log}`
  const extra = era.epoch === 0 ? [] : [`epoch ${era.epoch} ${era.first}`]
  return signNote(formatCheckpoint({ origin, size, root, extra }), outside.signer)
}

/**
 * The checkpoint of the empty log, written outside before anything is sealed: from then on a missing checkpoint is an
 * alarm and never the trace of a kill between the first commit and its copy.
 */
export async function publishEmpty(outside: Outside, log: LogId): Promise<void> {
  if ((await outside.blobs.get(checkpointName(log))) !== null) return
  await outside.blobs.put(
    checkpointName(log),
    Buffer.from(signCheckpoint(outside, log, 0, emptyRoot(), { epoch: 0, first: 0 })),
  )
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

/** What is never written again: full tiles, stamps with what they stamp, seams. The rest grows or is replaced. */
export function isFinal(name: string): boolean {
  return /\/(?:tile\/[\dx/]+|stamp\/[^/]+|epoch\/\d+\.json)$/.test(name)
}
