import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractText, getDocumentProxy } from 'unpdf'
import { beforeAll, expect, test } from 'vitest'
import { ALWAYS, ASKED, issued, person } from '../../test/support/evidence.ts'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { type Services, startServices, verifyWhole } from '../app/index.ts'
import { conversationId } from '../archive/prepare.ts'
import { sql } from '../base/index.ts'
import { list } from '../trail/index.ts'
import { normalise } from '../wecom/index.ts'
import { expireDue, takePackage } from './download.ts'
import { decide, estimate, merged, requestPackage, withdraw } from './request.ts'
import { selectPackage } from './store.ts'
import { BAKED, bake } from './verifier/bake.ts'
import { FILES } from './verifier/format.ts'
import type { Verdict } from './verifier/verdict.ts'
import { verifyPackage } from './verifier/verify.ts'
import { openZip } from './verifier/zip.ts'
import { readDirectory, readEnd, type ZipEntry } from './verifier/zip-format.ts'
import { verifyFile } from './verify-file.ts'
import { ZipWriter } from './zip-writer.ts'

let premises: TestPremises
let services: Services
let convId: string
let bytes: Buffer
let file: string
let number: string
let id: string

beforeAll(async () => {
  premises = await filePremises()
  services = await startServices(premises, { capture: false })
  const messages = [
    textMessage('上次说的那只基金，会不会亏？', { msgid: 'a1' }),
    textMessage('您放心，这款产品保本保息，绝对不会亏损。', { msgid: 'a2' }),
    textMessage('李先生，净值会波动😀，可能损失本金。𠀀字\n第二行', { msgid: 'a3' }),
    textMessage('', {
      msgid: 'a4',
      msgtype: 'chatrecord',
      text: undefined,
      chatrecord: {
        title: '记录',
        item: [
          { type: 'ChatRecordText', msgtime: 1, content: '{"content":"转发的话"}', from_chatroom: false },
        ],
      },
    }),
  ]
  await archiveAll(premises, services, messages)
  const normal = normalise(JSON.stringify(messages[0]))
  if (typeof normal === 'string') throw new Error(normal)
  convId = conversationId(premises.house, normal)
  const done = await issued(premises, services, premises.folder, { stretches: [{ convId, ...ALWAYS }] })
  ;({ file, number, id } = done)
  bytes = readFileSync(file)
  await services.stop()
})

async function verdictOf(zip: Uint8Array, fingerprint?: string): Promise<Verdict> {
  const files = await openZip({ size: zip.length, read: async (from, to) => zip.slice(from, to) })
  if (files === null) throw new Error('no zip')
  return verifyPackage(files, { fingerprint })
}

function entries(): ZipEntry[] {
  const end = readEnd(bytes)
  if (!end) throw new Error('no end')
  return readDirectory(bytes.subarray(end.start), end.count) ?? []
}

/** A byte flipped at a place. */
function flipped(at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0x01
  return copy
}

test('a package verifies from its own file, and says what it checked', async () => {
  const verdict = await verifyFile(file)
  expect(verdict).toMatchObject({ ok: true, first: null, withheld: 0 })
  expect(verdict.facts).toMatchObject({ number, messages: 4, requestedBy: 'officer', approvedBy: 'lead' })
  const done = Object.fromEntries(verdict.tallies.map(tally => [tally.check, tally.done]))
  // Three texts of the conversation and the forwarded one, each with record and path.
  expect(done).toMatchObject({ container: 2, signature: 1, checkpoints: 2, bodies: 4, inclusions: 4 })
  expect(done.texts).toBeGreaterThan(0)
})

test('one byte changed anywhere is red, in every file with its name', async () => {
  const missed: string[] = []
  for (const entry of entries()) {
    const from = entry.offset + 30 + Buffer.byteLength(entry.name)
    if (entry.packed === 0) continue
    for (const at of [from, from + entry.packed - 1]) {
      const verdict = await verdictOf(flipped(at))
      // A changed key makes every signature foreign; what is named first must be a file that says so.
      const named = verdict.differences.some(difference => difference.file === entry.name)
      if (verdict.ok || !named) missed.push(`${entry.name} at ${at}: ${JSON.stringify(verdict.first)}`)
    }
  }
  expect(missed).toEqual([])
})

