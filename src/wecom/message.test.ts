import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mediaOf } from './inside.ts'
import { isExternal, type Normal, normalise } from './message.ts'
import { factsOf, textsOf } from './texts.ts'

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

function read(message: object): Normal {
  const normal = normalise(JSON.stringify(message))
  if (typeof normal === 'string') throw new Error(normal)
  return normal
}
const say = (fields: object): Normal =>
  read({
    msgid: 'm1',
    action: 'send',
    from: 'kenshin',
    tolist: [CUSTOMER],
    roomid: '',
    msgtime: 1603875626823,
    ...fields,
  })

test('a text from staff to a customer is a staff message of their pair', () => {
  const normal = say({ msgtype: 'text', text: { content: '您好' } })
  expect(normal).toMatchObject({
    kind: 'text',
    direction: 'staff',
    from: 'kenshin',
    sentAt: 1603875626823,
    conversation: [CUSTOMER, 'kenshin'].sort(),
  })
  expect(textsOf(normal)).toEqual([{ part: 'body', label: null, text: '您好' }])
})

test('both ends of a pair name the same conversation', () => {
  const back = read({
    msgid: 'm2',
    from: CUSTOMER,
    tolist: ['kenshin'],
    msgtime: 1,
    msgtype: 'text',
    text: { content: '好' },
  })
  expect(back.direction).toBe('customer')
  expect(back.conversation).toEqual(say({ msgtype: 'text', text: { content: '' } }).conversation)
})

test('a group names its conversation by the room, colleagues alone are internal', () => {
  expect(say({ roomid: 'wrABC', msgtype: 'text', text: { content: 'x' } }).conversation).toEqual([
    'room:wrABC',
  ])
  expect(
    read({ msgid: 'm', from: 'a', tolist: ['b'], msgtime: 1, msgtype: 'text', text: { content: 'x' } })
      .direction,
  ).toBe('internal')
  expect(
    read({
      msgid: 'm_external',
      from: 'a',
      tolist: ['b'],
      msgtime: 1,
      msgtype: 'text',
      text: { content: 'x' },
    }).direction,
  ).toBe('staff')
})

test('a recall links to what it recalls, the switch log has its own shape', () => {
  expect(say({ action: 'recall', msgtype: 'revoke', revoke: { pre_msgid: 'm0' } }).links).toEqual([
    { kind: 'recalls', target: 'm0' },
  ])
  expect(read({ msgid: '125', action: 'switch', time: 1554119421840, user: 'XuJinSheng' })).toMatchObject({
    kind: 'switch',
    direction: 'system',
    sentAt: 1554119421840,
    conversation: ['switch:XuJinSheng'],
  })
})

test('payloads that stand elsewhere are found: red packets between companies, documents, markdown, news', () => {
  const packet = say({
    msgtype: 'external_redpacket',
    redpacket: { type: 2, wish: '恭喜发财', totalcnt: 2, totalamount: 20 },
  })
  expect(textsOf(packet)).toEqual([{ part: 'wish', label: '红包祝福语', text: '恭喜发财' }])
  expect(factsOf(packet)).toContainEqual({ label: '金额', value: '0.20 元' })
  expect(
    textsOf(say({ msgtype: 'docmsg', doc: { title: '方案', link_url: 'https://x' } })).map(t => t.text),
  ).toEqual(['方案', 'https://x'])
  expect(textsOf(say({ msgtype: 'markdown', info: { content: '请查看' } }))[0]?.text).toBe('请查看')
  expect(
    textsOf(say({ msgtype: 'news', info: { item: [{ title: '一', description: '二', url: 'u' }] } })).map(
      t => t.part,
    ),
  ).toEqual(['item.0.title', 'item.0.description', 'item.0.url'])
})

test('forwarded records open at every level, with names and links inside', () => {
  const inner = JSON.stringify({
    item: [{ type: 'ChatRecordText', content: JSON.stringify({ content: '保本' }) }],
  })
  const record = say({
    msgtype: 'chatrecord',
    chatrecord: {
      title: '群聊',
      item: [
        { type: 'ChatRecordText', content: '{"content":"test"}' },
        { type: 'ChatRecordFile', content: '{"filename":"收益表.xlsx","sdkfileid":"f1"}' },
        { type: 'chatrecord', content: inner },
      ],
    },
  })
  expect(textsOf(record).map(t => [t.part, t.text])).toEqual([
    ['title', '群聊'],
    ['item.0', 'test'],
    ['item.1.filename', '收益表.xlsx'],
    ['item.2.0', '保本'],
  ])
  expect(mediaOf(record)).toEqual([
    { part: 'item.1', sdkfileid: 'f1', name: '收益表.xlsx', md5: null, size: null },
  ])
})

