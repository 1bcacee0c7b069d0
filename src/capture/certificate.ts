import { createHash } from 'node:crypto'
import type { LeafKind } from '../archive/index.ts'
import {
  type Actor,
  causeOf,
  type Db,
  dayOf,
  fail,
  type House,
  inTransaction,
  now,
  repeat,
} from '../base/index.ts'
import { type Canonical, canonicalJson, openNote, recordHash, signNote } from '../ledger/index.ts'
import { leafProblems, logLeaves, type Outside, strangerProblems } from '../notary/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { dayBefore, type Facts, factsOf, lasting } from './certificate-facts.ts'
import {
  boundsOf,
  certificatesByRef,
  certificatesWithoutLeaf,
  firstCapture,
  insertCertificate,
  listCertificates,
  lockCertificates,
  type StoredCertificate,
  selectCertificate,
} from './certificate-store.ts'
import {
  type CertificateDocument,
  type CertificateView,
  certificateDocument,
  certificateItem,
} from './contract.ts'
import { type RepullDeps, repullSince } from './repull.ts'

const RECORD_VERSION = 1
const DAY_MS = 86_400_000

export type CertificateDeps = { db: Db; actor: Actor; outside: Outside; source: string }

/**
 * The certificate of a local day (YYYY-MM-DD). When nothing has changed since its newest revision that one is given;
 * what came later makes a new revision, beside the old.
 */
export async function certify(
  deps: CertificateDeps,
  day: string,
): Promise<CertificateView & { fresh: boolean }> {
  const { db, actor, outside, source } = deps
  const { house } = actor
  const facts = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(tx => factsOf(tx, house, source, day))
  const digest = sha256(canonicalJson(lasting(facts) as unknown as Canonical))
  return inTransaction(db, async tx => {
    await lockCertificates(tx, house.corp)
    const newest = await selectCertificate(tx, house.corp, day, null)
    if (newest?.facts.equals(digest)) return { ...viewOf(newest), fresh: false }
    const made = issue(house, outside, facts, digest, (newest?.revision ?? 0) + 1)
    await insertCertificate(tx, house.corp, made)
    await logLeaves(tx, house, 'archive', [
      { kind: 'certificate', recordHash: recordOf(house, made), conv: '0', sentAt: 0, ref: refOf(made) },
    ])
    await record(tx, actor, {
      verb: 'certificate.issued',
      thing: { kind: 'certificate', id: day },
      detail: { revision: made.revision },
    })
    return { ...viewOf(made), fresh: true }
  })
}

