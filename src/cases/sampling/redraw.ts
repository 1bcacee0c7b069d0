import { createHash } from 'node:crypto'
import { type Opening, openedRecord } from '../../archive/index.ts'
import {
  appendLeaves,
  type Checkpoint,
  chooseLedgerHash,
  emptyFrontier,
  frontierRoot,
  hashLeaf,
  type NoteVerifier,
  noteVerifierFromString,
  openNote,
  parseCheckpoint,
} from '../../ledger/index.ts'
import { planDocument, SAMPLE_FORMAT } from './contract.ts'
import {
  draw,
  drawnDigest,
  populationDigest,
  type SealedMessage,
  seedOf,
  type Unit,
  unitsOf,
} from './draw.ts'
import type { Placed, SampleHead } from './export.ts'
import { drawRecord, planRecord } from './leaf.ts'
import { scopeKey } from './scope.ts'

/** What can be wrong with a sample; each has words of its own (REDRAW_WORDS). */
export type RedrawFault =
  | 'file'
  | 'signature'
  | 'fingerprint'
  | 'root'
  | 'plan_changed'
  | 'plan_late'
  | 'checkpoint_other'
  | 'draw_changed'
  | 'rerolled'
  | 'message_altered'
  | 'population'
  | 'seed'
  | 'drawn'

export type RedrawVerdict = {
  ok: boolean
  fault: RedrawFault | null
  /** Which leaf, unit or plan, where one can be named. */
  where: string | null
  facts: {
    number: string
    plan: string
    size: number
    seed: string
    fingerprint: string
    population: number
    messages: number
    drawn: string[]
  } | null
}

/** Why a sample is not believed. */
class Refused extends Error {
  readonly fault: RedrawFault
  readonly where: string | null
  constructor(fault: RedrawFault, where: string | null = null) {
    super(fault)
    this.fault = fault
    this.where = where
  }
}

/**
 * Check an exported sample and draw it again, with nothing but the file and the key in it. The steps stand in the order in
 * which a finding is worth most: signatures, tree, plan, checkpoint, other plans, population, draw.
 */
export async function redraw(
  lines: AsyncIterable<string>,
  options: { fingerprint?: string } = {},
): Promise<RedrawVerdict> {
  let facts: RedrawVerdict['facts'] = null
  try {
    const file = await readSample(lines)
    const { head, key } = file
    facts = factsOf(file)
    if (options.fingerprint !== undefined && plain(options.fingerprint) !== facts.fingerprint)
      throw new Refused('fingerprint')
    const notes = readNotes(head, key)
    checkTree(file, notes)
    checkPlan(file, notes)
    const units = populationIn(file)
    facts.population = units.length
    facts.messages = file.openings.length
    checkDraw(head, units)
    // Last, because a sample thrown twice is drawn right all the same.
    checkSiblings(file)
    return { ok: true, fault: null, where: null, facts: { ...facts } }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ok: false, fault: error.fault, where: error.where, facts }
  }
}

type SampleFile = { head: SampleHead; key: NoteVerifier; hashes: Buffer; openings: Opening[] }
const HASH = 32

async function readSample(lines: AsyncIterable<string>): Promise<SampleFile> {
  const found: { head?: SampleHead; hashes: Buffer[]; openings: Opening[]; ended: number | null } = {
    hashes: [],
    openings: [],
    ended: null,
  }
  let at = 0
  for await (const line of lines) {
    if (line === '') continue
    const value = parsed(line)
    if (value.kind === 'sample') found.head = headIn(value)
    else if (value.kind === 'hashes' && value.from === at) {
      const bytes = Buffer.from(String(value.base64), 'base64')
      if (bytes.length % HASH !== 0) throw new Refused('file', 'hashes')
      found.hashes.push(bytes)
      at += bytes.length / HASH
    } else if (value.kind === 'message') found.openings.push(value as unknown as Opening)
    else if (value.kind === 'end') found.ended = Number(value.messages)
    else throw new Refused('file', String(value.kind))
  }
  const { head, hashes, openings, ended } = found
  if (!head || ended !== openings.length) throw new Refused('file', 'end')
  return { head, key: keyIn(head), hashes: Buffer.concat(hashes), openings }
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value = JSON.parse(line) as Record<string, unknown> | null
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below, like anything else that is no line of a sample.
  }
  throw new Refused('file', line.slice(0, 40))
}

