import * as official from '@wecom/crypto'
import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { EVENTS } from '../../bench/fuzz-corpus.ts'
import { withClock } from '../base/clock.ts'
import { type CallbackKeys, callbackSignature, openCallback, sealCallback } from './callback.ts'
import { readEnvelope, readEvent } from './callback-event.ts'
import { readXml, type XmlNode } from './xml.ts'

/** The official sample (wecom-api.md §2.2). */
const KEYS: CallbackKeys = {
  token: 'QDG6eK',
  aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  receiver: 'wx5823bf96d3bd56c7',
}
const AT = 1409659813
const QUERY = { timestamp: String(AT), nonce: '1372623149' }
const SAMPLE =
  'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=='

/** Signed as WeCom would, whatever is inside. */
function knock(encrypt: string, query = QUERY, keys = KEYS) {
  const signature = callbackSignature(keys.token, query, encrypt)
  return withClock(AT * 1000, () => openCallback(keys, { ...query, signature }, encrypt))
}
const sample = (signature: string, at = AT) =>
  withClock(at * 1000, () => openCallback(KEYS, { ...QUERY, signature }, SAMPLE))
const SIGNATURE = '477715d11cdb4164915debcba66cb864d751f3e6'

test("WeCom's own sample opens and reads", async () => {
  const opened = await sample(SIGNATURE)
  expect(opened.ok && readEvent(opened.text)).toEqual({
    type: 'message.text',
    from: 'mycreate',
    at: AT * 1000,
    fields: { Content: 'hello', MsgId: '4561255354251345929', AgentID: '218' },
  })
})

test('what is encrypted with the same random bytes is the same', () => {
  const encrypt = sealCallback(KEYS, '<xml>hi</xml>', Buffer.from('0123456789abcdef'))
  expect(encrypt).toBe(
    'sKqRbbiSUnDhFHOvPjtUMbqjklqaJjOPlb38k7N2tHFHvwoLTx/eSyW0suCb+UHoKg9MDOt1kNJf/KX6ZU9Dfg==',
  )
  expect(callbackSignature(KEYS.token, QUERY, encrypt)).toBe('aac67cd79b4d777dd6bfbd6f429aed5d3bf2bc7b')
})

test('any words go through the official library both ways', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (words, nonce) => {
      const query = { timestamp: String(AT), nonce }
      const theirs = official.encrypt(KEYS.aesKey, words, KEYS.receiver)
      expect(official.getSignature(KEYS.token, query.timestamp, nonce, theirs)).toBe(
        callbackSignature(KEYS.token, query, theirs),
      )
      expect(await knock(theirs, query)).toEqual({ ok: true, text: words })
      const ours = official.decrypt(KEYS.aesKey, sealCallback(KEYS, words))
      expect([ours.message, ours.id]).toEqual([words, KEYS.receiver])
    }),
  )
})

test('each fault has its reason', async () => {
  const reason = async (answer: ReturnType<typeof knock>) => {
    const opened = await answer
    return opened.ok ? 'opened' : opened.reason
  }
  expect(await reason(sample(SIGNATURE.replace('4', '5')))).toBe('bad_signature')
  expect(await reason(sample(SIGNATURE.toUpperCase()))).toBe('bad_signature')
  expect(await reason(sample(''))).toBe('bad_signature')
  expect(await reason(sample('é'.repeat(20)))).toBe('bad_signature')
  expect(await reason(sample(SIGNATURE, AT + 300))).toBe('opened')
  expect(await reason(sample(SIGNATURE, AT + 301))).toBe('stale')
  expect(await reason(sample(SIGNATURE, AT - 301))).toBe('stale')
  expect(await reason(knock(SAMPLE, { ...QUERY, timestamp: '1e9' }))).toBe('stale')
  expect(await reason(knock(''))).toBe('bad_base64')
  expect(await reason(knock('!!!!'))).toBe('bad_base64')
  expect(await reason(knock(` ${SAMPLE}`))).toBe('bad_base64')
  expect(await reason(knock(SAMPLE.replace(/=+$/, '')))).toBe('bad_base64')
  expect(await reason(knock('AAAA'))).toBe('bad_padding')
  expect(await reason(knock(Buffer.alloc(48).toString('base64')))).toBe('bad_padding')
  expect(await reason(knock(Buffer.alloc(64).toString('base64')))).toBe('bad_padding')
  const other = sealCallback({ ...KEYS, receiver: 'wwother' }, 'x')
  expect(await reason(knock(other))).toBe('wrong_receiver')
  expect(await reason(knock(sealCallback({ ...KEYS, receiver: '' }, 'x')))).toBe('wrong_receiver')
  expect(await reason(knock(sealCallback(KEYS, Buffer.of(0xff, 0xfe))))).toBe('bad_xml')
})

test('a plaintext shorter than its frame, or than the length it claims, is refused', async () => {
  // Random part, length, words and receiver follow each other: with the rest empty, the random part is the plaintext.
  const seal = (plain: Buffer): string => sealCallback({ ...KEYS, receiver: '' }, '', plain)
  const claims = Buffer.alloc(20)
  claims.writeUInt32BE(1_000_000, 16)
  expect(await knock(seal(claims))).toEqual({ ok: false, reason: 'bad_padding' })
  expect(await knock(seal(Buffer.alloc(5)))).toEqual({ ok: false, reason: 'bad_padding' })
})

