import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRng } from '../../../sim/rng.ts'
import { archiveAll } from '../../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../../test/support/premises.ts'
import { type Services, startServices } from '../../app/index.ts'
import { inTransaction, keyMonth, shellActor, sql, systemActor } from '../../base/index.ts'
import { foldText } from '../../detect/index.ts'
import { type SearchQuery, searchQuery } from '../contract.ts'
import { mark } from '../marks.ts'
import { gramsOf, sealDerived } from '../prepare.ts'
import { readMessages } from '../read.ts'
import { insertTexts, replaceGrams } from '../reading-store.ts'
import { findPage, type Resume } from './engine.ts'
import { askOf, explainSearch, keysOfSearch, search } from './search.ts'

const seed = randomBytes(4).toString('hex')
const rng = createRng(seed)
const CHARS = [...'保本收益买卖財财Ｖv微信的了']
const PEOPLE = ['linyue', 'zhaoming', 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw', 'wmQrxtDgAA9AW32YyyuYRimKr7D1KWlx']
const ROOM = 'wrjc7bDwAASxc8tZvBErFE02BtPWyAAA'
/** Inside a month, across its edges, at the beginning of time and in 2099: partitions and what lies beside them. */
const TIMES = [
  Date.UTC(2026, 10, 3),
  Date.UTC(2026, 9, 31, 23, 59, 59, 999),
  Date.UTC(2026, 8, 1),
  0,
  Date.UTC(2099, 5, 1),
]

type Said = {
  msgid: string
  from: string
  to: string[]
  room: string
  at: number
  kind: string
  direction: string
  texts: { source: string; text: string }[]
  marks: [string, string][]
}
const phrase = (most: number): string =>
  Array.from({ length: rng.int(1, most) }, () => rng.pick(CHARS)).join('')

function makeSaid(n: number): { said: Said; json: object } {
  const [from, to] = rng
    .pick([
      [0, 2],
      [2, 0],
      [1, 3],
      [3, 1],
      [0, 1],
    ] as const)
    .map(i => PEOPLE[i] ?? '')
  const room = rng.int(0, 4) === 0 ? ROOM : ''
  const kind = rng.pick(['text', 'text', 'text', 'image', 'file', 'chatrecord', 'link'])
  const own = phrase(12)
  const msgid = `p${n}${kind === 'text' ? '' : '_external'}`
  const outside = [from, to].some(id => id?.startsWith('wm')) || msgid.endsWith('_external')
  const said: Said = {
    msgid,
    from: from ?? '',
    to: [to ?? ''],
    room,
    // Several of one moment, so that ties are broken alike everywhere.
    at: (rng.pick(TIMES) || 1) + rng.int(0, 3) * 1000,
    kind,
    direction: from?.startsWith('wm') ? 'customer' : outside ? 'staff' : 'internal',
    texts: kind === 'image' ? [] : [{ source: kind === 'chatrecord' ? 'record' : 'body', text: own }],
    marks:
      rng.int(0, 5) === 0
        ? [
            ['approved', rng.pick(['by-two', 'by-one'])],
            ['rule', 'TEST-01'],
          ]
        : [],
  }
  return { said, json: jsonOf(said, own) }
}

function jsonOf(said: Said, own: string): object {
  const file = { sdkfileid: `sdk-${said.msgid}`, md5sum: '', filesize: 10 }
  const payload = {
    text: { content: own },
    image: file,
    file: { ...file, filename: own },
    link: { title: own, link_url: '' },
    chatrecord: { title: '', item: [{ type: 'ChatRecordText', content: JSON.stringify({ content: own }) }] },
  }[said.kind]
  const { msgid, from, to, room, at, kind } = said
  return {
    msgid,
    action: 'send',
    from,
    tolist: to,
    roomid: room,
    msgtime: at,
    msgtype: kind,
    [kind]: payload,
  }
}

let premises: TestPremises
let services: Services
let all: Said[] = []
const actor = () => shellActor(premises.house, 'test')

async function keep(many: { said: Said; json: object }[]): Promise<void> {
  const done = await archiveAll(
    premises,
    services,
    many.map(one => one.json),
  )
  const convs = new Map(done.archived.map(item => [item.incoming.normal.msgid, item.conv]))
  const { db, house } = premises
  const hasher = await gramsOf(db, house)
  for (const { said } of many) {
    const key = { convId: convs.get(said.msgid) ?? '', sentAt: said.at, msgid: said.msgid }
    await inTransaction(db, async tx => {
      await mark(
        tx,
        systemActor(house, 'test'),
        said.marks.map(([kind, value]) => ({ key, kind, value })),
      )
      const source = said.kind === 'image' ? 'ocr' : said.kind === 'file' ? 'document' : null
      if (source === null || rng.int(0, 2) === 0) return
      const text = phrase(10)
      said.texts.push({ source, text })
      const [data] = await house.keys.forScopes(tx, [{ conv: key.convId, month: keyMonth(key.sentAt) }])
      if (!data) throw new Error('no key')
      const ref = {
        corp: house.corp,
        conv: key.convId,
        sentAt: key.sentAt,
        msgid: key.msgid,
        source,
        part: 'body',
      }
      const made = sealDerived(ref, text, data, key.sentAt)
      await insertTexts(
        tx,
        house.corp,
        { ...key, part: 'body' },
        [{ ...made, source, keyId: data.id }],
        key.sentAt,
      )
      const [message] = await readMessages(tx, house, [key])
      const words = (message?.texts ?? []).map(t => t.text).join('\n')
      await replaceGrams(tx, house.corp, { ...key, part: 'body' }, hasher.of(words))
    })
  }
  all = [...all, ...many.map(one => one.said)]
}

beforeAll(async () => {
  premises = await filePremises()
  services = await startServices(premises, { capture: false })
  await keep(Array.from({ length: 260 }, (_, n) => makeSaid(n)))
})
afterAll(async () => services?.stop())

type Question = { q: string; fits(said: Said): boolean }

/** A query and what it means, each part written twice: once in our language, once as plain JavaScript. */
function makeQuestion(): Question {
  const parts: Question[] = []
  const sources = rng.int(0, 6) === 0 ? [rng.pick(['ocr', 'document', 'record', 'body'])] : null
  const holds = (said: Said, word: string, where: string[] | null): boolean =>
    said.texts.some(
      t => (where === null || where.includes(t.source)) && foldText(t.text).includes(foldText(word)),
    )
  if (sources) parts.push({ q: `在:${sources[0]}`, fits: s => s.texts.some(t => sources.includes(t.source)) })
  for (let i = rng.int(0, 2); i > 0; i -= 1) {
    const word = phrase(rng.pick([1, 2, 2, 3]))
    const other = phrase(2)
    if (rng.int(0, 4) === 0)
      parts.push({
        q: `"${word}" 或 ${other}`,
        fits: s => holds(s, word, sources) || holds(s, other, sources),
      })
    else parts.push({ q: word, fits: s => holds(s, word, sources) })
  }
  if (rng.int(0, 3) === 0) {
    const word = phrase(1)
    parts.push({ q: `-${word}`, fits: s => !holds(s, word, null) })
  }
  const who = rng.pick(PEOPLE)
  const parties = (s: Said): string[] => [s.from, ...s.to, s.room]
  const fields: Question[] = [
    { q: `谁:${who}`, fits: s => parties(s).includes(who) },
    { q: `-发送人:${who}`, fits: s => s.from !== who },
    { q: `群:${ROOM}`, fits: s => s.room === ROOM },
    { q: '类型:文件,image', fits: s => s.kind === 'file' || s.kind === 'image' },
    { q: '方向:客户', fits: s => s.direction === 'customer' },
    { q: '标记:approved', fits: s => s.marks.some(([kind]) => kind === 'approved') },
    { q: '标记:by-one', fits: s => s.marks.some(([, value]) => value === 'by-one') },
    { q: '规则:test-01', fits: s => s.marks.some(([kind]) => kind === 'rule') },
    { q: '含:图片', fits: s => s.kind === 'image' },
    { q: '含:附件', fits: s => s.kind === 'image' || s.kind === 'file' },
    {
      q: '时间:2026-11',
      fits: s => s.at >= Date.parse('2026-11-01T00:00+08:00') && s.at < Date.parse('2026-12-01T00:00+08:00'),
    },
    { q: '至:2026-11-01', fits: s => s.at < Date.parse('2026-11-02T00:00+08:00') },
  ]
  for (let i = rng.int(0, 2); i > 0; i -= 1) parts.push(rng.pick(fields))
  return { q: parts.map(part => part.q).join(' '), fits: said => parts.every(part => part.fits(said)) }
}

/** All pages, with tables so small for the engine that it must walk, probe and go on. */
async function byPages(query: SearchQuery, tuning: { probe: number; walk: number }, milliseconds: number) {
  const { db } = premises
  const msgids: string[] = []
  let from: Resume | null = null
  let requests = 0
  do {
    const page = await inTransaction(db, async tx =>
      findPage(tx, { ...(await askOf(db, tx, actor(), query)), tuning }, from, {
        items: query.limit,
        milliseconds,
        looks: 60,
      }),
    )
    msgids.push(...page.found.map(match => match.message.key.msgid))
    from = page.next
    requests += 1
  } while (from !== null && requests < 500)
  return msgids
}

/** Newest first; of one moment in the order of conversation and id, which the reference does not know. */
function expectSame(found: string[], question: Question, how: string): void {
  const told = `${question.q} (${how}; seed ${seed})`
  const expected = all.filter(question.fits)
  expect([...found].sort(), told).toEqual(expected.map(said => said.msgid).sort())
  const times = found.map(id => all.find(said => said.msgid === id)?.at ?? 0)
  expect(times, told).toEqual([...times].sort((a, b) => b - a))
}

test(`every true match and no other, whatever the way through the index (seed ${seed})`, async () => {
  for (let n = 0; n < 40; n += 1) {
    const question = makeQuestion()
    const query = searchQuery.parse({ q: question.q, limit: rng.pick([1, 3, 7, 50]) })
    const tuning = rng.pick([
      { probe: 3, walk: 2 },
      { probe: 20, walk: 9 },
      { probe: 1500, walk: 1000 },
    ])
    const milliseconds = rng.pick([0, 1000])
    const told = `limit ${query.limit}, probe ${tuning.probe}, ${milliseconds} ms`
    expectSame(await byPages(query, tuning, milliseconds), question, told)
    const keys: string[] = []
    for await (const some of keysOfSearch(premises.db, actor(), query))
      keys.push(...some.map(key => key.msgid))
    expectSame(keys, question, 'all at once')
  }
})

test('pages stay right while messages arrive: nothing twice, nothing of before is missed', async () => {
  const before = all.filter(said => said.texts.some(t => foldText(t.text).includes('保')))
  const seen: string[] = []
  let cursor: string | undefined
  for (let n = 0; n < 200; n += 1) {
    const page = await search(premises.db, actor(), searchQuery.parse({ q: '保', limit: 5, cursor }))
    seen.push(...page.items.map(item => item.key.msgid))
    cursor = page.next ?? undefined
    if (cursor === undefined) break
    if (n < 5) await keep([makeSaid(1000 + n)])
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual(expect.arrayContaining(before.map(said => said.msgid)))
})

test('each hit says where it was found, and the words stand where it says', async () => {
  const page = await search(premises.db, actor(), searchQuery.parse({ q: 'ＶＶ', limit: 200 }))
  expect(page.total).toEqual({ n: page.items.length, how: 'exact' })
  const sources = new Set(page.items.flatMap(item => [item.excerpt, ...item.more].map(e => e.source)))
  const said = all.flatMap(one => one.texts.filter(t => foldText(t.text).includes('vv')))
  expect([...sources].sort()).toEqual([...new Set(said.map(t => t.source))].sort())
  for (const item of page.items)
    for (const { text, spans } of [item.excerpt, ...item.more]) {
      expect(spans.length).toBeGreaterThan(0)
      for (const span of spans) expect(foldText(text.slice(span.start, span.end))).toMatch(/^v+$/)
    }
})

test('a total is exact when all was read, and says how it was guessed when not', async () => {
  const many = await search(premises.db, actor(), searchQuery.parse({ q: '保', limit: 5 }))
  const truth = all.filter(said => said.texts.some(t => t.text.includes('保'))).length
  expect(many.total?.how).toBe('candidates')
  expect(Math.abs((many.total?.n ?? 0) - truth) / truth).toBeLessThan(0.1)
  const none = await search(premises.db, actor(), searchQuery.parse({ q: '龘靐' }))
  expect(none).toMatchObject({ items: [], next: null, total: { n: 0, how: 'exact' } })
})

test('what cannot be understood is refused with its place; a cursor from elsewhere too', async () => {
  const refused = (fields: object) => search(premises.db, actor(), searchQuery.parse(fields))
  await expect(refused({ q: '保本 类型:飞鸽' })).rejects.toMatchObject({
    code: 'query.invalid',
    details: { at: 6 },
  })
  await expect(refused({ q: '员工:没有这个人' })).rejects.toMatchObject({
    code: 'query.invalid',
    details: { at: 3 },
  })
  await expect(refused({ q: '级别:P9' })).rejects.toMatchObject({ code: 'query.invalid' })
  await expect(refused({ q: '时间:昨日' })).rejects.toMatchObject({ code: 'query.invalid' })
  await expect(refused({ q: '\ufe0f' })).rejects.toMatchObject({ code: 'query.invalid' })
  await expect(refused({ from: 5, to: 1 })).rejects.toMatchObject({ code: 'query.invalid' })
  for (const cursor of [
    'x',
    Buffer.from('[1,"99999999999999999999","a"]').toString('base64url'),
    Buffer.from('[1e300,"1","a"]').toString('base64url'),
  ])
    await expect(refused({ q: '保', cursor })).rejects.toMatchObject({ code: 'request.invalid' })
})

test('the plans: grams decide for words, absent or common; nothing is read whole and no index on time is walked', async () => {
  for (const q of ['龘靐', '的', '保本']) {
    const plan = await explainSearch(premises.db, actor(), searchQuery.parse({ q }))
    expect(plan).toMatch(/message_gram_2026_\d\d_g_idx/)
    expect(plan).not.toMatch(/Seq Scan|_pkey/)
  }
})

test('grams are as many as messages with words, and people of a conversation are known by month', async () => {
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM conversation_party WHERE party = ${ROOM}`.execute(premises.db)
  expect(rows[0]?.n).toBeGreaterThan(1)
})