function issue(
  house: House,
  outside: Outside,
  facts: Facts,
  digest: Buffer,
  revision: number,
): StoredCertificate {
  const issuedAt = now()
  const document = canonicalJson({ ...facts, revision, issuedAt } as unknown as Canonical)
  const text = noteText(house, facts.day, revision, document)
  return {
    day: facts.day,
    revision,
    document,
    facts: digest,
    note: signNote(text, outside.signer),
    issuedAt,
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** What is signed: whose, which day and revision, and the hash of the document. */
function noteText(house: House, day: string, revision: number, document: string): string {
  return `tongjian/${house.corpid}/certificate\n${day} ${revision}\n${sha256(document).toString('hex')}\n`
}

function refOf(c: { day: string; revision: number }): string {
  return `${c.day}|${c.revision}`
}

function recordOf(house: House, c: StoredCertificate): Buffer {
  return recordHash(
    RECORD_VERSION,
    'certificate',
    {
      corp: house.corp,
      day: c.day,
      revision: c.revision,
      issuedAt: c.issuedAt,
      sha256: sha256(c.document).toString('hex'),
      facts: c.facts.toString('hex'),
      note: c.note,
    },
    null,
  )
}

function documentOf(c: StoredCertificate): CertificateDocument {
  return certificateDocument.parse(JSON.parse(c.document))
}

function viewOf(c: StoredCertificate): CertificateView {
  return { certificate: documentOf(c), sha256: sha256(c.document).toString('hex'), note: c.note }
}

/** The newest revision of each of the last days. */
export async function certificates(db: Db, actor: Actor, limit: number) {
  authorise(actor, 'system.read')
  const rows = await listCertificates(db, actor.house.corp, limit)
  return {
    items: rows.map(row => {
      const document = documentOf(row)
      return certificateItem.parse({
        day: row.day,
        revision: row.revision,
        issuedAt: row.issuedAt,
        messages: document.messages.total,
        people: document.people.length,
        late: document.messages.late,
        quarantined: document.quarantine.reduce((sum, q) => sum + q.waiting, 0),
        unknown: document.unknown.map(thing => thing.code),
      })
    }),
  }
}

/** One certificate; without a revision the newest. The look is in the trail. `thing.missing` when there is none. */
export async function readCertificate(
  db: Db,
  actor: Actor,
  day: string,
  revision: number | null,
): Promise<CertificateView> {
  authorise(actor, 'system.read')
  return inTransaction(db, async tx => {
    const found = await selectCertificate(tx, actor.house.corp, day, revision)
    if (!found) throw fail('thing.missing', { certificate: day })
    await record(tx, actor, {
      verb: 'certificate.read',
      thing: { kind: 'certificate', id: day },
      detail: { revision: found.revision },
    })
    return viewOf(found)
  })
}

/** How `verify` knows a certificate: leaf, row, document, note and signature must agree, and each row has its leaf. */
export function certificateLeaves(house: House, outside: Outside): LeafKind {
  return {
    kind: 'certificate',
    async check(db, leaves) {
      const rows = await certificatesByRef(
        db,
        house.corp,
        leaves.map(leaf => leaf.ref),
      )
      const byRef = new Map(rows.map(row => [refOf(row), row]))
      return leafProblems(leaves, leaf => {
        const row = byRef.get(leaf.ref)
        if (!row) return 'certificate missing'
        return leafFault(leaf) ?? fault(house, outside, row, leaf.recordHash)
      })
    },
    async strangers(db) {
      return strangerProblems('certificate', await certificatesWithoutLeaf(db))
    },
  }
}

/** A certificate belongs to no conversation. */
function leafFault(leaf: { conv: string; sentAt: string }): string | null {
  return leaf.conv === '0' && leaf.sentAt === '0' ? null : 'a column of the leaf differs'
}

type Checked = StoredCertificate & { wholeMs: boolean }

function fault(house: House, outside: Outside, row: Checked, leaf: Buffer): string | null {
  if (!row.wholeMs || !recordOf(house, row).equals(leaf))
    return 'a column of the certificate differs from its leaf'
  try {
    const { text } = openNote(row.note, [outside.verifier])
    if (text !== noteText(house, row.day, row.revision, row.document))
      return 'the signed note of the certificate speaks of another document'
    return null
  } catch {
    return 'the signature of the certificate is not ours'
  }
}

const LOOK_MS = 60_000
/** Late arrivals come within WeCom's window; a day older than that changes no more. */
const LOOK_BACK_DAYS = 7
const CHANGED_MS = 3_600_000
/** Messages of the last minute of a day are still on their way at midnight. */
const AFTER_MIDNIGHT_MS = 5 * 60_000

/** After midnight: re-pull, then certify yesterday; once an hour look whether an earlier day has changed. */
export function startCertificates(deps: CertificateDeps & { repulls: RepullDeps | null }): {
  stop(): Promise<void>
} {
  const { house } = deps.actor
  let looked = 0
  return repeat(
    LOOK_MS,
    LOOK_MS,
    async signal => {
      const { any } = await firstCapture(deps.db, house.corp)
      if (any === null) return
      const yesterday = dayBefore(now() - AFTER_MIDNIGHT_MS, house.zone)
      const missing = (await selectCertificate(deps.db, house.corp, yesterday, null)) === null
      if (missing && deps.repulls) {
        const { to } = await boundsOf(deps.db, house.corp, yesterday, house.zone)
        await repullSince(deps.repulls, to, signal).catch(error =>
          house.log.warn({ error: causeOf(error) }, 'yesterday is certified without a re-pull'),
        )
      }
      if (!missing && now() - looked < CHANGED_MS) return
      looked = now()
      for (const day of lastDays(yesterday, dayOf(any, house.zone)))
        if (!signal.aborted) await certify(deps, day)
    },
    error => house.log.error({ error: causeOf(error) }, 'the certificate of the day could not be made'),
  )
}

/** Days to certify, oldest first: since there is an archive, and within reach of late arrivals. */
function lastDays(yesterday: string, first: string): string[] {
  const end = Date.parse(`${yesterday}T12:00:00Z`)
  const days = Array.from({ length: LOOK_BACK_DAYS }, (_, i) =>
    new Date(end - i * DAY_MS).toISOString().slice(0, 10),
  )
  return days.filter(day => day >= first || day === yesterday).reverse()
}
