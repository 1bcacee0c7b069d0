import { conversationTitles } from '../archive/index.ts'
import { type Actor, type Db, fail, type House } from '../base/index.ts'
import type { Outside } from '../notary/index.ts'
import { accountNames, authorise, can } from '../people/index.ts'
import { fingerprintOf } from './build.ts'
import {
  BUILD_STEPS,
  type EvidenceList,
  type EvidenceState,
  type EvidenceView,
  evidenceItem,
} from './contract.ts'
import { openDecision, openRequest } from './sealed.ts'
import {
  countStates,
  issueLeaf,
  type PackageRow,
  selectDownloads,
  selectIssues,
  selectPackage,
  selectPackages,
} from './store.ts'

/** Packages, newest first, with how many stand in which state and the key that signs them. */
export async function listPackages(
  db: Db,
  actor: Actor,
  outside: Outside,
  query: { state?: EvidenceState; limit: number },
): Promise<EvidenceList> {
  authorise(actor, 'evidence.read')
  const { house } = actor
  const rows = await selectPackages(db, house.corp, { state: query.state ?? null, limit: query.limit })
  const names = await namesIn(db, house, rows)
  const items = []
  for (const row of rows) {
    const { caseNumber, purpose } = await openRequest(db, house, row)
    items.push(evidenceItem.parse({ ...plainOf(row, names), caseNumber, purpose }))
  }
  return { items, counts: await countStates(db, house.corp), fingerprint: fingerprintOf(outside) }
}

async function namesIn(db: Db, house: House, rows: PackageRow[]): Promise<Map<string, string>> {
  return accountNames(
    db,
    house,
    rows.flatMap(row => [row.requestedBy, ...(row.decidedBy ? [row.decidedBy] : [])]),
  )
}

function plainOf(row: PackageRow, names: Map<string, string>) {
  const person = (account: string) => ({ account, name: names.get(account) ?? account })
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    names: row.names,
    keepDays: row.keepDays,
    messages: row.messages,
    requestedBy: person(row.requestedBy),
    requestedAt: row.requestedAt,
    decidedBy: row.decidedBy === null ? null : person(row.decidedBy),
    decidedAt: row.decidedAt,
    step: BUILD_STEPS.find(step => step === row.step) ?? null,
    done: row.done,
    failure: row.failure,
    builtAt: row.builtAt,
    fileBytes: row.fileBytes,
    expiresAt: row.expiresAt,
    expiredAt: row.expiredAt,
  }
}

/** Everything about one package, and what this person may do with it. */
export async function packageView(db: Db, actor: Actor, id: string): Promise<EvidenceView> {
  authorise(actor, 'evidence.read')
  const { house } = actor
  const row = await selectPackage(db, house.corp, id)
  if (!row) throw fail('thing.missing', { evidence: id })
  const downloads = await selectDownloads(db, house.corp, id)
  const names = await namesIn(db, house, [row])
  for (const [account, name] of await accountNames(
    db,
    house,
    downloads.map(download => download.by),
  ))
    names.set(account, name)
  const [issue] = await selectIssues(db, house.corp, [id])
  const titles = await conversationTitles(
    db,
    house,
    row.stretches.map(stretch => stretch.convId),
  )
  return {
    ...plainOf(row, names),
    ...(await openRequest(db, house, row)),
    scope: row.stretches.map(stretch => ({
      ...stretch,
      title: titles.get(stretch.convId) ?? stretch.convId,
    })),
    decision: await openDecision(db, house, row),
    fileSha256: row.fileSha256?.toString('hex') ?? null,
    manifestSha256: issue?.manifestSha256.toString('hex') ?? null,
    ledgerIndex: issue ? await issueLeaf(db, house.corp, id) : null,
    downloads: downloads.map(({ by, at }) => ({ by: { account: by, name: names.get(by) ?? by }, at })),
    can: abilities(actor, row),
  }
}

function abilities(actor: Actor, row: PackageRow): EvidenceView['can'] {
  const own = row.requestedBy === actor.name
  return {
    approve: row.state === 'waiting' && !own && can(actor, 'evidence.approve'),
    withdraw: row.state === 'waiting' && own && can(actor, 'evidence.request'),
    retry: row.state === 'failed' && can(actor, 'evidence.request'),
    download: row.state === 'ready' && mayTake(actor, row),
  }
}

/** The two who answer for a package; the shell is the operator's, who could read the files anyway and is in the trail. */
export function mayTake(actor: Actor, row: PackageRow): boolean {
  if (!can(actor, 'evidence.download')) return false
  return actor.kind === 'shell' || actor.name === row.requestedBy || actor.name === row.decidedBy
}