test('and so is one byte of the container: headers, descriptors, directory, end', async () => {
  const missed: number[] = []
  const places = new Set<number>()
  const end = readEnd(bytes)
  for (const entry of entries().slice(0, 3)) for (let i = 0; i < 30; i += 3) places.add(entry.offset + i)
  for (let at = end?.start ?? 0; at < bytes.length; at += 83) places.add(at)
  for (let at = bytes.length - 22; at < bytes.length; at += 1) places.add(at)
  for (const at of places) {
    const files = await openZip({
      size: bytes.length,
      read: async (from, to) => flipped(at).subarray(from, to),
    })
    if (files !== null && (await files.container?.fault()) === null) {
      if ((await verifyPackage(files)).ok) missed.push(at)
    }
  }
  expect(missed).toEqual([])
})

type Change = (name: string, text: string) => string

/** The package written anew with changes, manifest and all, by somebody who has everything but the key. */
async function forged(change: Change): Promise<Buffer> {
  const files = await openZip({ size: bytes.length, read: async (from, to) => bytes.subarray(from, to) })
  const parts: Uint8Array[] = []
  const zip = new ZipWriter(async part => void parts.push(Buffer.from(part)))
  const written = []
  for (const { name, method } of entries()) {
    const content: Uint8Array[] = []
    for await (const part of files?.open(name) ?? []) content.push(part)
    let whole = Buffer.concat(content)
    if (name === FILES.manifest) {
      const manifest = JSON.parse(whole.toString())
      whole = Buffer.from(JSON.stringify({ ...manifest, files: written, container: zip.soFar() }))
    } else if (/jsonl|json|txt|sig/.test(name)) whole = Buffer.from(change(name, whole.toString()))
    const done = await zip.add(name, [whole], method === 8 ? 'deflate' : 'store')
    if (name !== FILES.manifest && name !== FILES.signature) written.push(done)
  }
  await zip.finish()
  return Buffer.concat(parts)
}

const line2 = (text: string, from: string | RegExp, to: string): string =>
  text
    .split('\n')
    .map((line, i) => (i === 1 ? line.replace(from, to) : line))
    .join('\n')

