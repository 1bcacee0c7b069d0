import { type Db, type House, now } from '../base/index.ts'
import { isExternal } from '../wecom/index.ts'
import type { TalkEvent } from './contract.ts'
import { type GroupFact, groupAt, toldOnce } from './replay.ts'
import { openPart } from './sealed.ts'
import {
  type ConsentRow,
  type FollowFact,
  type NoticeFact,
  selectConsents,
  selectFollowFacts,
  selectGroupFacts,
  selectNoticeFacts,
} from './talk-store.ts'

/** Whose conversation: a room, or the pair of an employee and a customer; between colleagues there is no customer. */
export type Talk = { room: string | null; parties: readonly string[] }
/** `at`: the moment looked at, null for now. `knownAt`: as far as we knew then, null for all we know today. */
export type Moment = { at: number | null; knownAt: number | null }

/** An event between messages, with ids instead of people. */
export type Happening = Omit<TalkEvent, 'parties'> & { parties: string[] }
export type TalkThen = {
  /** Oldest first, none after the moment. */
  events: Happening[]
  /** Who was in the group; null when no event tells. */
  members: Map<string, { since: number }> | null
  owner: string | null
  /** The group's name then; null when no rename tells it. */
  name: string | null
  dismissed: boolean
  consents: Map<string, { state: ConsentRow['state']; at: number }>
}

/** What happened around a conversation up to a moment, and how things stood then. */
export async function talkThen(db: Db, house: House, talk: Talk, moment: Moment): Promise<TalkThen> {
  const at = moment.at ?? now()
  const facts = talk.room === null ? [] : await groupFacts(db, house, talk.room, moment.knownAt)
  const group = groupAt(facts, at)
  const known = facts.some(fact => fact.kind === 'joined' && fact.party !== '' && fact.at <= at)
  const everybody = talk.room === null ? talk.parties : facts.map(fact => fact.party)
  const customers = [...new Set([...everybody, ...talk.parties].filter(isExternal))]
  const staff = talk.parties.filter(id => !isExternal(id))
  const choices = (
    await selectConsents(db, house.corp, { customers, staff, chatId: talk.room, known: moment.knownAt })
  ).filter(choice => choice.at <= at)
  const single = talk.room === null ? customers[0] : undefined
  const follows = single ? await selectFollowFacts(db, house.corp, single, moment.knownAt) : []
  const party = talk.room ?? single
  const notices = party
    ? await selectNoticeFacts(db, house.corp, { kind: talk.room ? 'group' : 'contact', party, staff })
    : []
  const events = [
    ...groupHappenings(facts),
    ...consentHappenings(choices),
    ...(single ? followHappenings(follows, single, staff) : []),
    ...notices.flatMap(noticeHappenings),
  ]
  return {
    events: events
      .filter(event => event.at <= at && event.learntAt <= (moment.knownAt ?? event.learntAt))
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
    members: known ? group.members : null,
    owner: group.owner,
    name: group.name,
    dismissed: group.dismissed,
    consents: inForce(choices),
  }
}

async function groupFacts(db: Db, house: House, room: string, known: number | null): Promise<GroupFact[]> {
  const rows = await selectGroupFacts(db, house.corp, room, known)
  const { key } = await house.keys.own(db)
  return rows.map(({ sealed, ...row }) => {
    const told = sealed ? openPart(house, key, 'groupEvent', { id: row.id, sealed }) : null
    return { ...row, name: told?.name ?? null, was: told?.was ?? null }
  })
}

/** The newest choice of each; the rows come newest and strictest first. */
function inForce(choices: ConsentRow[]): TalkThen['consents'] {
  const found: TalkThen['consents'] = new Map()
  for (const { externalUserid, state, at } of choices)
    if (!found.has(externalUserid)) found.set(externalUserid, { state, at })
  return found
}

const QUIET = { state: null, name: null, scene: null, msgid: null, reason: null }

/** Those who came or went in the same second by the same way share a line. */
function groupHappenings(facts: GroupFact[]): Happening[] {
  const lines = new Map<string, Happening>()
  for (const { id, kind, party, scene, at, learntAt, name } of toldOnce(facts)) {
    if (kind === 'seen_again') continue
    const line = `${kind}|${at}|${scene ?? ''}`
    const parties = party === '' ? [] : [party]
    const known = lines.get(line)
    if (known) known.parties.push(...parties)
    else lines.set(line, { ...QUIET, id, at, learntAt, kind, parties, scene, name })
  }
  return [...lines.values()]
}

/** What the customer's own message says stands as that message; the same choice heard again elsewhere is no news. */
function consentHappenings(choices: ConsentRow[]): Happening[] {
  const told: Happening[] = []
  const last = new Map<string, string>()
  for (const choice of choices.toReversed()) {
    const { id, externalUserid, state, source, at, learntAt } = choice
    const repeated = last.get(externalUserid) === state
    last.set(externalUserid, state)
    if (!repeated && source !== 'message')
      told.push({ ...QUIET, id, at, learntAt, kind: 'consent', parties: [externalUserid], state })
  }
  return told
}

const BEGAN = new Set(['added', 'half_added'])
const ENDED: Record<string, TalkEvent['kind']> = {
  deleted_by_staff: 'deleted_by_staff',
  deleted_by_customer: 'deleted_by_customer',
  ended: 'ended',
}
/** One employee's end and another's beginning this near to each other are a hand-over. */
const HANDOVER_MS = 48 * 3_600_000
/** WeCom's word for a friendship that ends because the customer was transferred (wecom-api.md §2.3). */
const BY_TRANSFER = 'DELETE_BY_TRANSFER'

function followHappenings(follows: FollowFact[], customer: string, staff: string[]): Happening[] {
  const near = (fact: FollowFact, wanted: (other: FollowFact) => boolean): FollowFact | undefined =>
    follows.find(
      other => other.userid !== fact.userid && wanted(other) && Math.abs(other.at - fact.at) <= HANDOVER_MS,
    )
  return follows
    .filter(fact => staff.includes(fact.userid))
    .flatMap((fact): Happening[] => {
      const { id, userid, kind, reason, at, learntAt } = fact
      const line = { ...QUIET, id, at, learntAt }
      if (BEGAN.has(kind)) {
        const from = near(fact, other => other.reason === BY_TRANSFER)
        return from
          ? [{ ...line, kind: 'taken_over', parties: [userid, from.userid] }]
          : [{ ...line, kind: 'followed', parties: [userid, customer] }]
      }
      const ended = ENDED[kind]
      if (!ended) return []
      const to = reason === BY_TRANSFER ? near(fact, other => BEGAN.has(other.kind)) : undefined
      return to
        ? [{ ...line, kind: 'handed_over', parties: [userid, to.userid] }]
        : [{ ...line, kind: ended, parties: [userid, customer] }]
    })
}

const LOST = new Set(['refused', 'failed', 'missing'])

function noticeHappenings(notice: NoticeFact): Happening[] {
  const { id, state, reason, dueAt, sentAt, provedAt, msgid } = notice
  const line = { ...QUIET, kind: 'notice' as const, parties: [] }
  const told: Happening[] = []
  if (sentAt !== null && sentAt !== provedAt)
    told.push({ ...line, id: `${id}-sent`, at: sentAt, learntAt: sentAt, state: 'sent' })
  if (provedAt !== null)
    told.push({ ...line, id: `${id}-proved`, at: provedAt, learntAt: provedAt, state: 'proved', msgid })
  if (LOST.has(state))
    told.push({ ...line, id: `${id}-lost`, at: dueAt, learntAt: dueAt, state: 'lost', reason })
  return told
}
