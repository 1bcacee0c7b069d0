import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Document, Packer, Paragraph } from 'docx'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { type Sim, startSim } from '../sim/index.ts'
import { importAll } from '../src/app/commands/import.ts'
import { openPremises, type Premises, startServices } from '../src/app/index.ts'
import { createLog, loadConfig, sql, systemActor } from '../src/base/index.ts'
import { createAccount } from '../src/people/index.ts'
import { asSuperuser, dumpAll } from './support/dump.ts'
import { dataFolder } from './support/embedded.ts'
import { testFolder } from './support/folder.ts'
import { type Leak, plainScanner } from './support/plain-scan.ts'
import { until } from './support/simulated.ts'

const TONGJIAN = join(import.meta.dirname, '..', 'bin', 'tongjian.ts')
const PASSWORD = 'a-long-enough-password'
/** Common characters that no rule knows: what is made of them nobody wrote before, and a picture of it can be read. */
const CHARACTERS = [...'山水田园春夏秋冬东西南北花鸟鱼虫江河湖海松竹梅兰']
const phrase = () => Array.from({ length: 6 }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('')

/** What is said, drawn, spoken, filed, named and noted; each is looked for afterwards, and each must be readable. */
const SAID = {
  message: phrase(),
  picture: phrase(),
  document: phrase(),
  voice: phrase(),
  unheard: phrase(),
  imported: phrase(),
  broken: phrase(),
  nul: phrase(),
  note: phrase(),
  reason: phrase(),
  customer: `钱${phrase().slice(0, 2)}`,
  remark: phrase(),
  newcomer: `孙${phrase().slice(0, 2)}`,
  group: phrase(),
  staff: `宋${phrase().slice(0, 2)}`,
  account: phrase(),
  fileName: phrase(),
}
/** The master key, by which everything could be opened: it must stand nowhere at all. */
const MASTER = randomBytes(32).toString('hex')
const CALLBACK = { token: 'plain', aesKey: randomBytes(32).toString('base64').slice(0, 43) }
/** Put into the database, the media folder and the log on purpose: a search that finds nothing must be able to find. */
const PLANTED = `对照${phrase()}`

type Stage = {
  sim: Sim
  data: string
  log: string
  env: Record<string, string>
  server: ChildProcess
  url: string
}
let stage: Stage

test('nothing that was said, shown, named or noted stands in clear in tables, WAL, jobs, files or logs; the product shows it all', {
  timeout: 240_000,
}, async () => {
  stage = await open()
  const { sim, data } = stage
  const ids = await liveThrough()
  await everythingIsThere(ids)
  const texts = [MASTER, ...Object.values(SAID), ...worldTexts(sim)]
  const scanner = plainScanner(texts)
  const planted = plainScanner([PLANTED])
  await plant()
  const dump = await dumpAll(data)
  expect(environmentOfPostgres(data)).not.toMatch(/WECOM_|TONGJIAN_|DATABASE_/)
  await stop()

  const files = scanner.scanFolder(data)
  const log = readFileSync(stage.log)
  // The way that used to carry a word into the log was walked.
  expect(log.toString()).toContain('a recording could not be transcribed')
  const leaks = [...scanner.scan('dump', dump), ...files.leaks, ...scanner.scan('log', log)]
  const control = [
    ...planted.scan('dump', dump),
    ...planted.scanFolder(data).leaks,
    ...planted.scan('log', log),
  ]
  process.stdout.write(
    `scanned ${(dump.length / 1e6).toFixed(1)} MB of dump, ${files.files} files of ${(files.bytes / 1e6).toFixed(1)} MB, ${log.length} bytes of log for ${scanner.patterns} patterns of ${texts.length} texts: ${leaks.length} found; the planted word ${control.length} times\n`,
  )
  for (const place of [/^dump$/, /^postgres\/base\//, /^postgres\/pg_wal\//, /^media\//, /^log$/])
    expect(
      control.filter(leak => place.test(leak.where)),
      `the control in ${place}`,
    ).not.toEqual([])
  expect(leaks.map(told)).toEqual([])
  // Pictures, papers and recordings are no text: a stretch out of the middle of each stands for it.
  const held = filesBelow(data)
  const inClear = (bytes: Buffer) => [dump, ...held].some(one => one.includes(bytes))
  expect(plainFiles(sim).filter(inClear)).toEqual([])
  expect(inClear(Buffer.from(PLANTED))).toBe(true)
})

/** What a database administrator can read of our settings: the postmaster gave it to every backend. */
function environmentOfPostgres(data: string): string {
  const pid = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
  expect(environment).toContain('TMPDIR')
  return environment
}

function told(leak: Leak): string {
  return `${leak.piece} as ${leak.encoding} in ${leak.where} at ${leak.offset}`
}

async function open(): Promise<Stage> {
  const data = dataFolder()
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sim = await startSim({ seed: 'plain', publicKeys: [{ version: 1, pem }] })
  onTestFinished(() => sim.close())
  mkdirSync(join(data, 'keys', 'archive'), { recursive: true, mode: 0o711 })
  chmodSync(data, 0o711)
  writeFileSync(join(data, 'keys', 'archive', '1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const outside = testFolder()
  const hears = join(outside, 'hears')
  // A recogniser that fails on a long recording and complains of what it heard.
  writeFileSync(
    hears,
    `#!/bin/sh\nif [ "$(wc -c < "$1")" -gt 9999 ]; then echo 'cannot spell ${SAID.unheard}' >&2; exit 1; fi\nprintf '%s' '${SAID.voice}'\n`,
    { mode: 0o755 },
  )
  const tmp = join(data, 'tmp')
  mkdirSync(tmp)
  const env = {
    TONGJIAN_DATA: data,
    PORT: '0',
    LOG_LEVEL: 'debug',
    TONGJIAN_MASTER_KEY: MASTER,
    TMPDIR: tmp,
    TONGJIAN_ASR_COMMAND: hears,
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    WECOM_CALLBACK_TOKEN: CALLBACK.token,
    WECOM_CALLBACK_AES_KEY: CALLBACK.aesKey,
  }
  tellNames(sim)
  const log = join(outside, 'log')
  const { server, url } = await serve(env, log)
  return { sim, data, log, env, server, url }
}

/** The server as an operator starts it, everything it tells in a file. */
async function serve(env: Record<string, string>, log: string) {
  const server = spawn(process.execPath, [TONGJIAN, 'serve'], { env: { ...env, PATH: '' } })
  onTestFinished(() => void server.kill('SIGKILL'))
  writeFileSync(log, '')
  server.stderr.on('data', (chunk: Buffer) => appendFileSync(log, chunk))
  const lines = createInterface({ input: server.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    lines.once('line', line => resolve(/http:\S+/.exec(line)?.[0] ?? ''))
    server.once('exit', code =>
      reject(new Error(`the server ended with ${code} before it had started: see ${log}`)),
    )
  })
  return { server, url }
}

/** People of the simulated WeCom under names nobody else bears. */
function tellNames(sim: Sim): void {
  const { people } = sim.world
  const [contact] = people.contacts
  const employee = people.employee.get(contact?.follows[0]?.userid ?? '')
  const room = people.rooms.find(one => one.external)
  if (!contact?.follows[0] || !employee || !room) throw new Error('the simulated WeCom has nobody')
  contact.name = SAID.customer
  contact.realName = SAID.customer
  contact.follows[0].remark = SAID.remark
  employee.name = SAID.staff
  room.name = SAID.group
}

/** What the world of the simulator says and how its people are called, beside what this test made up. */
function worldTexts(sim: Sim): string[] {
  const { archive, people } = sim.world
  const han = (value: unknown): string[] =>
    typeof value === 'string'
      ? (value.match(/\p{Script=Han}+/gu) ?? [])
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(han)
        : []
  return [
    ...archive.all().flatMap(stored => han(stored.message)),
    ...people.contacts.flatMap(one => [one.name, one.realName, one.company ?? '']),
    ...people.contacts.flatMap(one => one.follows.map(follow => follow.remark)),
    ...people.employees.map(one => one.name),
    ...people.rooms.map(one => one.name),
  ]
}

/** 24 bytes out of each file that the simulated WeCom handed over. */
function plainFiles(sim: Sim): Buffer[] {
  const ids = sim.world.archive
    .all()
    .flatMap(({ json }) => [...json.matchAll(/"sdkfileid":"([^"]+)"/g)].map(found => found[1] ?? ''))
  return [...new Set(ids)].map(id => (sim.world.media.bytes(id) ?? Buffer.alloc(0)).subarray(40, 64))
}

function filesBelow(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name)))
}

type Ids = { message: string; picture: string; customer: string }

/** A day in which everything happens that may carry a word somewhere. */
async function liveThrough(): Promise<Ids> {
  const { sim, data } = stage
  // What PostgreSQL writes compressed could not be read here; the operator's own settings lie in this file.
  writeFileSync(join(data, 'postgres', 'local.conf'), "wal_compression = 'off'\n", { mode: 0o644 })
  process.kill(
    Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
    'SIGHUP',
  )
  sim.world.callbacks.configure({ url: `${stage.url}/wecom/callback`, ...CALLBACK, retryMs: 50 })
  sim.world.simulateDay({ messages: 40 })
  const ids = await say(sim)
  // WeCom tells of a new customer by itself, and the customer is welcomed.
  const newcomer = sim.world.newContact(SAID.newcomer)
  sim.world.addContact(sim.world.people.contacts[0]?.follows[0]?.userid ?? '', newcomer)
  await within(async premises => {
    const actor = systemActor(premises.house, 'test')
    for (const username of ['officer', 'lead'] as const)
      await premises.db
        .transaction()
        .execute(tx =>
          createAccount(tx, actor, { username, name: SAID.account, role: username, password: PASSWORD }),
        )
    await importOne(premises)
    await until('all is archived, read and judged', async () => {
      const { rows } = await sql<{ done: boolean }>`SELECT
        (SELECT count(DISTINCT source) FROM derived_text WHERE source IN ('ocr', 'document', 'asr')) = 3
        AND (SELECT count(*) FROM alert WHERE behaviour = '' AND src_msgid IN (${ids.message}, ${ids.picture})) = 2
        AND (SELECT count(*) FROM quarantine) = 1
        AND (SELECT count(*) FROM media_reading WHERE reason = 'transcriber_failed') = 1
        AND (SELECT count(*) FROM external_contact WHERE external_userid IN (${ids.customer}, ${newcomer})) = 2
        AND (SELECT count(*) FROM callback_event WHERE state <> 'received') > 0 AS done`.execute(premises.db)
      return rows[0]?.done === true
    })
  })
  return ids
}

async function say(sim: Sim): Promise<Ids> {
  const [contact] = sim.world.people.contacts
  const [customer, userid] = [contact?.id ?? '', contact?.follows[0]?.userid ?? '']
  const emit = (message: object): string =>
    sim.world.emit({ from: userid, tolist: [customer], roomid: '', ...message }).msgid
  const text = (content: string) => emit({ msgtype: 'text', text: { content } })
  const message = text(`${SAID.message}这款理财保本保息，亏了算我的`)
  text(`${SAID.nul}\u0000保本保息`)
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300" font-family="Noto Sans CJK SC, sans-serif"><rect width="100%" height="100%" fill="#fff"/><text x="40" y="80" font-size="36">${SAID.picture}</text><text x="40" y="170" font-size="36">这款理财保本保息，亏了算我的</text></svg>`
  const png = sim.world.media.add(await sharp(Buffer.from(drawn)).png().toBuffer())
  const picture = emit({
    msgtype: 'image',
    image: { sdkfileid: png.sdkfileid, md5sum: png.md5sum, filesize: png.size },
  })
  const paper = new Document({ sections: [{ children: [new Paragraph(SAID.document)] }] })
  const docx = sim.world.media.add(await Packer.toBuffer(paper))
  emit({
    msgtype: 'file',
    file: {
      sdkfileid: docx.sdkfileid,
      md5sum: docx.md5sum,
      filesize: docx.size,
      filename: `${SAID.fileName}.docx`,
      fileext: 'docx',
    },
  })
  for (const seconds of [3, 30]) {
    const { sdkfileid, md5sum, size } = sim.world.media.voice(seconds)
    emit({ msgtype: 'voice', voice: { sdkfileid, md5sum, voice_size: size, play_length: seconds } })
  }
  sim.world.emitRaw(`{"msgid":"broken","text":{"content":"${SAID.broken}"`)
  return { message, picture, customer }
}

async function within(work: (premises: Premises) => Promise<void>): Promise<void> {
  const premises = await openPremises(loadConfig(stage.env), createLog('silent'), { mode: 'command' })
  try {
    await work(premises)
  } finally {
    await premises.close()
  }
}

/** From a folder of the operator's own, which is no part of the product. */
async function importOne(premises: Premises): Promise<void> {
  const file = join(testFolder(), `${SAID.fileName}.jsonl`)
  const line = {
    msgid: 'imported',
    action: 'send',
    from: 'linyue',
    tolist: ['boss'],
    msgtime: Date.UTC(2026, 10, 2),
  }
  writeFileSync(file, JSON.stringify({ ...line, msgtype: 'text', text: { content: SAID.imported } }))
  const services = await startServices(premises, { capture: false })
  try {
    await importAll(premises, services, { out: () => undefined, err: () => undefined }, [file])
  } finally {
    await services.stop()
  }
}

/** The product shows every word and name to whom it may; each look and its reason goes into the trail. */
async function everythingIsThere(ids: Ids): Promise<void> {
  const officer = await signIn('officer')
  for (const [what, q] of Object.entries(
    pick('message', 'picture', 'document', 'voice', 'imported', 'nul', 'fileName'),
  )) {
    const page = await officer(`/api/search?q=${encodeURIComponent(q)}`)
    expect(JSON.stringify(page), `search shows the ${what}`).toContain(q)
  }
  const board = await officer('/api/alerts?state=open')
  expect(JSON.stringify(board)).toContain(SAID.staff)
  const alert = (board.items as { id: string; key: { msgid: string; convId: string } }[]).find(
    one => one.key.msgid === ids.message,
  )
  expect(await officer(`/api/alerts/${alert?.id}`)).toBeDefined()
  const talk = await officer(`/api/conversations/${alert?.key.convId}/messages`)
  expect(JSON.stringify(talk)).toContain(SAID.message)
  const decided = await officer(`/api/alerts/${alert?.id}/decision`, {
    conclusion: 'violation',
    note: SAID.note,
  })
  expect(JSON.stringify(decided)).toContain(SAID.note)
  const revealed = await officer(`/api/contacts/${ids.customer}/reveal`, { reason: SAID.reason })
  expect(revealed.name).toBe(SAID.customer)
  // What is refused is logged and traced as well.
  await officer(`/api/alerts/${alert?.id}/decision`, { conclusion: 'violation', note: SAID.note })
  await officer(`/api/trail?actor=${encodeURIComponent(SAID.reason)}`)
  await officer(`/api/search?q=${encodeURIComponent(SAID.message)}%00&limit=x`)
  await officer(`/api/alerts/${alert?.id}/decision`, `{"note":"${SAID.note}`)
  const lead = await signIn('lead')
  const trail = await lead('/api/trail?limit=200')
  for (const q of [SAID.reason, SAID.note, SAID.message]) expect(JSON.stringify(trail)).toContain(q)
  expect((await lead('/api/notice/export?kind=contact')).csv).toContain(SAID.staff)
  expect(JSON.stringify(await lead(`/api/people/find?q=${encodeURIComponent(SAID.group)}`))).toContain(
    SAID.group,
  )
}

function pick<K extends keyof typeof SAID>(...names: K[]): Pick<typeof SAID, K> {
  return Object.fromEntries(names.map(name => [name, SAID[name]])) as Pick<typeof SAID, K>
}

type Answer = Record<string, unknown> & { csv?: string }

async function signIn(username: string) {
  const headers = { 'x-tongjian': '1', 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ username, password: PASSWORD }) }
  const answer = await fetch(`${stage.url}/api/session`, init)
  expect(answer.status).toBe(200)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return async (path: string, body?: object | string): Promise<Answer> => {
    const more = body ? { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) } : {}
    const text = await (
      await fetch(`${stage.url}${path}`, { headers: { ...headers, cookie }, ...more })
    ).text()
    return text.startsWith('{') ? JSON.parse(text) : { csv: text }
  }
}

async function plant(): Promise<void> {
  await asSuperuser(stage.data, async client => {
    await client.query(
      "INSERT INTO message_mark (corp_id, conv_id, sent_at, src_msgid, kind, value, marked_by, marked_at) VALUES (1, 1, now(), 'm', 'control', $1, 'test', now())",
      [PLANTED],
    )
  })
  mkdirSync(join(stage.data, 'media', 'aa'), { recursive: true })
  writeFileSync(
    join(stage.data, 'media', 'aa', 'control'),
    Buffer.concat([randomBytes(99), Buffer.from(PLANTED)]),
  )
  appendFileSync(stage.log, `${JSON.stringify({ level: 30, msg: PLANTED })}\n`)
}

async function stop(): Promise<void> {
  const gone = new Promise(resolve => stage.server.once('exit', resolve))
  stage.server.kill('SIGTERM')
  await gone
}
