import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mediaOf } from './inside.ts'
import { normalise } from './message.ts'
import { factsOf, textsOf } from './texts.ts'

const FILE = join(import.meta.dirname, '../../test/fixtures/wecom/messages.json')
const examples = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>[]
/** Every type of wecom-api.md §3.5. */
const TYPES =
  'text image revoke agree disagree voice video card location emotion file link weapp chatrecord todo vote collect redpacket external_redpacket meeting switch docmsg markdown news calendar mixed meeting_voice_call voip_doc_share sphfeed voiptext qydiskfile meeting_notification note solitaire'
/** Words that stand nowhere but in a media file, or not at all. */
const NO_WORDS = 'image revoke agree disagree voice video emotion switch meeting_voice_call voiptext'.split(
  ' ',
)
const kindOf = (one: Record<string, unknown>) => String(one.msgtype ?? one.action)

test('every message type has an example', () => {
  expect([...new Set(examples.map(kindOf))].sort()).toEqual(TYPES.split(' ').sort())
})

test.each(examples.map(one => [kindOf(one), one] as const))(
  'the example of %s is read and kept as it came',
  (kind, one) => {
    const read = normalise(JSON.stringify(one))
    if (typeof read === 'string') throw new Error(read)
    expect(read.raw).toEqual(one)
    expect(read).toMatchObject({ kind, msgid: one.msgid, from: one.from ?? one.user })
    expect(read.sentAt).toBe(one.msgtime ?? one.time)
    if (kind !== 'switch') expect(Object.keys(read.payload).length, 'its payload is found').toBeGreaterThan(0)
    const words = textsOf(read)
    expect(words.length > 0).toBe(!NO_WORDS.includes(kind))
    expect(words.every(word => word.text.trim() !== '')).toBe(true)
    expect(factsOf(read).every(fact => fact.value !== '')).toBe(true)
    const files = JSON.stringify(one).match(/sdkfileid/g)?.length ?? 0
    expect(mediaOf(read).length).toBe(files)
  },
)
