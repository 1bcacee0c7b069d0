import type { Db, House } from '../base/index.ts'
import { isExternal } from '../wecom/index.ts'
import { type Choice, choiceAt, isRefusal, restrictedBy } from './choice.ts'
import { choicesOf, choicesOfRefusers } from './consent-store.ts'

/** What the gate needs of a message: who said it to whom, when. Plain columns, nothing sealed. */
export type Passing = {
  kind: string
  from: string
  to: readonly string[]
  room: string | null
  /** Epoch ms; for a message without a time that can be true, when it was captured. */
  at: number
}

/**
 * What stands in the way of a message. `own`: it is the refuser's, or said to him alone. `other`: somebody in the room
 * refuses, and this message is not his (design §6: kept and flagged).
 */
type Refusal = { choice: Choice; whose: 'own' | 'other' }

export type Gate = {
  /** May the body be taken in, as far as is known now? Null: nobody refuses. */
  refusal(message: Passing): Refusal | null
  /** May the body of a kept message be shown? The choice that forbids it, or null. */
  restriction(message: Passing): Choice | null
}

/** A choice itself is kept whatever it says: it is the proof that the body of another was rightly dropped. */
const PROOF = new Set(['agree', 'disagree'])

/** Ask for all parties of a batch at once. `pending` are choices that stand in the batch itself. */
export async function openGate(
  db: Db,
  house: House,
  batch: readonly Passing[],
  pending: readonly (Choice & { externalUserid: string })[] = [],
): Promise<Gate> {
  const outside = new Set(batch.flatMap(message => [message.from, ...message.to]).filter(isExternal))
  const known = await choicesOfRefusers(db, house.corp, [...outside])
  const there = new Set(known.map(one => one.externalUserid))
  // Who refuses for the first time in this very batch may have agreed before.
  const first = pending.filter(one => isRefusal(one.state) && !there.has(one.externalUserid))
  known.push(...(await choicesOf(db, house.corp, [...new Set(first.map(one => one.externalUserid))])))
  return gateOf([...known, ...unknown(pending, known)])
}

type Owned = Choice & { externalUserid: string }

/** A batch told again brings choices that are written already, perhaps under an older id. */
function unknown(pending: readonly Owned[], known: readonly Owned[]): Owned[] {
  const name = (one: Owned): string => `${one.externalUserid}\0${one.source}\0${one.sourceRef}`
  const there = new Set(known.map(name))
  return pending.filter(one => !there.has(name(one)))
}

/** The gate over these choices; pure. */
function gateOf(all: readonly Owned[]): Gate {
  const refusers = new Set(all.filter(one => isRefusal(one.state)).map(one => one.externalUserid))
  const choices = Map.groupBy(
    all.filter(one => refusers.has(one.externalUserid)),
    one => one.externalUserid,
  )
  const refusedThen = (party: string, message: Passing): Choice | null => {
    const found = choiceAt(choices.get(party) ?? [], contextOf(message), message.at)
    return found && isRefusal(found.state) ? found : null
  }
  return {
    refusal(message) {
      if (refusers.size === 0 || PROOF.has(message.kind)) return null
      for (const party of owners(message)) {
        const choice = refusedThen(party, message)
        if (choice) return { choice, whose: 'own' }
      }
      if (message.room === null) return null
      for (const party of message.to) {
        const choice = choices.has(party) ? refusedThen(party, message) : null
        if (choice) return { choice, whose: 'other' }
      }
      return null
    },
    restriction(message) {
      if (refusers.size === 0 || PROOF.has(message.kind)) return null
      for (const party of owners(message)) {
        const choice = restrictedBy(choices.get(party) ?? [], contextOf(message), message.at)
        if (choice) return choice
      }
      return null
    },
  }
}

/** Whose words they are: in a room the speaker's, in talk of two also those of whom they are said to. */
function owners(message: Passing): string[] {
  const parties = message.room === null ? [message.from, ...message.to] : [message.from]
  return parties.filter(isExternal)
}

function contextOf(message: Passing): { userid: string | null; chatId: string | null } {
  if (message.room !== null) return { userid: null, chatId: message.room }
  const staff = [message.from, ...message.to].find(party => !isExternal(party))
  return { userid: staff ?? null, chatId: null }
}