test('who can write everything but the signature is caught at the message and the field', async () => {
  const cases: [string, Change, object][] = [
    [
      'a word',
      (name, text) => (name === FILES.messages ? line2(text, '保本保息', '不保本保') : text),
      { what: 'message.commitment', message: 2, field: 'raw' },
    ],
    [
      'the sender',
      (name, text) => (name === FILES.messages ? line2(text, '"from":"linyue"', '"from":"wangwu"') : text),
      { message: 2, field: 'envelope.from' },
    ],
    [
      'the time',
      (name, text) => (name === FILES.messages ? line2(text, /"sentAt":"\d/, '"sentAt":"2') : text),
      { message: 2, field: 'envelope.sentAt' },
    ],
    [
      'a column the bytes do not tell',
      (name, text) =>
        name === FILES.messages ? line2(text, '"source":"import"', '"source":"wecom1"') : text,
      { what: 'message.record', message: 2, field: 'envelope' },
    ],
    [
      'what is shown',
      (name, text) =>
        name === FILES.messages ? line2(text, /("texts":\[\{"label":null,"text":")您/, '$1你') : text,
      { what: 'message.shown', message: 2 },
    ],
    [
      'the consent',
      (name, text) => (name === FILES.messages ? line2(text, '"state":"unknown"', '"state":"agree"') : text),
      { what: 'line.sha256', message: 2 },
    ],
    [
      'a path',
      (name, text) => (name === FILES.proofs ? line2(text, /"path":\["./, '"path":["Q') : text),
      { what: 'message.inclusion', message: 2, field: 'path', file: FILES.proofs },
    ],
    [
      'a message left out',
      (name, text) =>
        name === FILES.messages
          ? text
              .split('\n')
              .filter((_, i) => i !== 1)
              .join('\n')
          : text,
      { what: 'message.proof', message: 2 },
    ],
    [
      'the checkpoint',
      (name, text) => (name === FILES.checkpoint ? text.replace(/\n\d+\n/, '\n9\n') : text),
      { what: 'message.inclusion', message: 1 },
    ],
  ]
  for (const [what, change, first] of cases) {
    const verdict = await verdictOf(await forged(change))
    expect(verdict.ok, what).toBe(false)
    expect(verdict.first, what).toMatchObject(first)
    expect(
      verdict.differences.map(difference => difference.what),
      what,
    ).toContain('manifest.signature')
  }
})

test('a wholly new package under another key needs the fingerprint to be told apart', async () => {
  const verdict = await verdictOf(bytes, '00'.repeat(32))
  expect(verdict.first).toMatchObject({ what: 'key.fingerprint', file: FILES.key })
  expect((await verdictOf(bytes, verdict.key?.fingerprint.toUpperCase().match(/../g)?.join(':'))).ok).toBe(
    true,
  )
})

test('garbage is refused and nothing throws', async () => {
  for (const [name, content] of [
    ['empty', ''],
    ['text', 'no zip at all'],
    ['cut', bytes.subarray(0, bytes.length - 30)],
  ] as const) {
    const path = join(premises.folder, `${name}.zip`)
    writeFileSync(path, content)
    expect((await verifyFile(path)).first?.what, name).toBe('zip.unreadable')
  }
  for (let seed = 1; seed <= 15; seed += 1) {
    const copy = Buffer.from(bytes)
    for (let i = 0; i < 20; i += 1) copy[(seed * 7919 + i * 104729) % copy.length] = (seed * 31 + i) & 0xff
    const files = await openZip({ size: copy.length, read: async (from, to) => copy.subarray(from, to) })
    if (files) expect((await verifyPackage(files)).ok, `seed ${seed}`).toBe(false)
  }
})

test('the report is Chinese that can be read and copied, with its fonts in it and nothing missing', async () => {
  const files = await openZip({ size: bytes.length, read: async (from, to) => bytes.subarray(from, to) })
  for (const name of [FILES.report, FILES.attestation]) {
    const parts: Uint8Array[] = []
    for await (const part of files?.open(name) ?? []) parts.push(part)
    const pdf = Buffer.concat(parts)
    expect(pdf.toString('latin1')).toMatch(/\/FontFile3/)
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true })
    expect(text).toContain(number)
    expect(text).toContain('监管转办')
    expect(text).not.toContain('\ufffd')
    if (name !== FILES.report) continue
    expect(text).toContain('绝对不会亏损')
    // No glyph for these in the font: their code points are printed, never a blank.
    expect(text).toContain('〔U+1F600〕')
    expect(text).toContain('〔U+20000〕字')
    expect(text).toContain('officer')
  }
})

test('verify.html is exactly what its sources give, alone and without an address', async () => {
  const kept = readFileSync(BAKED, 'utf8')
  expect(await bake()).toBe(kept)
  expect(kept).toContain("default-src 'none'")
  expect(kept).not.toMatch(/(?:src|href)="|https?:\/\/(?!www\.w3\.org)/)
})

test('who asked never decides: refused by us and by the table', async () => {
  const { db, house } = premises
  const lead = person(house, 'lead', 'lead')
  const request = { ...ASKED, stretches: [{ convId, ...ALWAYS }] }
  const own = await requestPackage(db, lead, request)
  await expect(
    decide(db, lead, services.jobs, own.id, { verdict: 'approve', reason: '同意' }),
  ).rejects.toMatchObject({ code: 'evidence.own' })
  await expect(
    sql`UPDATE evidence_package SET state = 'approved', decided_by = requested_by WHERE id = ${own.id}`.execute(
      db,
    ),
  ).rejects.toThrow(/evidence_two_people/)
  await expect(
    sql`UPDATE evidence_package SET state = 'approved' WHERE id = ${own.id}`.execute(db),
  ).rejects.toThrow(/evidence_decided/)
  const risk = person(house, 'risk', 'risk')
  expect(await decide(db, risk, services.jobs, own.id, { verdict: 'refuse', reason: '范围过宽' })).toBe(
    'refused',
  )
  await expect(
    decide(db, risk, services.jobs, own.id, { verdict: 'approve', reason: '同意' }),
  ).rejects.toMatchObject({ code: 'evidence.moved' })
})

test('a request may be taken back by its own maker, and bad ones are told why', async () => {
  const { db, house } = premises
  const officer = person(house, 'officer', 'officer')
  const request = { ...ASKED, stretches: [{ convId, ...ALWAYS }] }
  const made = await requestPackage(db, officer, request)
  await expect(withdraw(db, person(house, 'lead', 'lead'), made.id)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  expect(await withdraw(db, officer, made.id)).toBe('withdrawn')
  await expect(
    requestPackage(db, officer, { ...request, stretches: [{ convId, from: 1, to: 2 }] }),
  ).rejects.toMatchObject({ code: 'request.invalid' })
  await expect(
    requestPackage(db, officer, { ...request, stretches: [{ convId: '42', from: 1, to: 2 }] }),
  ).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(requestPackage(db, person(house, 'admin', 'admin'), request)).rejects.toMatchObject({
    code: 'auth.denied',
  })
})

test('stretches that touch become one, and the estimate counts what is there', async () => {
  expect(
    merged([
      { convId: '2', from: 5, to: 9 },
      { convId: '1', from: 1, to: 3 },
      { convId: '1', from: 4, to: 6 },
      { convId: '1', from: 9, to: 9 },
    ]),
  ).toEqual([
    { convId: '1', from: 1, to: 6 },
    { convId: '1', from: 9, to: 9 },
    { convId: '2', from: 5, to: 9 },
  ])
  const officer = person(premises.house, 'officer', 'officer')
  const twice = [
    { convId, ...ALWAYS },
    { convId, ...ALWAYS },
  ]
  expect(await estimate(premises.db, officer, twice)).toMatchObject({ messages: 4, files: 0 })
})

test('a package is the business of two people, each download is written down, and its time ends', async () => {
  const { db, house, packages } = premises
  await expect(takePackage(db, person(house, 'risk', 'risk'), packages, { id })).rejects.toMatchObject({
    code: 'auth.denied',
  })
  const lead = person(house, 'lead', 'lead')
  await takePackage(db, lead, packages, { id })
  const { items } = await list(db, lead, { limit: 50 })
  expect(items.find(item => item.verb === 'evidence.downloaded')).toMatchObject({
    actor: 'lead',
    thingId: number,
  })
  expect(items.some(item => item.verb === 'conversation.exported' && item.thingId === convId)).toBe(true)
  expect(await packages.get(`${id}/1/0`)).not.toBeNull()
  await sql`UPDATE evidence_package SET expires_at = now() - interval '1 minute' WHERE id = ${id}`.execute(
    premises.owner,
  )
  await expect(takePackage(db, lead, packages, { id })).rejects.toMatchObject({ code: 'evidence.moved' })
  expect(await expireDue(db, house, packages)).toBe(1)
  expect(await packages.get(`${id}/1/0`)).toBeNull()
  expect(await selectPackage(db, house.corp, id)).toMatchObject({ state: 'expired' })
})

test('the ledger knows what was issued, and a changed or forged issue is named', async () => {
  const { db, house } = premises
  expect((await verifyWhole(premises, { everyByte: true })).problems).toEqual([])
  const digest = createHash('sha256').update('another manifest').digest()
  await sql`UPDATE evidence_issue SET manifest_sha256 = ${digest} WHERE id = ${id}`.execute(premises.owner)
  expect((await verifyWhole(premises, { everyByte: true })).problems[0]?.what).toBe(
    'a column of the issued package differs from its leaf',
  )
  await sql`INSERT INTO evidence_issue VALUES (${house.corp}, ${'00000000-0000-7000-8000-000000000001'}, 'YJ-2026-9999', 'a', 'b', now(), ${digest}, '')`.execute(
    db,
  )
  const { problems } = await verifyWhole(premises, { everyByte: true })
  expect(problems.map(problem => problem.what)).toContain('issued package unknown to the ledger')
})
