import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, monotonic } from '../clock.ts'
import { runsSince, startOf } from './processes.ts'

/**
 * Who uses the data folder, told by the names of empty files in `<data>/run`: `<pid>-<start>-<random>.<word>`.
 * A name appears and disappears at once, so there is no half-written lock; a name whose process is gone counts for
 * nothing and is swept, so there is no stale one either.
 */
export type Word = 'server' | 'command'
export type Holder = { name: string; pid: number; word: Word }

const NAME = /^((\d+)-(\d+)-[0-9a-f]{16})\.(server|command|choosing|turn(\d+))$/
const POLL_MS = 15
/** First use of a slow disk creates a cluster inside one turn; no turn takes longer than its own bounded waits. */
const TURN_WAIT_MS = 240_000
const MINE = new Set<string>()

type Entry = { file: string; id: string; pid: number; word: string; turn: number }

function newName(): string {
  const id = `${process.pid}-${startOf(process.pid)}-${randomBytes(8).toString('hex')}`
  MINE.add(id)
  return id
}

function put(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, file), '', { flag: 'wx', mode: 0o600 })
}

function entries(folder: string): Entry[] {
  const found: Entry[] = []
  for (const file of readdirSync(folder)) {
    const match = NAME.exec(file)
    if (!match) continue
    const [, id = '', pid, start = '', word = '', turn] = match
    const alive = Number(pid) === process.pid ? MINE.has(id) : runsSince(Number(pid), start)
    if (alive) found.push({ file, id, pid: Number(pid), word, turn: Number(turn ?? 0) })
    else rmSync(join(folder, file), { force: true })
  }
  return found
}

/** Register as a user of the folder. Call inside `inTurn`. */
export function hold(folder: string, word: Word): Holder {
  const name = newName()
  put(folder, `${name}.${word}`)
  return { name, pid: process.pid, word }
}

export function release(folder: string, holder: Holder): void {
  rmSync(join(folder, `${holder.name}.${holder.word}`), { force: true })
  MINE.delete(holder.name)
}

export function holders(folder: string): Holder[] {
  return entries(folder)
    .filter(entry => entry.word === 'server' || entry.word === 'command')
    .map(entry => ({ name: entry.id, pid: entry.pid, word: entry.word as Word }))
}

/**
 * Run `work` while no other process does, by Lamport's bakery (CACM 17(8), 1974) on file names. A lock file that is
 * taken over when stale can be taken over twice at once; here nobody ever takes over anything: the dead lose their turn.
 */
export async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const id = newName()
  put(folder, `${id}.choosing`)
  const turn = 1 + Math.max(0, ...entries(folder).map(entry => entry.turn))
  put(folder, `${id}.turn${turn}`)
  rmSync(join(folder, `${id}.choosing`))
  try {
    await waitForTurn(folder, id, turn)
    return await work()
  } finally {
    rmSync(join(folder, `${id}.turn${turn}`), { force: true })
    MINE.delete(id)
  }
}

async function waitForTurn(folder: string, id: string, turn: number): Promise<void> {
  const begun = monotonic()
  for (;;) {
    // Two readings, in this order: who was choosing in the first has its number standing in the second.
    const choosing = entries(folder).find(entry => entry.word === 'choosing' && entry.id !== id)
    const before = choosing ?? entries(folder).find(entry => isBefore(entry, id, turn))
    if (!before) return
    if (monotonic() - begun > TURN_WAIT_MS) {
      throw new Error(
        `waited ${TURN_WAIT_MS / 1000} s for process ${before.pid}, which is starting or stopping PostgreSQL; ` +
          `if it hangs, end it, or if it is not Tongjian, delete ${join(folder, before.file)}`,
      )
    }
    await after(POLL_MS)
  }
}

function isBefore(entry: Entry, id: string, turn: number): boolean {
  if (entry.turn === 0 || entry.id === id) return false
  return entry.turn < turn || (entry.turn === turn && entry.id < id)
}
