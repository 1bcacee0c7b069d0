import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GroupFact, groupAt, toldOnce } from './replay.ts'

const fact = (more: Partial<GroupFact> & Pick<GroupFact, 'kind' | 'at'>): GroupFact => ({
  id: `${more.kind}-${more.at}-${more.party ?? ''}-${more.source ?? ''}`,
  party: '',
  scene: null,
  source: 'callback',
  learntAt: more.at,
  name: null,
  was: null,
  ...more,
})

const PEOPLE = ['a', 'b', 'c', 'd']
type Step = { do: 'join' | 'leave' | 'owner' | 'rename'; who: string }
const step = fc.record({
  do: fc.constantFrom('join' as const, 'leave' as const, 'owner' as const, 'rename' as const),
  who: fc.constantFrom(...PEOPLE),
})

/** A group told step by step by hand: what it looked like after each, and the facts that were written down. */
function live(steps: Step[]) {
  const members = new Map<string, number>()
  let [owner, name]: [string | null, string | null] = [null, null]
  const facts: GroupFact[] = []
  const looks: { at: number; members: string[]; owner: string | null; name: string | null }[] = []
  steps.forEach(({ do: what, who }, index) => {
    const at = (index + 1) * 1000
    const there = members.has(who)
    if (what === 'join' && !there) {
      members.set(who, at)
      facts.push(fact({ kind: 'joined', at, party: who }))
      // Our own look finds the same stay later.
      facts.push(fact({ kind: 'joined', at, party: who, source: 'reconcile', learntAt: at + 500 }))
    } else if (what === 'leave' && there) {
      members.delete(who)
      facts.push(fact({ kind: 'left', at, party: who }))
    } else if (what === 'owner') {
      owner = who
      facts.push(fact({ kind: 'owner_changed', at, party: who }))
    } else if (what === 'rename') {
      facts.push(fact({ kind: 'renamed', at, name: `${who}${index}`, was: name ?? '起初的名字' }))
      name = `${who}${index}`
    }
    looks.push({ at, members: [...members.keys()].sort(), owner, name })
  })
  return { facts, looks }
}

test('the group at any moment is what living through its events up to then came to, in whatever order they were told', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (steps, dice) => {
      const { facts, looks } = live(steps)
      const shuffled = facts
        .map(one => ({ one, at: dice.next().value ?? 0 }))
        .sort((x, y) => x.at - y.at)
        .map(x => x.one)
      const renamed = facts.some(one => one.kind === 'renamed')
      for (const look of looks) {
        for (const at of [look.at, look.at + 999]) {
          const then = groupAt(shuffled, at)
          expect([...then.members.keys()].sort()).toEqual(look.members)
          expect(then.owner).toBe(look.owner)
          expect(then.name).toBe(look.name ?? (renamed ? '起初的名字' : null))
          // What comes later makes no difference to what was.
          const known = groupAt(
            shuffled.filter(one => one.at <= at),
            at,
          )
          expect([...known.members]).toEqual([...then.members])
        }
      }
      expect(groupAt(shuffled, 0).members.size).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('a dismissed group is empty, and one that shows again is not', () => {
  const facts = [
    fact({ kind: 'joined', at: 1, party: 'a' }),
    fact({ kind: 'dismissed', at: 5 }),
    fact({ kind: 'seen_again', at: 9, source: 'reconcile' }),
  ]
  expect(groupAt(facts, 4)).toMatchObject({ dismissed: false, members: new Map([['a', { since: 1 }]]) })
  expect(groupAt(facts, 6)).toMatchObject({ dismissed: true, members: new Map() })
  expect(groupAt(facts, 9)).toMatchObject({ dismissed: false, members: new Map([['a', { since: 1 }]]) })
})

test('who comes back in the second he left is there; a look that missed him ends only a stay known before it', () => {
  const back = [
    fact({ kind: 'joined', at: 1, party: 'a' }),
    fact({ kind: 'joined', at: 7, party: 'a', source: 'reconcile', learntAt: 8 }),
    fact({ kind: 'left', at: 7, party: 'a', source: 'reconcile', learntAt: 8 }),
  ]
  expect(groupAt(back, 7).members.get('a')).toEqual({ since: 7 })
  const missed = [
    fact({ kind: 'joined', at: 10, party: 'a', learntAt: 30 }),
    fact({ kind: 'left', at: 20, party: 'a', source: 'reconcile', learntAt: 20 }),
  ]
  expect(groupAt(missed, 25).members.has('a')).toBe(true)
})

test('a thing told by callback and by our look is one line, at the earlier time, with all that is known', () => {
  const told = toldOnce([
    fact({ kind: 'renamed', at: 1000 }),
    fact({ kind: 'renamed', at: 4000, source: 'reconcile', name: '新名', was: '旧名' }),
    fact({ kind: 'joined', at: 5000, party: '' }),
    fact({ kind: 'joined', at: 5000, party: 'a', source: 'reconcile', scene: 3 }),
    fact({ kind: 'seen_again', at: 6000, source: 'reconcile' }),
  ])
  expect(told.map(one => [one.kind, one.at, one.party, one.name, one.scene])).toEqual([
    ['renamed', 1000, '', '新名', null],
    ['joined', 5000, 'a', null, 3],
  ])
})

test('leaving and coming back within a minute are two comings, not one', () => {
  const told = toldOnce([
    fact({ kind: 'joined', at: 1000, party: 'a' }),
    fact({ kind: 'left', at: 20_000, party: 'a' }),
    fact({ kind: 'joined', at: 40_000, party: 'a' }),
  ])
  expect(told.map(one => one.kind)).toEqual(['joined', 'left', 'joined'])
})
