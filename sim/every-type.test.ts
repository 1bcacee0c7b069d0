import { expect, test } from 'vitest'
import { normalise } from '../src/wecom/index.ts'
import { emitEveryType } from './every-type.ts'
import { createWorld } from './world.ts'

const NOW = Date.UTC(2026, 10, 23, 7)
const worldOf = (seed: string) => createWorld({ seed, publicKeys: [], now: () => NOW })
/** Every name of wecom-api.md §3.5, and one that is nobody's. */
const NAMES =
  'text image revoke agree disagree voice video card location emotion file link weapp chatrecord todo vote collect redpacket external_redpacket meeting switch docmsg markdown news calendar mixed meeting_voice_call voip_doc_share sphfeed voiptext qydiskfile meeting_notification solitaire note hologram'

test('every type of the reference can be had, the same for the same seed', () => {
  const told = emitEveryType(worldOf('types'))
  const kinds = new Set(told.map(one => one.message.msgtype ?? one.message.action))
  expect([...kinds].sort()).toEqual(NAMES.split(' ').sort())
  expect(emitEveryType(worldOf('types')).map(one => one.json)).toEqual(told.map(one => one.json))
})

test('the platform reads every one of them', () => {
  for (const { json } of emitEveryType(worldOf('read'))) expect(typeof normalise(json), json).toBe('object')
})
