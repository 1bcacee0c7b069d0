import type { Rng } from '../sim/rng.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What has broken readers of XML before. */
const XML_WORDS = [
  '<![CDATA[',
  ']]>',
  ']]',
  '<!DOCTYPE a [<!ENTITY e "x">]>',
  '&e;',
  '&amp;',
  '&#0;',
  '&#xD800;',
  '&#1114112;',
  '&#65;',
  '&',
  '<',
  '>',
  '</xml>',
  '<xml>',
  '<a/>',
  '</',
  '<!--x-->',
  '<?xml version="1.0"?>',
  '<?x?>',
  ' a="b"',
  '\0',
  '\ufeff',
  '\ufffe',
  '\ud800',
  '😀',
  '\r\n',
  '<Event>',
  '<Item>',
  '<__proto__>x</__proto__>',
  '<constructor/>',
  '<CreateTime>99999999999999</CreateTime>',
]
const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '1e999',
  'null',
  '\0',
  '\u2028',
]
/** Names that every object has from its prototype, and names of WeCom's own. */
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'length',
  'item',
  'content',
  'type',
  'sdkfileid',
  'msgid',
  'from',
  'a\0b',
  'k'.repeat(700),
  '\ud83d',
]
const KINDS =
  'text image revoke agree disagree voice video card location emotion file link weapp chatrecord mixed todo vote collect redpacket external_redpacket meeting switch docmsg markdown news calendar meeting_voice_call voip_doc_share sphfeed voiptext qydiskfile note solitaire ChatRecordText ChatRecordMixed recall send'.split(
    ' ',
  )

/** One to three spoilings of a text: words put in, pieces cut, repeated, exchanged or moved. */
export function mutateXml(rng: Rng, text: string, others: readonly string[]): string {
  let out = rng.chance(0.5) ? spoilWords(rng, text, rng.int(1, 3)) : text
  if (out !== text && rng.chance(0.6)) return out
  for (let i = rng.int(1, 3); i > 0; i--) out = spoil(rng, out, others, XML_WORDS)
  return out
}

function spoil(rng: Rng, text: string, others: readonly string[], words: readonly string[]): string {
  const at = rng.int(0, text.length)
  const to = Math.min(text.length, at + rng.int(1, 40))
  switch (rng.int(0, 8)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, at) + rng.pick(words) + text.slice(at)
    case 2:
      return text.slice(0, at) + rng.pick(words) + text.slice(to)
    case 3:
      return text.slice(0, at) + text.slice(at, to).repeat(rng.int(2, 60)) + text.slice(to)
    case 4:
      return text.slice(0, at)
    case 5: {
      const other = rng.pick(others)
      return text.slice(0, at) + other.slice(rng.int(0, other.length))
    }
    case 6:
      return text.slice(0, at) + String.fromCharCode(rng.int(0, 0xffff)) + text.slice(at + 1)
    case 7:
      return swapTags(rng, text)
    default:
      return `<xml>${'<a>'.repeat(rng.int(1, 12))}${text}`
  }
}

/** Other words inside an element: the document stays sound, what it says does not. */
function spoilWords(rng: Rng, text: string, times: number): string {
  let out = text
  for (let i = times; i > 0; i--) {
    const ends = [...out.matchAll(/(?<=<\w+>)[^<]*(?=<\/)|(?<=\[CDATA\[)[^\]]*/g)]
    const place = ends.length > 0 ? rng.pick(ends) : null
    if (!place) return out
    const words = rng.pick([
      '',
      ' ',
      '0',
      '-1',
      '1e9',
      'event',
      'text',
      '&amp;&#65;',
      '😀',
      ' a b ',
      rng.id(rng.int(1, 90)),
    ])
    out = out.slice(0, place.index) + words + out.slice(place.index + place[0].length)
    if (rng.chance(0.3)) out = swapTags(rng, out)
  }
  return out
}

/** Two elements change places, or one is doubled: still well-formed, no longer as described. */
function swapTags(rng: Rng, text: string): string {
  const tags = [...text.matchAll(/<(\w+)>[^<]*(?:<!\[CDATA\[[^\]]*\]\]>)?<\/\1>/g)].map(match => match[0])
  if (tags.length === 0) return text
  const [one, other] = [rng.pick(tags), rng.pick(tags)]
  return rng.chance(0.5) ? text.replace(one, one + other) : text.replace(one, () => other)
}

