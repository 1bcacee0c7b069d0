import type { MediaStore } from './media.ts'
import { type Draft, newMsgid } from './message.ts'
import type { People } from './people.ts'
import type { Rng } from './rng.ts'
import { createCasting, type Place, perform, SCRIPTS, type Script, type Stage } from './talk/index.ts'

const PLACES: readonly { place: Place; weight: number }[] = [
  { place: 'pair', weight: 74 },
  { place: 'room', weight: 12 },
  { place: 'colleague', weight: 8 },
  { place: 'team', weight: 6 },
]
/** Leaves about 1.5 % of what staff say in violation: rare, as in life. */
const PLANTED_SHARE = 0.035
const LOG_SHARE = 0.015

export type Story = {
  /** The messages of one thread starting at `at`, and the conversation they belong to. */
  next(at: number): { key: string; drafts: Draft[] }
}

/** An endless supply of threads between the people of this world. */
export function createStory(rng: Rng, people: People, media: MediaStore): Story {
  const casting = createCasting(rng.fork('casting'), people)
  const nameOf = (id: string): string => people.employee.get(id)?.name ?? people.contact.get(id)?.name ?? id
  const decks = new Map<string, () => Script>()
  const choose = (place: Place, planted: boolean, at: number): Script | undefined => {
    const fitting = SCRIPTS.filter(one => one.place === place && one.planted === planted)
    if (fitting.length === 0) return undefined
    const key = `${place}/${planted}`
    const deal = decks.get(key) ?? createDeck(rng.fork(key), fitting)
    decks.set(key, deal)
    // Nobody says good morning in the afternoon.
    let script = deal()
    for (let turn = 0; script.morning && !isMorning(at) && turn < 20; turn++) script = deal()
    return script
  }
  return {
    next: at => {
      if (rng.chance(LOG_SHARE)) return { key: '', drafts: [logEntry(rng, people, at)] }
      const place = rng.weighted(PLACES).place
      const script = (rng.chance(PLANTED_SHARE) && choose(place, true, at)) || choose(place, false, at)
      if (!script) return { key: '', drafts: [] }
      const cast = casting(place)
      const stage: Stage = { rng, media, at, nameOf }
      return { key: cast.roomId || [...cast.parties].sort().join('|'), drafts: perform(script, cast, stage) }
    },
  }
}

function isMorning(at: number): boolean {
  const hour = new Date(at + 8 * 3_600_000).getUTCHours()
  return hour >= 7 && hour < 10
}

/** Shuffled rather than drawn: a story is not told twice before the others had their turn. */
function createDeck(rng: Rng, scripts: readonly Script[]): () => Script {
  let deck: Script[] = []
  return () => {
    if (deck.length === 0) {
      const copies = scripts.flatMap(one => Array.from({ length: one.weight ?? 1 }, () => one))
      deck = copies
        .map(one => ({ one, at: rng.next() }))
        .sort((a, b) => a.at - b.at)
        .map(entry => entry.one)
    }
    return deck.pop() as Script
  }
}

/** What the archive holds beside talk: consent given or refused, and staff moving between companies. */
function logEntry(rng: Rng, people: People, at: number): Draft {
  const kind = rng.next()
  if (kind < 0.45) {
    const user = rng.pick(people.advisers).userid
    return {
      wait: 0,
      message: { msgid: rng.digits(11) + Math.floor(at / 1000), action: 'switch', time: at, user },
    }
  }
  const contact = rng.pick(people.contacts)
  const follow = contact.follows[0]
  const tolist = [follow?.userid ?? '']
  const msgid = newMsgid(rng.digits(19), at, [contact.id])
  const common = { msgid, action: 'send' as const, from: contact.id, tolist, roomid: '' }
  const refuses = kind > 0.9
  return refuses
    ? {
        wait: 0,
        message: { ...common, msgtype: 'disagree', disagree: { userid: contact.id, disagree_time: at } },
      }
    : { wait: 0, message: { ...common, msgtype: 'agree', agree: { userid: contact.id, agree_time: at } } }
}