test('every event of the reference is read as what it is', () => {
  for (const [type, xml] of EVENTS) expect(readEvent(xml)?.type).toBe(type)
})

test('lists and groups of fields are kept as JSON, also a list of one', () => {
  const read = (type: string) => readEvent(EVENTS.find(([name]) => name === type)?.[1] ?? '')?.fields
  expect(read('change_external_chat.update')).toMatchObject({
    UpdateDetail: 'add_member',
    MemChangeCnt: '2',
    MemChangeList: '["zhangsan","wmAJ2GCAAAXtWyujaWJHDDGi0mAAAA"]',
  })
  expect(JSON.parse(read('template_card_event')?.SelectedItems ?? '')).toEqual([
    { QuestionKey: 'q1', OptionIds: ['a', 'b'] },
  ])
  expect(JSON.parse(read('batch_job_result')?.BatchJob ?? '')).toMatchObject({ ErrCode: '0', ErrMsg: 'ok' })
  expect(read('change_contact.create_party')?.Name).toBe('A & B 分行')
})

const wrap = (inside: string) =>
  `<xml><FromUserName>sys</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>${inside}</xml>`

test('unknown events and fields are kept; one that contradicts itself is not taken', () => {
  expect(
    readEvent(wrap('<Event>brand_new</Event><__proto__>x</__proto__><Twice>a</Twice><Twice>b</Twice>')),
  ).toEqual({
    type: 'brand_new',
    from: 'sys',
    at: 1000,
    fields: JSON.parse('{"__proto__":"x","Twice":"[\\"a\\",\\"b\\"]"}'),
  })
  for (const bad of [
    '',
    '<Event></Event>',
    '<Event>a b</Event>',
    '<Event>a</Event><Event>b</Event>',
    '<Event>a</Event><ChangeType>b</ChangeType><ChangeType>c</ChangeType>',
    '<Event>a</Event><ChangeType>?</ChangeType>',
    '<Event><a>b</a></Event>',
    '<Event>a</Event><CreateTime>2</CreateTime>',
  ])
    expect(readEvent(wrap(bad)), bad).toBeNull()
})

test('what WeCom never writes is no XML here', () => {
  for (const bad of [
    '',
    'x',
    '<a>',
    '</a>',
    '<a></b>',
    '<a/><b/>',
    '<a/>x',
    '<a b="c"/>',
    '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    '<a>&e;</a>',
    '<a>& </a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    '<a>\0</a>',
    '<a><!-- c --></a>',
    '<a><?pi?></a>',
    '<a><![CDATA[x</a>',
    '<a>x<b/></a>',
    '<a><b/>x</a>',
    '<a><b/><![CDATA[ x]]></a>',
    '<![CDATA[x]]>',
    '< a/>',
    '<a',
    '<a/',
    '<a>'.repeat(9) + '</a>'.repeat(9),
    `<a>${'<b/>'.repeat(10_001)}</a>`,
  ])
    expect(readXml(bad), bad.slice(0, 40)).toBeNull()
  expect(readXml('<?xml version="1.0"?>\n<a >\n <b>&lt;&#65;<![CDATA[<&]]></b ><c/>\n</a>\n')).toEqual({
    name: 'a',
    text: '',
    children: [
      { name: 'b', text: '<A<&', children: [] },
      { name: 'c', text: '', children: [] },
    ],
  })
})

test('an envelope is read, with or without AgentID, and nothing else is one', () => {
  const envelope = (body: string) => readEnvelope(Buffer.from(body))
  expect(envelope('<xml><ToUserName>a</ToUserName><AgentID>1</AgentID><Encrypt>abc</Encrypt></xml>')).toBe(
    'abc',
  )
  expect(envelope('<xml><Encrypt><![CDATA[abc]]></Encrypt></xml>')).toBe('abc')
  expect(envelope('<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>')).toBeNull()
  expect(envelope('{"Encrypt":"abc"}')).toBeNull()
  expect(readEnvelope(Buffer.of(0xff))).toBeNull()
})

test('what this reader takes, a general parser reads the same way', () => {
  const parser = new XMLParser({ parseTagValue: false, trimValues: false, processEntities: true })
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,6}$/)
  const words = fc.stringMatching(/^[^\s<>&\]"';#][^<>&\]"'#;]{0,10}$/).filter(text => text.trim() !== '')
  const leaf: fc.Arbitrary<XmlNode> = fc.record({ name, text: words, children: fc.constant([]) })
  const above = (below: fc.Arbitrary<XmlNode>): fc.Arbitrary<XmlNode> =>
    fc.record({
      name,
      text: words,
      children: fc.uniqueArray(below, { maxLength: 4, selector: node => node.name }),
    })
  const tree = above(above(above(leaf)))
  const write = (node: XmlNode, cdata: boolean): string => {
    const text = cdata ? `<![CDATA[${node.text}]]>` : node.text
    const inside = node.children.map(child => write(child, cdata)).join('') || text
    return `<${node.name}>${inside}</${node.name}>`
  }
  const plain = (node: XmlNode): unknown =>
    node.children.length === 0 ? node.text : Object.fromEntries(node.children.map(c => [c.name, plain(c)]))
  fc.assert(
    fc.property(tree, fc.boolean(), (node, cdata) => {
      const source = write(node, cdata)
      const read = readXml(source)
      fc.pre(read !== null)
      expect(read && { [read.name]: plain(read) }).toEqual(parser.parse(source))
    }),
  )
})
