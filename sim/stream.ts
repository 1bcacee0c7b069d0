import {
  type ChatRecord,
  encryptRecord,
  newWrappedKey,
  type PublicKey,
  readyKey,
  sealUnder,
} from './crypto.ts'
import { createMediaStore } from './media.ts'
import { newMsgid } from './message.ts'
import { createPeople } from './people.ts'
import { createRng } from './rng.ts'
import { createStory } from './story.ts'

export type StreamOptions = {
  seed: string | number
  publicKeys: readonly PublicKey[]
  /** Of the last message; they lie `spacingMs` apart. */
  endAt?: number
  spacingMs?: number
  /** seq of the record before the first. */
  afterSeq?: number
  /**
   * Share this many wrapped keys among the records instead of one each: several times quicker to make, the same work to
   * open. 0, the default, gives every record its own.
   */
  keyPool?: number
}

type Said = { staff: boolean; content: string }

/** Lines told once and then repeated by others: telling costs more than sealing. */
const POOL = 4000
const DEFAULT_END = Date.UTC(2026, 10, 23, 8)

/**
 * `n` sealed text messages for benchmarks: real talk, real lengths, about 900 conversations, every record under a random key of
 * its own unless `keyPool` says otherwise. One RSA encryption a record, 60–100 µs in Node.
 */
export function pregenerate(n: number, options: StreamOptions): ChatRecord[] {
  const { endAt = DEFAULT_END, spacingMs = 50, afterSeq = 0, keyPool = 0 } = options
  const rng = createRng(options.seed)
  const people = createPeople(rng.fork('people'), endAt)
  const key = options.publicKeys.map(readyKey).sort((a, b) => b.version - a.version)[0]
  if (!key) throw new Error('pregenerate needs a public key')
  const texts = textPool(rng.fork('pool'), people, endAt)
  const pairs = people.contacts.flatMap(contact =>
    contact.follows.map(one => [one.userid, contact.id] as const),
  )
  const pool = Array.from({ length: keyPool }, () => newWrappedKey(key, rng))
  const records: ChatRecord[] = []
  for (let i = 0; i < n; i++) {
    const [userid, external] = rng.pick(pairs)
    const { staff, content } = rng.pick(texts)
    const [from, to] = staff ? [userid, external] : [external, userid]
    const msgtime = endAt - (n - i) * spacingMs
    const msgid = newMsgid(rng.digits(19), msgtime, [from, to])
    const message = {
      msgid,
      action: 'send',
      from,
      tolist: [to],
      roomid: '',
      msgtime,
      msgtype: 'text',
      text: { content },
    }
    const [seq, json] = [afterSeq + i + 1, JSON.stringify(message)]
    const shared = keyPool > 0 ? rng.pick(pool) : undefined
    records.push(
      shared ? sealUnder(shared, seq, msgid, json, rng) : encryptRecord(seq, msgid, json, key, rng),
    )
  }
  return records
}

function textPool(
  rng: ReturnType<typeof createRng>,
  people: ReturnType<typeof createPeople>,
  at: number,
): Said[] {
  const story = createStory(rng, people, createMediaStore(rng.fork('media')))
  const pool: Said[] = []
  while (pool.length < POOL) {
    const said = story.next(at).drafts.flatMap(({ message }) => {
      const text = message.text as { content: string } | undefined
      return text ? [{ staff: people.employee.has(message.from ?? ''), content: text.content }] : []
    })
    pool.push(...said.filter(one => one.content.length > 24 || rng.chance(0.2)))
    // Some people send three sentences at once: that lifts the mean to the 40 characters benchmarks are quoted for.
    const whole = said.filter(one => one.staff).map(one => one.content)
    if (whole.length > 1 && rng.chance(0.9)) pool.push({ staff: true, content: whole.join('\n') })
  }
  return pool
}
