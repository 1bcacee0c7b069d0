/** What happened in a group, as it was written down. `at` and `learntAt` are epoch ms. */
export type GroupFact = {
  id: string
  kind: 'created' | 'joined' | 'left' | 'owner_changed' | 'renamed' | 'announced' | 'dismissed' | 'seen_again'
  /** Who joined or left, or the owner; '' when the event does not say. */
  party: string
  scene: number | null
  source: 'callback' | 'reconcile'
  at: number
  learntAt: number
  /** For a rename: the new name and the one before, where known. */
  name: string | null
  was: string | null
}

export type GroupThen = {
  members: Map<string, { since: number }>
  owner: string | null
  /** null: no rename tells it. */
  name: string | null
  dismissed: boolean
}

/** Who leaves and comes back in one second has left first; a look that sees the group again comes last. */
const ORDER: GroupFact['kind'][] = [
  'created',
  'left',
  'joined',
  'owner_changed',
  'renamed',
  'announced',
  'dismissed',
  'seen_again',
]
const inOrder = (a: GroupFact, b: GroupFact): number =>
  a.at - b.at || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.id < b.id ? -1 : 1)

/**
 * The group as its events add up to at a moment: every event up to then in the order in which it happened, whatever the
 * order in which we were told. An event told twice (by WeCom's callback and by our own look) counts once.
 */
export function groupAt(facts: readonly GroupFact[], at: number): GroupThen {
  const then: GroupThen = { members: new Map(), owner: null, name: firstName(facts), dismissed: false }
  const learnt = new Map<string, number>()
  for (const fact of facts.filter(one => one.at <= at).toSorted(inOrder)) {
    const { party } = fact
    switch (fact.kind) {
      case 'created':
      case 'owner_changed':
        then.owner = party || then.owner
        break
      case 'joined':
        if (party === '' || then.members.has(party)) break
        then.members.set(party, { since: fact.at })
        learnt.set(party, fact.learntAt)
        break
      case 'left':
        if (endsStay(fact, then.members.get(party)?.since, learnt.get(party))) then.members.delete(party)
        break
      case 'renamed':
        then.name = fact.name ?? then.name
        break
      case 'dismissed':
        then.dismissed = true
        break
      case 'seen_again':
        then.dismissed = false
        break
      default:
    }
  }
  if (then.dismissed) then.members.clear()
  return then
}

/** That somebody was missing from a look ends only a stay known before that look: clocks differ (history-store.ts). */
function endsStay(left: GroupFact, since: number | undefined, learntAt: number | undefined): boolean {
  if (since === undefined || left.at <= since) return false
  return left.source === 'callback' || (learntAt ?? Number.POSITIVE_INFINITY) < left.learntAt
}

/** Before the first rename the group bore the name that rename replaced. */
function firstName(facts: readonly GroupFact[]): string | null {
  const renames = facts.filter(one => one.kind === 'renamed' && one.was !== null).toSorted(inOrder)
  return renames[0]?.was ?? null
}

/** A callback tells the moment, our look a little later tells the rest: they are one thing that happened. */
const SAME_MS = 15 * 60_000

/**
 * What a reader sees between the messages: each happening once, at the earliest moment we know for it, with all that is
 * known of it. Looks that found nothing new (`seen_again`) and events without a name that another one names are left out.
 */
export function toldOnce(facts: readonly GroupFact[]): GroupFact[] {
  const told: GroupFact[] = []
  for (const fact of facts.toSorted(inOrder)) {
    if (fact.kind === 'seen_again') continue
    const twin = told.findLast(
      one => one.kind === fact.kind && fact.at - one.at <= SAME_MS && sameThing(one, fact),
    )
    if (!twin) told.push({ ...fact })
    else Object.assign(twin, filled(twin, fact))
  }
  const named = (fact: GroupFact): boolean =>
    told.some(one => one.kind === fact.kind && one.party !== '' && Math.abs(one.at - fact.at) <= SAME_MS)
  return told.filter(
    fact => !((fact.kind === 'joined' || fact.kind === 'left') && fact.party === '' && named(fact)),
  )
}

function sameThing(one: GroupFact, other: GroupFact): boolean {
  if (one.kind === 'joined' || one.kind === 'left')
    return one.party === other.party && one.source !== other.source
  if (one.kind === 'renamed') return one.name === null || other.name === null || one.name === other.name
  return one.party === other.party || one.party === '' || other.party === ''
}

const filled = (twin: GroupFact, fact: GroupFact) => ({
  party: twin.party || fact.party,
  name: twin.name ?? fact.name,
  was: twin.was ?? fact.was,
  scene: twin.scene ?? fact.scene,
  learntAt: Math.min(twin.learntAt, fact.learntAt),
})
