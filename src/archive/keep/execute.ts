import {
  type Blobs,
  type Db,
  fail,
  failpoint,
  type House,
  inTransaction,
  now,
  systemActor,
  type Tx,
} from '../../base/index.ts'
import { logLeaves } from '../../notary/index.ts'
import { record } from '../../trail/index.ts'
import type { DestructionDocument, Institution } from './contract.ts'
import {
  certificateRecord,
  destroyMessages,
  listDigest,
  type PurgeReach,
  partRecord,
  partRef,
} from './destroy.ts'
import { removeFiles } from './files.ts'
import { addRefusals, factsNow, judge, type Part, type PurgeGuard } from './judge.ts'
import {
  doneParts,
  insertDestruction,
  lockPart,
  openParts,
  type RequestRow,
  selectDestroyed,
  selectFiles,
  selectRequests,
  settlePart,
} from './purge-store.ts'
import { shredIfEmpty } from './shred.ts'
import { keepLock } from './store.ts'

export type PurgeDeps = {
  /** Connections of the role that may destroy, and of nothing else. */
  purgeDb: Db
  house: House
  blobs: Blobs
  institution: Institution
  guards: readonly PurgeGuard[]
  reaches: readonly PurgeReach[]
}

type Approved = RequestRow & { verdict: 'approved'; decidedBy: string; decidedAt: number }

/**
 * Carry out an approved purge: one transaction a conversation-month, each with the checks made anew behind the lock, then
 * the files, then the certificate. Whatever was committed stands, so after a kill it goes on with what is left.
 */
export async function executePurge(deps: PurgeDeps, request: string): Promise<void> {
  const { purgeDb, house } = deps
  const approved = await approvedRequest(purgeDb, house, request)
  if (!approved) return
  for (const part of await openParts(purgeDb, house.corp, request)) {
    await inTransaction(purgeDb, tx => purgePart(tx, deps, approved, part))
    failpoint('purge.part_committed')
  }
  await removeFiles(purgeDb, house.corp, deps.blobs, request)
  failpoint('purge.before_certificate')
  await inTransaction(purgeDb, tx => certify(tx, deps, approved))
}

async function approvedRequest(db: Db, house: House, id: string): Promise<Approved | null> {
  const [row] = await selectRequests(db, house.corp, id)
  if (row?.verdict !== 'approved' || row.decidedBy === null || row.decidedAt === null) return null
  return { ...row, verdict: 'approved', decidedBy: row.decidedBy, decidedAt: row.decidedAt }
}

/** The last look and the deed are one: a hold that was committed before this lock was had is seen, a later one waits. */
async function purgePart(tx: Tx, deps: PurgeDeps, request: Approved, part: Part): Promise<void> {
  const { house } = deps
  await keepLock(tx, house.corp)
  if (!(await lockPart(tx, house.corp, request.id, part))) return
  const facts = await factsNow(tx, house, deps.institution, deps.guards)
  const { eligible, refused } = await judge(tx, house, facts, part, request.scope)
  const at = now()
  if (eligible.length === 0) {
    const nothing = { messages: 0, records: 0, listSha256: null, keyShredded: false }
    await settlePart(tx, house.corp, request.id, { ...part, at, ...nothing, refused })
    return
  }
  const keys = eligible.map(message => message.key)
  const records = await destroyMessages(tx, house.corp, request.id, part, keys)
  for (const reach of deps.reaches) await reach(tx, house, keys)
  const keyShredded = await shredIfEmpty(tx, house, part)
  const listSha256 = listDigest(await selectDestroyed(tx, house.corp, request.id, part))
  const done = { ...part, at, messages: keys.length, records, listSha256, keyShredded, refused }
  await settlePart(tx, house.corp, request.id, done)
  const who = { id: request.id, requestedBy: request.requestedBy, approvedBy: request.decidedBy }
  await logLeaves(tx, house, 'archive', [leaf(partRef(request.id, part), partRecord(house, who, done))])
  failpoint('purge.part')
}

function leaf(ref: string, hash: Buffer) {
  return { kind: 'destruction', recordHash: hash, conv: '0', sentAt: 0, ref }
}

/** The certificate, once: who asked, who approved, on what basis, what is gone by hash and what stayed by reason. */
async function certify(tx: Tx, deps: PurgeDeps, approved: Approved): Promise<void> {
  const { house } = deps
  await keepLock(tx, house.corp)
  const [row] = await selectRequests(tx, house.corp, approved.id)
  if (!row) throw fail('thing.missing', { purge: approved.id })
  if (row.certificate || row.done < row.parts) return
  const certificate = await documentOf(tx, house, approved)
  if (certificate.records > 0) {
    const destruction = {
      id: approved.id,
      requestedBy: approved.requestedBy,
      approvedBy: approved.decidedBy,
      certificate,
      at: certificate.issuedAt,
    }
    await insertDestruction(tx, house.corp, destruction)
    await logLeaves(tx, house, 'archive', [leaf(approved.id, certificateRecord(house, destruction))])
  }
  await record(tx, systemActor(house, 'purge'), {
    verb: 'purge.executed',
    thing: { kind: 'purge', id: approved.id },
    detail: {
      number: approved.number,
      messages: certificate.messages,
      records: certificate.records,
      refused: Object.values(certificate.refused).reduce((sum, n) => sum + n, 0),
    },
  })
}

async function documentOf(tx: Tx, house: House, row: Approved): Promise<DestructionDocument> {
  const parts = await doneParts(tx, house.corp, row.id)
  const files = await selectFiles(tx, house.corp, row.id)
  const gone = parts.flatMap(({ listSha256, ...part }) => (listSha256 ? [{ ...part, listSha256 }] : []))
  return {
    version: 1,
    number: row.number,
    institution: house.name,
    corpid: house.corpid,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    approvedBy: row.decidedBy,
    approvedAt: row.decidedAt,
    issuedAt: now(),
    scope: row.scope,
    basis: row.basis,
    messages: gone.reduce((sum, part) => sum + part.messages, 0),
    records: gone.reduce((sum, part) => sum + part.records, 0),
    files: {
      removed: files.filter(file => file.state === 'removed').length,
      shared: files.filter(file => file.state === 'shared').length,
    },
    keys: gone.filter(part => part.keyShredded).length,
    refused: parts.map(part => part.refused).reduce(addRefusals, {}),
    parts: gone.map(({ convId, month, records, listSha256, keyShredded }) => ({
      ...{ convId, month, records, listSha256: listSha256.toString('hex'), keyShredded },
    })),
  }
}