function headIn(value: Record<string, unknown>): SampleHead {
  const head = value as unknown as SampleHead
  const wellFormed =
    head.format === SAMPLE_FORMAT &&
    typeof head.notes?.first === 'string' &&
    typeof head.notes?.fixed === 'string' &&
    typeof head.notes?.head === 'string' &&
    Array.isArray(head.siblings) &&
    Array.isArray(head.drawn) &&
    typeof head.draw?.document === 'object' &&
    [head.plan, ...head.siblings].every(placed => planDocument.safeParse(placed?.document).success)
  if (!wellFormed) throw new Refused('file', 'head')
  return head
}

function keyIn(head: SampleHead): NoteVerifier {
  try {
    const key = noteVerifierFromString(head.key)
    chooseLedgerHash(key.publicKey.asymmetricKeyType === 'ed25519' ? 'sha256' : 'sm3')
    return key
  } catch {
    throw new Refused('signature')
  }
}

const plain = (fingerprint: string): string => fingerprint.replaceAll(/[\s:]/g, '').toLowerCase()

function factsOf({ head, key }: SampleFile): NonNullable<RedrawVerdict['facts']> {
  const { x } = key.publicKey.export({ format: 'jwk' })
  return {
    number: head.plan.document.number,
    plan: head.plan.document.id,
    size: head.draw.document.size,
    seed: head.draw.document.seed,
    fingerprint: createHash('sha256')
      .update(Buffer.from(x ?? '', 'base64url'))
      .digest('hex'),
    population: head.draw.document.population,
    messages: 0,
    drawn: head.drawn.map(unit => unit.id),
  }
}

type Notes = { before: Checkpoint | null; first: Checkpoint; fixed: Checkpoint; head: Checkpoint }

function readNotes({ notes }: SampleHead, key: NoteVerifier): Notes {
  const read = (note: string): Checkpoint => {
    try {
      const checkpoint = parseCheckpoint(openNote(note, [key]).text)
      if (checkpoint.origin === `${key.name}/archive`) return checkpoint
    } catch {
      // Any flaw of a note means the same: our key did not sign this.
    }
    throw new Refused('signature')
  }
  return {
    before: notes.before === null ? null : read(notes.before),
    first: read(notes.first),
    fixed: read(notes.fixed),
    head: read(notes.head),
  }
}

/** The leaves give all three signed roots: nothing was taken out, put in or altered before the checkpoint. */
function checkTree({ hashes }: SampleFile, notes: Notes): void {
  const stages = [notes.before, notes.first, notes.fixed, notes.head].filter(note => note !== null)
  const frontier = emptyFrontier()
  let at = 0
  for (const { size, root } of stages.toSorted((a, b) => a.size - b.size)) {
    if (size > hashes.length / HASH) throw new Refused('root', String(size))
    appendLeaves(frontier, hashes.subarray(at * HASH, size * HASH))
    at = size
    if (!frontierRoot(frontier).equals(Buffer.from(root))) throw new Refused('root', String(size))
  }
  if (at !== hashes.length / HASH) throw new Refused('root', String(at))
}

function stands({ hashes }: SampleFile, index: number, record: Buffer): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || (index + 1) * HASH > hashes.length) return false
  return hashLeaf(record).equals(hashes.subarray(index * HASH, (index + 1) * HASH))
}

function checkPlan(file: SampleFile, notes: Notes): void {
  const { head } = file
  const { plan } = head
  const drawn = head.draw.document
  if (!recordStands(file, plan)) throw new Refused('plan_changed', plan.document.number)
  if (
    !stands(
      file,
      head.draw.index,
      safely(() => drawRecord(drawn)),
    )
  )
    throw new Refused('draw_changed')
  if (plan.index >= notes.fixed.size) throw new Refused('plan_late', plan.document.number)
  const named = createHash('sha256').update(head.notes.fixed).digest('hex')
  const covered = notes.before !== null && notes.before.size > plan.index
  const isFirst = notes.first.size === notes.fixed.size && named === drawn.checkpoint
  if (covered || !isFirst || drawn.size !== notes.fixed.size)
    throw new Refused('checkpoint_other', String(notes.fixed.size))
  if (drawn.plan !== plan.document.id) throw new Refused('draw_changed')
}

