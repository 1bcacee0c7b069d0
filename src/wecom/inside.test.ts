import fc from 'fast-check'
import { expect, test } from 'vitest'
import { insideOf, mediaOf, quoteIn } from './inside.ts'
import { normalise } from './message.ts'
import { textsOf } from './texts.ts'

const entry = (type: string, content: object, msgtime = 1_603_875_610) => ({
  type,
  msgtime,
  content: JSON.stringify(content),
  from_chatroom: false,
})
const record = (item: object[]) => {
  const read = normalise(
    JSON.stringify({
      msgid: 'm',
      from: 'ken',
      tolist: ['icef'],
      msgtype: 'chatrecord',
      chatrecord: { title: '群聊', item },
    }),
  )
  if (typeof read === 'string') throw new Error(read)
  return read
}

test('a record within a record keeps its entries, their times and files, under the names their texts bear', () => {
  const image = { md5sum: 'a', filesize: 9, sdkfileid: 'file-1' }
  const read = record([
    entry('ChatRecordText', { content: '外层' }),
    entry('ChatRecordrecord', {
      title: '里层',
      item: [
        entry('ChatRecordText', { content: '内层' }),
        entry('ChatRecordImage', image, 1_603_875_610_000),
      ],
    }),
  ])
  const [outer, nested] = insideOf(read)
  expect(outer).toMatchObject({ part: 'item.0', kind: 'text', at: 1_603_875_610_000 })
  expect(nested).toMatchObject({ part: 'item.1', kind: 'chatrecord', title: '里层' })
  expect(nested?.items.map(one => [one.part, one.kind, one.at])).toEqual([
    ['item.1.0', 'text', 1_603_875_610_000],
    ['item.1.1', 'image', 1_603_875_610_000],
  ])
  expect(textsOf(read).map(text => text.part)).toEqual(['title', 'item.0', 'item.1.0'])
  expect(mediaOf(read).map(media => [media.part, media.sdkfileid])).toEqual([['item.1.1', 'file-1']])
})

test('records nest as deep as anybody likes, and we read five levels', () => {
  // As objects: text within text within text doubles with each level.
  let item: object[] = [entry('ChatRecordText', { content: '底' })]
  for (let level = 0; level < 40; level++)
    item = [{ type: 'ChatRecordrecord', content: { title: String(level), item } }]
  let depth = 0
  for (let at = insideOf(record(item)); at.length > 0; at = at[0]?.items ?? []) depth += 1
  expect(depth).toBe(5)
})

test('both forms of a quotation are read, and what only looks like one is not', () => {
  expect(quoteIn('这是一条引用/回复消息：\n"林女士:\n收到了吗"\n------\n收到了')).toMatchObject({
    author: '林女士',
    text: '收到了吗',
  })
  const wechat = '「林悦：您好」\n- - - - - - - - - - - - - - -\n好的'
  const quote = quoteIn(wechat)
  expect(quote).toMatchObject({ author: '林悦', text: '您好' })
  expect(wechat.slice(quote?.end)).toBe('好的')
  for (const plain of ['「林悦：您好」', '这是一条引用/回复消息', '好的', ''])
    expect(quoteIn(plain)).toBeNull()
})

test('no text makes the reader of quotations slow or wrong about where the message begins', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('「', '」', '：', '"', '-', ' ', '\n', '这是一条引用/回复消息：', 'a'),
        maxLength: 300,
      }),
      text => {
        const quote = quoteIn(text)
        if (quote) expect(text.slice(0, quote.end)).toContain(quote.text)
      },
    ),
  )
  const began = performance.now()
  quoteIn(`「${'：」\n- - '.repeat(20_000)}`)
  quoteIn(`这是一条引用/回复消息：\n"${'":\n'.repeat(20_000)}`)
  expect(performance.now() - began).toBeLessThan(2000)
})