/** Bytes flipped, cut, put in or doubled. */
export function mutateBytes(rng: Rng, bytes: Buffer): Buffer {
  const out = Buffer.from(bytes)
  const at = rng.int(0, Math.max(0, out.length - 1))
  switch (rng.int(0, 4)) {
    case 0:
      for (let i = rng.int(1, 4); i > 0; i--) out[rng.int(0, Math.max(0, out.length - 1))] = rng.int(0, 255)
      return out
    case 1:
      return out.subarray(0, at)
    case 2:
      return Buffer.concat([out.subarray(0, at), rng.bytes(rng.int(1, 64)), out.subarray(at)])
    case 3:
      return Buffer.concat([out.subarray(0, at), out.subarray(at + rng.int(1, 64))])
    default:
      return Buffer.concat([out, out.subarray(at)])
  }
}

/** Spoilings of the value, and now and then of the text it is written in. */
export function mutateJson(rng: Rng, text: string, others: readonly string[]): string {
  let value = JSON.parse(text) as Json
  for (let i = rng.int(1, 4); i > 0; i--) value = change(rng, value)
  const written = JSON.stringify(value)
  return rng.chance(0.2) ? spoil(rng, written, others, JSON_WORDS) : written
}

function change(rng: Rng, root: Json): Json {
  const holders = holdersOf(root)
  if (holders.length === 0 || rng.chance(0.02)) return odd(rng)
  const holder = rng.pick(holders)
  if (rng.chance(0.1) && !Array.isArray(root) && typeof root === 'object' && root) {
    return { ...root, [rng.pick(['msgtype', 'action', 'roomid'])]: rng.pick([...KINDS, ...NAMES]) }
  }
  if (Array.isArray(holder)) {
    holder.splice(rng.int(0, holder.length), rng.int(0, 1), odd(rng))
    return root
  }
  const keys = Object.keys(holder)
  const key = keys.length > 0 && rng.chance(0.8) ? rng.pick(keys) : rng.pick(NAMES)
  if (rng.chance(0.15)) delete holder[key]
  // defineProperty: an assignment to __proto__ would not show in the JSON.
  else
    Object.defineProperty(holder, key, {
      value: odd(rng),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  return root
}

function holdersOf(value: Json, found: (Json[] | { [key: string]: Json })[] = []): typeof found {
  if (typeof value !== 'object' || value === null || found.length > 200) return found
  found.push(value)
  for (const inner of Object.values(value)) holdersOf(inner, found)
  return found
}

function odd(rng: Rng): Json {
  const name = rng.pick(NAMES)
  switch (rng.int(0, 13)) {
    case 0:
      return rng.pick([null, true, false])
    case 1:
      return rng.pick([0, -1, 0.5, 1e308, -1e21, 2 ** 53, 8.64e15, 9e15])
    case 2:
      return rng.pick(['', ' ', '0', '-1', 'NaN', '1e999', '0x10', '\0', '\ud83d', 'ab\0cd\udc00'])
    case 3:
      return '长'.repeat(rng.int(1, rng.chance(0.05) ? 4000 : 100))
    case 4:
      return '😀'.repeat(rng.int(25, 120)).slice(rng.int(0, 1))
    case 5:
      return []
    case 6:
      return {}
    case 7:
      return { toString: 1, valueOf: 1 }
    case 8:
      return { length: 4_294_967_295, 0: 'x' }
    case 9:
      return deep(rng.int(2, rng.chance(0.05) ? 400 : 14), rng.chance(0.5))
    case 10:
      return rng.pick(KINDS)
    case 11:
      return Array.from({ length: rng.int(1, 40) }, () => rng.id(8))
    case 12:
      return {
        item: [
          { type: rng.pick([...KINDS, ...NAMES]), content: JSON.stringify({ content: 'x', item: [{}] }) },
        ],
      }
    default:
      return name
  }
}

function deep(levels: number, list: boolean): Json {
  let value: Json = '底'
  for (let i = 0; i < levels; i++) value = list ? [value] : { item: [value], content: '层' }
  return value
}