function recordStands(file: SampleFile, placed: Placed<SampleHead['plan']['document']>): boolean {
  return stands(
    file,
    placed.index,
    safely(() => planRecord(placed.document)),
  )
}

/** What has no canonical form has no leaf. */
function safely(record: () => Buffer): Buffer {
  try {
    return record()
  } catch {
    return Buffer.alloc(0)
  }
}

function populationIn(file: SampleFile): Unit[] {
  const messages = file.openings.map((opening): SealedMessage => {
    const record = safely(() => Buffer.from(openedRecord(opening), 'hex'))
    const { envelope, index } = opening
    if (index >= file.head.draw.document.size || !stands(file, index, record))
      throw new Refused('message_altered', String(index))
    const { conv, sentAt, msgid, action, direction, from, meta } = envelope
    return { index, recordHash: record.toString('hex'), conv, sentAt, msgid, action, direction, from, meta }
  })
  if (new Set(messages.map(message => message.index)).size !== messages.length)
    throw new Refused('population')
  return unitsOf(file.head.plan.document, messages)
}

function checkDraw(head: SampleHead, units: Unit[]): void {
  const told = head.draw.document
  if (units.length !== told.population || populationDigest(units).toString('hex') !== told.populationSha256)
    throw new Refused('population', String(units.length))
  const seed = seedOf(head.notes.fixed, head.plan.document.id)
  if (seed.toString('hex') !== told.seed) throw new Refused('seed')
  const again = draw(head.plan.document, units, seed).drawn
  const listed = head.drawn
  const wrong = again.findIndex(
    (unit, i) => unit.id !== listed[i]?.id || unit.rules.join() !== listed[i]?.rules.join(),
  )
  if (wrong !== -1 || again.length !== listed.length)
    throw new Refused('drawn', listed[wrong === -1 ? again.length : wrong]?.id ?? again[wrong]?.id ?? null)
  if (again.length !== told.drawn || drawnDigest(again).toString('hex') !== told.drawnSha256)
    throw new Refused('drawn')
}

/** A second plan of the same scope and period is a second throw of the dice, whichever of them this one is. */
function checkSiblings(file: SampleFile): void {
  const { plan, siblings } = file.head
  for (const sibling of siblings) {
    if (!recordStands(file, sibling)) throw new Refused('plan_changed', sibling.document.number)
    if (scopeKey(sibling.document) === scopeKey(plan.document))
      throw new Refused('rerolled', sibling.document.number)
  }
  if (plan.document.earlier.length > 0) throw new Refused('rerolled', plan.document.earlier.join())
}

/** What the command says. */
export const REDRAW_WORDS: Record<RedrawFault, string> = {
  file: '文件不完整或不是抽样文件',
  signature: '检查点的签名不是文件所附公钥签的',
  fingerprint: '公钥指纹与您给出的不一致：签名者不是您以为的机构',
  root: '存档被改动：叶哈希算不出检查点签署的树根（有消息被删除、增加或改动）',
  plan_changed: '计划在登记后被改动：计划内容与账本中的叶不符',
  plan_late: '计划登记在检查点之后：抽取范围固定时它还不存在',
  checkpoint_other: '换用了另一个检查点：不是计划登记后的第一个',
  draw_changed: '抽取记录与账本中的叶不符',
  rerolled: '重复抽取：同一范围与期间登记过不止一份计划',
  message_altered: '消息被改动：某条消息与账本中的叶不符',
  population: '抽取范围与登记的不同：少了、多了或换了消息',
  seed: '种子不是由检查点与计划编号算出的',
  drawn: '样本清单被改动：与重新抽取的结果不同',
}