test('an unknown type is kept and all its words can be read', () => {
  const normal = say({
    msgtype: 'solitaire',
    solitaire: { title: '报名接龙', rows: [{ who: '王', words: '保本吗' }] },
  })
  expect(normal.kind).toBe('solitaire')
  expect(textsOf(normal).map(t => t.text)).toEqual(['报名接龙', '王', '保本吗'])
})

test.each([
  ['{"msgid":"m', 'broken_json'],
  ['[1]', 'not_an_object'],
  ['null', 'not_an_object'],
  ['{"from":"a","msgtype":"text"}', 'no_msgid'],
  ['{"msgid":"m","msgtype":"text"}', 'no_sender'],
  ['{"msgid":"m","action":"switch"}', 'no_sender'],
])('%s is refused as %s', (text, reason) => {
  expect(normalise(text)).toBe(reason)
})

test.each([
  [0, 0],
  [-5, 0],
  [undefined, 0],
  ['1603875626823', 1603875626823],
  [Date.UTC(2099, 0, 1), Date.UTC(2099, 0, 1)],
  [9e18, 0],
  ['soon', 0],
])('msgtime %s becomes %s', (msgtime, sentAt) => {
  expect(say({ msgtime, msgtype: 'text', text: { content: 'x' } }).sentAt).toBe(sentAt)
})

test('ids that the database could not hold are replaced, the body keeps the bytes', () => {
  const normal = read({
    msgid: 'a\u0000b',
    from: 'x\ud800',
    tolist: ['y'.repeat(300)],
    msgtime: 1,
    msgtype: 'text',
    text: { content: 'x' },
  })
  expect(normal.msgid).toBe('a\ufffdb')
  expect(normal.from).toBe('x\ufffd')
  expect((normal.meta.to as string[])[0]).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('external people are told by the shape of their id, not by its first letters', () => {
  expect(isExternal(CUSTOMER)).toBe(true)
  expect(isExternal('woJ7ijBwAAmqwojT8r_DaNMbr_NAvaag')).toBe(true)
  expect(isExternal('wolfgang')).toBe(false)
})

test('nothing that parses as JSON makes it throw', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom(
        'text',
        'chatrecord',
        'mixed',
        'news',
        'vote',
        'collect',
        'meeting',
        'redpacket',
        'zzz',
      ),
      (json, kind) => {
        const payload = JSON.parse(json) as unknown
        const normal = normalise(
          JSON.stringify({
            msgid: 'm',
            from: 'a',
            tolist: payload,
            msgtime: payload,
            msgtype: kind,
            [kind]: payload,
            info: payload,
            redpacket: payload,
          }),
        )
        if (typeof normal === 'string') return
        textsOf(normal)
        factsOf(normal)
        mediaOf(normal)
      },
    ),
  )
})

/** Found by `bench fuzz`: each of these stopped capture or detection. */
const PROTOTYPE = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']

test('a type called like something every object has is a type nobody knows', () => {
  for (const msgtype of PROTOTYPE) {
    const normal = say({ msgtype, words: '收益有保证' })
    expect(normal.kind).toBe(msgtype)
    expect(textsOf(normal).map(text => text.text)).toContain('收益有保证')
    const item = [{ type: msgtype, content: '{"content":"里面"}' }]
    expect(textsOf(say({ msgtype: 'mixed', mixed: { item } }))).toMatchObject([{ text: '里面' }])
  }
})

test('a number that is an object without a primitive value is no number', () => {
  const strange = { toString: 1, valueOf: 1 }
  const payload = { type: strange, totalamount: strange, totalcnt: [] }
  expect(factsOf(say({ msgtype: 'redpacket', redpacket: payload })).map(fact => fact.value)).toEqual([
    '红包',
    '0.00 元',
    '0',
  ])
})

test('the parts of an unknown type can be stored and are distinct, whatever its fields are called', () => {
  const parts = textsOf(
    say({
      msgtype: 'new',
      new: { 'a\0b': '一', ['k'.repeat(3000)]: '二', '\ud83d': '三', 'x.y': '四', x: { y: '五' }, '': '六' },
    }),
  ).map(text => text.part)
  expect(parts).toEqual(['new.#0', 'new.#1', 'new.#2', 'new.#3', 'new.x.y', 'new.#5'])
})

test('a type cut at 64 characters keeps no half of a pair', () => {
  expect(say({ msgtype: `${'x'.repeat(63)}😀` }).kind).toBe(`${'x'.repeat(63)}\uFFFD`)
})
