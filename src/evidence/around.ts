import { destructionsOf, holdsPlaced } from '../archive/index.ts'
import type { Db, House } from '../base/index.ts'
import { noticesOf, noticeWordings, type Stay, staysIn } from '../contacts/index.ts'
import type { LogSnapshot } from '../notary/index.ts'
import { looksAt } from '../trail/index.ts'
import { type Content, document, isoOrNull } from './content.ts'
import { iso } from './lines.ts'
import type { PackageRow } from './store.ts'
import { type DestructionLine, FILES, type LookLine } from './verifier/format.ts'
import type { Written, ZipWriter } from './zip-writer.ts'

/** Looks that are listed; more would be a sign of something else. */
const MOST_LOOKS = 20_000

type Around = {
  db: Db
  house: House
  zip: ZipWriter
  content: Content
  row: PackageRow
  archive: LogSnapshot
  trail: LogSnapshot
}

/** Looks, retention, destruction, people, membership, consent and notices. */
export async function addAround(around: Around): Promise<Written[]> {
  const { db, house, zip, content, row } = around
  const convs = [...new Set(row.stretches.map(stretch => stretch.convId))]
  const looks = await lookLines(db, house, convs, around.trail)
  content.counts.looks = looks.length
  const stays: Stay[] = []
  for (const stretch of content.stretches)
    for (const room of content.rooms)
      stays.push(...(await staysIn(db, house, room, stretch.from, stretch.to)))
  await content.people.learn(stays.map(stay => stay.party))
  const parties = [...content.people.identities.keys()]
  const holds = await holdsPlaced(db, house, { convs, parties })
  const notices = await noticesOf(db, house, parties)
  const versions = [...new Set(notices.flatMap(notice => notice.version ?? []))]
  const membership = Map.groupBy(stays, stay => `${stay.room}|${stay.party}|${stay.joinedAt}`)
  return [
    await zip.add(FILES.looks, jsonLines(looks), 'deflate'),
    await zip.add(
      FILES.retention,
      document({ classes: Object.fromEntries(content.classes), holds }),
      'deflate',
    ),
    await zip.add(
      FILES.destructions,
      jsonLines(await destructionLines(db, house, convs, around.archive)),
      'deflate',
    ),
    await zip.add(
      FILES.people,
      document({ names: row.names, people: [...content.people.identities.values()] }),
      'deflate',
    ),
    await zip.add(
      FILES.membership,
      document({
        stays: [...membership.values()].flatMap(([stay]) =>
          stay ? [{ ...stay, joinedAt: iso(stay.joinedAt), leftAt: isoOrNull(stay.leftAt) }] : [],
        ),
      }),
      'deflate',
    ),
    await zip.add(
      FILES.choices,
      document({
        choices: [...content.people.choices.values()].flat().map(({ id, beforeLedger, ...choice }) => ({
          ...choice,
          effectiveAt: iso(choice.effectiveAt),
          recordedAt: iso(choice.recordedAt),
        })),
      }),
      'deflate',
    ),
    await zip.add(
      FILES.notices,
      document({
        notices: notices.map(notice => ({
          ...notice,
          dueAt: iso(notice.dueAt),
          sentAt: isoOrNull(notice.sentAt),
          provedAt: isoOrNull(notice.provedAt),
        })),
        wordings: await noticeWordings(db, house, versions),
      }),
      'deflate',
    ),
  ]
}

function jsonLines(lines: object[]): Buffer[] {
  return lines.map(line => Buffer.from(`${JSON.stringify(line)}\n`))
}

async function lookLines(db: Db, house: House, convs: string[], trail: LogSnapshot): Promise<LookLine[]> {
  const looks = await looksAt(db, house, { kind: 'conversation', ids: convs }, trail.size, MOST_LOOKS)
  const paths = looks.length === 0 ? [] : await trail.prove(looks.map(look => look.leaf))
  return looks.map(({ leaf, envelope, commitment }, i) => ({
    leaf,
    envelope,
    commitment: commitment.toString('hex'),
    path: (paths[i] ?? []).map(hash => hash.toString('base64')),
  }))
}

async function destructionLines(
  db: Db,
  house: House,
  convs: string[],
  archive: LogSnapshot,
): Promise<DestructionLine[]> {
  const lines: DestructionLine[] = []
  for (const conv of convs) {
    const purges = await destructionsOf(db, house, conv, archive.size)
    const paths = purges.length === 0 ? [] : await archive.prove(purges.map(purge => purge.leaf))
    for (const [i, purge] of purges.entries())
      lines.push({
        leaf: purge.leaf,
        ref: purge.ref,
        record: purge.recordHash.toString('hex'),
        path: (paths[i] ?? []).map(hash => hash.toString('base64')),
      })
  }
  return lines
}
