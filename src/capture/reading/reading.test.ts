import { randomInt } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Document, Packer, Paragraph } from 'docx'
import { zipSync } from 'fflate'
import { PDFDocument } from 'pdf-lib'
import { toBuffer } from 'qrcode'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Sim } from '../../../sim/index.ts'
import type { TestPremises } from '../../../test/support/premises.ts'
import { captureAll, simulated, until } from '../../../test/support/simulated.ts'
import { verifyWhole } from '../../app/index.ts'
import { readMessages, search } from '../../archive/index.ts'
import type { JobQueue } from '../../base/index.ts'
import { shellActor, sql, systemActor } from '../../base/index.ts'
import type { ArchiveSource } from '../../wecom/index.ts'
import { fetchWaiting } from '../media.ts'
import { ocrLoads, readWaiting } from './index.ts'
import { openMemory } from './memory.ts'
import { openFileReader } from './reader.ts'

/** Common characters that no rule knows, so that a phrase nobody wrote before stands in the picture. */
const CHARACTERS = [...'山水田园春夏秋冬东西南北花鸟鱼虫江河湖海松竹梅兰']
const phrase = () => Array.from({ length: 6 }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('')

/** Chinese glyphs come from the fonts `npm test` sees to; a machine that draws boxes fails here, as it should. */
function drawn(lines: string[], size = 36): Promise<Buffer> {
  const rows = lines.map(
    (line, i) => `<text x="40" y="${80 + i * size * 2}" font-size="${size}">${line}</text>`,
  )
  const [width, height] = [900, 120 + lines.length * size * 2]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="Noto Sans CJK SC, sans-serif"><rect width="100%" height="100%" fill="#fff"/>${rows.join('')}</svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

function image(sim: Sim, bytes: Buffer): string {
  const { sdkfileid, md5sum, size } = sim.world.media.add(bytes)
  return sim.world.emit({
    from: 'linyue',
    tolist: [customer(sim)],
    msgtype: 'image',
    image: { sdkfileid, md5sum, filesize: size },
  }).msgid
}

function file(sim: Sim, bytes: Buffer, filename: string): string {
  const { sdkfileid, md5sum, size } = sim.world.media.add(bytes)
  const fileext = filename.split('.').at(-1)
  return sim.world.emit({
    from: 'linyue',
    tolist: [customer(sim)],
    msgtype: 'file',
    file: { sdkfileid, md5sum, filesize: size, filename, fileext },
  }).msgid
}

const customer = (_: Sim) => 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'

/** Capture, fetch and read all there is; detection follows by its jobs. */
async function readAll(
  sim: Sim,
  premises: TestPremises,
  source: ArchiveSource,
  options: { asrCommand?: string[]; deadlineMs?: number } = {},
): Promise<JobQueue> {
  const { db, house, media: blobs } = premises
  const { services } = await captureAll(sim, premises, source)
  await fetchWaiting({ db, house, blobs, source }, null)
  const reader = openFileReader(options.deadlineMs)
  try {
    const actor = systemActor(house, 'capture')
    await readWaiting(
      { db, actor, blobs, jobs: services.jobs, asrCommand: options.asrCommand },
      { reader, memory: openMemory() },
    )
  } finally {
    reader.close()
  }
  await services.sealer.flush()
  return services.jobs
}

type HitRow = { part: string; rule: string; start: number; end: number }

async function hitsOf(premises: TestPremises, msgid: string): Promise<HitRow[]> {
  const { rows } = await sql<HitRow>`SELECT part, rule, start_at AS start, end_at AS end FROM hit
    WHERE src_msgid = ${msgid} ORDER BY part, rule, start_at`.execute(premises.db)
  return rows
}

async function alerted(premises: TestPremises, msgid: string): Promise<void> {
  await until(`an alert for ${msgid}`, async () => {
    const { rows } = await sql`SELECT 1 FROM alert WHERE src_msgid = ${msgid} AND behaviour = ''`.execute(
      premises.db,
    )
    return rows.length === 1
  })
}

async function readingOf(premises: TestPremises, msgid: string) {
  const { rows } = await sql<{ state: string; reason: string | null }>`
    SELECT state, reason FROM media_reading WHERE src_msgid = ${msgid}`.execute(premises.db)
  return rows[0]
}

async function textsOf(premises: TestPremises, msgid: string) {
  const { rows } = await sql<{ convId: string; sentAt: number }>`SELECT conv_id::text AS "convId",
    (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt" FROM message WHERE src_msgid = ${msgid}`.execute(
    premises.db,
  )
  const [message] = await readMessages(
    premises.db,
    premises.house,
    rows.map(row => ({ ...row, msgid })),
  )
  return message?.texts ?? []
}

test('the package that reads pictures is installed', async () => {
  expect(await ocrLoads()).toBe(true)
})

test('a phrase drawn a moment ago is read from its picture, found by search, raises an alert, and verifies', {
  timeout: 120_000,
}, async () => {
  const { sim, premises, source } = await simulated()
  const said = phrase()
  const picture = image(sim, await drawn([said, '这款理财保本保息，亏了算我的']))
  await readAll(sim, premises, source)
  expect(await readingOf(premises, picture)).toEqual({ state: 'read', reason: null })
  const text = (await textsOf(premises, picture)).find(one => one.part === 'ocr:body')
  expect(text?.label).toBe('图片文字识别')
  expect(text?.text).toContain(said)
  await alerted(premises, picture)
  const hit = (await hitsOf(premises, picture)).find(one => one.rule.startsWith('GUAR'))
  expect(hit?.part).toBe('ocr:body')
  expect(text?.text.slice(hit?.start, hit?.end)).toContain('保本')
  const found = await search(premises.db, shellActor(premises.house, 'test'), {
    q: said,
    exact: 'false',
    limit: 10,
  })
  expect(found.items.map(item => [item.key.msgid, item.excerpt.label])).toEqual([[picture, '图片文字识别']])
  expect(await verifyWhole(premises, { everyByte: true })).toMatchObject({ ok: true, problems: [] })
  await sql`UPDATE derived_text SET body = set_byte(body, 40, (get_byte(body, 40) + 1) % 256)`.execute(
    premises.owner,
  )
  expect((await verifyWhole(premises, { everyByte: true })).problems[0]?.what).toBe(
    'the derived text does not open',
  )
})

test('a code in a picture leads off the list, to a person, into a private purse, or where it may', {
  timeout: 120_000,
}, async () => {
  const { sim, premises, source } = await simulated()
  const code = async (text: string) => image(sim, await toBuffer(text, { width: 320 }))
  const off = await code('https://shou-yi.example/join?u=1')
  const person = await code('https://u.wechat.com/MLa9x8kPqT')
  const purse = await code('wxp://f2f0abcdef')
  const own = await code('https://m.cjbank.example/p/1')
  await readAll(sim, premises, source)
  for (const msgid of [off, person, purse]) await alerted(premises, msgid)
  const rules = async (msgid: string) => (await hitsOf(premises, msgid)).map(hit => [hit.part, hit.rule])
  expect(await rules(off)).toEqual([['qr:body', 'OFFPLATFORM-91']])
  expect(await rules(person)).toEqual([['qr:body', 'OFFPLATFORM-92']])
  expect(await rules(purse)).toEqual([['qr:body', 'PRIV_TRANSFER-90']])
  expect(await rules(own)).toEqual([])
  expect((await textsOf(premises, own))[0]).toMatchObject({
    label: '二维码',
    text: 'https://m.cjbank.example/p/1',
  })
})

test('documents of every kind, a forwarded record and a title are detected, and each hit says where it stands', {
  timeout: 120_000,
}, async () => {
  const { sim, premises, source } = await simulated()
  const bad = '这款产品保本保息，稳赚不赔'
  const docx = await Packer.toBuffer(
    new Document({ sections: [{ children: [new Paragraph('尊敬的客户'), new Paragraph(bad)] }] }),
  )
  const xml = (text: string) => Buffer.from(`<?xml version="1.0"?>${text}`)
  const xlsx = zipSync({
    'xl/workbook.xml': xml('<workbook><sheets><sheet name="报价"/></sheets></workbook>'),
    'xl/sharedStrings.xml': xml(
      `<sst><si><t>产品</t></si><si><r><t>这款产品保本</t></r><r><t>保息</t></r></si></sst>`,
    ),
    'xl/worksheets/sheet1.xml': xml(
      '<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row></sheetData>',
    ),
  })
  const pptx = zipSync({
    'ppt/slides/slide1.xml': xml('<p:sld><a:p><a:r><a:t>路演</a:t></a:r></a:p></p:sld>'),
    'ppt/slides/slide2.xml': xml(`<p:sld><a:p><a:r><a:t>${bad}</a:t></a:r></a:p></p:sld>`),
  })
  const scan = await PDFDocument.create()
  const page = scan.addPage([900, 300])
  page.drawImage(await scan.embedPng(await drawn([bad])), { x: 0, y: 0 })
  const cases: [string, string, string][] = [
    [file(sim, docx, '介绍.docx'), 'document:body', '文件正文'],
    [file(sim, Buffer.from(xlsx), '报价.xlsx'), 'document:body#2', '文件正文'],
    [file(sim, Buffer.from(pptx), '路演.pptx'), 'document:body#2', '文件正文'],
    [file(sim, Buffer.from(await scan.save()), '扫描.pdf'), 'ocr:body#1.p1', '图片文字识别'],
    [file(sim, Buffer.from(bad), '说明.txt'), 'document:body', '文件正文'],
  ]
  const emit = (msgtype: string, body: Record<string, unknown>) =>
    sim.world.emit({ from: 'linyue', tolist: [customer(sim)], msgtype, ...body }).msgid
  const inner = {
    title: '群聊',
    item: [{ type: 'ChatRecordText', content: JSON.stringify({ content: bad }) }],
  }
  const item = [
    { type: 'ChatRecordText', content: '{"content":"好的"}' },
    { type: 'chatrecord', content: JSON.stringify(inner) },
  ]
  cases.push(
    [emit('chatrecord', { chatrecord: { title: '聊天记录', item } }), 'item.1.0', '转发记录'],
    [
      emit('link', { link: { title: bad, description: '', link_url: 'https://m.cjbank.example/1' } }),
      'title',
      '链接标题',
    ],
    [
      emit('weapp', { weapp: { title: bad, description: '', username: 'gh_1@app', displayname: '理财' } }),
      'title',
      '小程序标题',
    ],
    [
      emit('link', {
        link: { title: '看看', description: '', link_url: 'https://m.cjbank.example@shou-yi.example/1' },
      }),
      'link_url',
      '链接地址',
    ],
  )
  await readAll(sim, premises, source)
  for (const [msgid, part, label] of cases) {
    await alerted(premises, msgid)
    const parts = (await hitsOf(premises, msgid)).map(hit => hit.part)
    expect(parts, label).toContain(part)
    expect((await textsOf(premises, msgid)).find(text => text.part === part)?.label, part).toBe(label)
  }
})

test('what cannot be read is told with its reason, once, and does not stop what comes after', {
  timeout: 120_000,
}, async () => {
  const { sim, premises, source } = await simulated()
  const bomb = zipSync({ 'word/document.xml': new Uint8Array(40 << 20) }, { level: 9 })
  const wide = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  const whole = await drawn(['好'])
  const expected: [string, string, string][] = [
    [file(sim, Buffer.from(bomb), '炸弹.docx'), 'unreadable', 'too_much_inside'],
    [image(sim, wide), 'unreadable', 'too_many_pixels'],
    [image(sim, whole.subarray(0, whole.length / 2)), 'unreadable', 'broken'],
    [file(sim, Buffer.from('%PDF-1.7 and nothing'), '坏.pdf'), 'unreadable', 'broken'],
    [file(sim, Buffer.from('504b0304000000000000', 'hex'), '坏.xlsx'), 'unreadable', 'broken'],
    [file(sim, Buffer.from('d0cf11e0a1b11ae1', 'hex'), '旧.doc'), 'skipped', 'unsupported'],
  ]
  const good = file(sim, Buffer.from('这款产品保本保息，稳赚不赔'), '好.txt')
  await readAll(sim, premises, source)
  for (const [msgid, state, reason] of expected)
    expect(await readingOf(premises, msgid), reason).toEqual({ state, reason })
  await alerted(premises, good)
  const { rows } = await sql<{ value: string }>`SELECT value FROM message_mark WHERE kind = 'unread'`.execute(
    premises.db,
  )
  expect(rows).toHaveLength(expected.length)
  const waiting = await sql`SELECT 1 FROM media_reading WHERE state = 'waiting'`.execute(premises.db)
  expect(waiting.rows).toEqual([])
})

test('a file that takes too long is given up, and the next one is read by a fresh process', {
  timeout: 120_000,
}, async () => {
  const reader = openFileReader(1)
  expect(await reader.read(await drawn(['好']), '')).toEqual({ texts: [], reason: 'timeout' })
  reader.close()
  const patient = openFileReader()
  expect((await patient.read(Buffer.from('早上好'), 'a.txt')).texts[0]?.text).toBe('早上好')
  patient.close()
})

test("voice is marked for the sampler, or handed to the operator's own recogniser", {
  timeout: 60_000,
}, async () => {
  const { sim, premises, source } = await simulated()
  const voice = () => {
    const { sdkfileid, md5sum, size } = sim.world.media.voice(6)
    const body = { sdkfileid, md5sum, voice_size: size, play_length: 6 }
    return sim.world.emit({ from: 'linyue', tolist: [customer(sim)], msgtype: 'voice', voice: body }).msgid
  }
  const silent = voice()
  await readAll(sim, premises, source)
  expect(await readingOf(premises, silent)).toEqual({ state: 'skipped', reason: 'no_transcriber' })
  const command = join(premises.folder, 'asr')
  writeFileSync(
    command,
    '#!/bin/sh\ntest -s "$2" && test -z "$DATABASE_URL" && echo 这款产品保本保息，稳赚不赔\n',
  )
  chmodSync(command, 0o755)
  const heard = voice()
  await readAll(sim, premises, source, { asrCommand: [command, '--text'] })
  await alerted(premises, heard)
  expect((await hitsOf(premises, heard))[0]?.part).toBe('asr:body')
})
