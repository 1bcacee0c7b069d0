import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  openPremises,
  type Premises,
  type RunningServer,
  type Services,
  startServer,
  startServices,
} from '../src/app/index.ts'
import { openDb } from '../src/base/db.ts'
import {
  createLog,
  inTransaction,
  loadConfig,
  newId,
  shellActor,
  sql,
  systemActor,
} from '../src/base/index.ts'
import { ROLES, type Role } from '../src/people/contract.ts'
import {
  createAccount,
  type DirectorySource,
  ensureDemoAccounts,
  syncDirectory,
} from '../src/people/index.ts'
import { list } from '../src/trail/index.ts'
import { sharedDatabase } from './support/database.ts'

/**
 * Every entrance and who may pass it, written by hand from the house's rules and not from the code. Roles that are not
 * named are denied. A route that is not here fails the test: decide who may use it before it exists.
 */
const EVERYBODY = 'anonymous officer lead risk supervisor adviser admin auditor inspector'
const SIGNED_IN = 'officer lead risk supervisor adviser admin auditor inspector'
const TABLE: Record<string, string> = {
  'GET /healthz': EVERYBODY,
  'GET /api/about': EVERYBODY,
  'GET /api/openapi.json': EVERYBODY,
  // From this machine; from elsewhere with system.read (src/app/http.test.ts).
  'GET /metrics': EVERYBODY,
  'POST /api/session': EVERYBODY,
  // WeCom's entrance: the signature proves the caller (src/capture/http.test.ts).
  'GET /wecom/callback': EVERYBODY,
  'POST /wecom/callback': EVERYBODY,
  'DELETE /api/session': SIGNED_IN,
  'GET /api/me': SIGNED_IN,

  'GET /api/alerts': 'officer lead risk supervisor auditor inspector',
  'GET /api/alerts/:id': 'officer lead risk supervisor auditor inspector',
  'GET /api/alerts/counts': 'officer lead risk supervisor auditor inspector',
  'GET /api/alerts/stream': 'officer lead risk supervisor auditor inspector',
  'POST /api/alerts/:id/decision': 'officer lead',

  'GET /api/conversations/:convId/messages': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/hits': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/media': 'officer lead risk supervisor auditor inspector',
  'GET /api/search': 'officer lead auditor',
  'GET /api/people/find': 'officer lead auditor',
  'POST /api/contacts/:id/reveal': 'officer lead',

  'GET /api/notice/coverage': 'lead auditor inspector',
  'GET /api/notice/list': 'lead auditor inspector',
  'GET /api/notice/export': 'lead auditor inspector',

  'GET /api/rules': 'officer lead risk supervisor admin auditor inspector',
  'GET /api/trail': 'lead auditor inspector',
  'GET /api/system': 'lead admin auditor',
  'GET /api/quarantine': 'lead admin auditor',
  'GET /api/certificates': 'lead admin auditor',
  'GET /api/certificates/:day': 'lead admin auditor',
}

const PASSWORD = 'a password for the test'
const SUPERVISED = 2
const database = sharedDatabase()
const folder = mkdtempSync(join(tmpdir(), 'tongjian-permissions-'))
let premises: Premises
let services: Services
let server: RunningServer
const sessions = new Map<string, string>()

beforeAll(async () => {
  const config = loadConfig({
    TONGJIAN_DATA: folder,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    PORT: '0',
  })
  premises = await openPremises(config, createLog('silent'), { mode: 'server', demo: true })
  services = await startServices(premises, { capture: false })
  server = await startServer(premises, services)
  const { db, house } = premises
  await syncDirectory(db, house, staff)
  await ensureDemoAccounts(db, house, PASSWORD, { supervisorOf: SUPERVISED })
  const inspector = {
    username: 'inspector',
    name: '监管检查',
    role: 'inspector',
    password: PASSWORD,
  } as const
  await inTransaction(db, tx => createAccount(tx, systemActor(house, 'test'), inspector))
  for (const role of ROLES) sessions.set(role, await signIn(role))
})
afterAll(async () => {
  await server?.close()
  await services?.stop()
  await premises?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function signIn(role: Role): Promise<string> {
  const answer = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'x-tongjian': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ username: role, password: PASSWORD }),
  })
  expect(answer.status, role).toBe(200)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

type Asked = { status: number; code: string | null }

/** Knock as this person. A stream is left as soon as it opened. */
async function ask(
  route: string,
  who: string,
  options: { path?: string; forged?: boolean } = {},
): Promise<Asked> {
  const [method = '', url = ''] = route.split(' ')
  const path =
    options.path ?? url.replace(':convId', '1').replace(':id', newId()).replace(':day', '2026-01-01')
  const cookie = sessions.get(who)
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(options.forged ? {} : { 'x-tongjian': '1' }),
      ...(cookie ? { cookie } : {}),
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    },
    body: method === 'POST' ? '{}' : undefined,
  })
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    await answer.body?.cancel()
    return { status: answer.status, code: null }
  }
  const text = await answer.text()
  const code = answer.ok || text === '' ? null : (JSON.parse(text).error.code as string)
  return { status: answer.status, code }
}

test('every route is in the table, and everything in the table is a route', () => {
  const routes = server.kit.routes.map(route => `${route.method} ${route.url}`)
  expect(routes.toSorted()).toEqual(Object.keys(TABLE).toSorted())
})

test('each role passes where the table says so and nowhere else', async () => {
  const wrong: string[] = []
  for (const [route, allowed] of Object.entries(TABLE)) {
    for (const who of ['anonymous', ...ROLES]) {
      const { status, code } = await ask(route, who)
      const passed = code !== 'auth.required' && code !== 'auth.denied'
      if (passed !== allowed.split(' ').includes(who)) wrong.push(`${route} as ${who}: ${status} ${code}`)
      if (passed && status >= 500) wrong.push(`${route} as ${who} breaks: ${status} ${code}`)
      const refusal = who === 'anonymous' ? 401 : 403
      if (!passed && status !== refusal) wrong.push(`${route} as ${who}: ${status} instead of ${refusal}`)
      if (route === 'DELETE /api/session' && who !== 'anonymous') sessions.set(who, await signIn(who as Role))
    }
  }
  expect(wrong).toEqual([])
})

test('every refusal of a signed-in person is in the trail', async () => {
  const { db, house } = premises
  await ask('GET /api/trail', 'adviser')
  const [entry] = (await list(db, shellActor(house, 'test'), { verb: 'denied', limit: 1 })).items
  expect(entry).toMatchObject({ actor: 'adviser', role: 'adviser', thingId: 'GET /api/trail' })
})

test('nothing is changed by a request another site could have sent', async () => {
  const guarded = (name: string) => !name.startsWith('GET ') && name !== 'POST /wecom/callback'
  for (const route of Object.keys(TABLE).filter(guarded)) {
    expect(await ask(route, 'lead', { forged: true }), route).toEqual({ status: 403, code: 'csrf.refused' })
  }
})

/** One employee in a part of the supervised department, one elsewhere. */
const staff: DirectorySource = {
  async *departments() {
    yield { id: SUPERVISED, parentId: 1, name: '财富管理部', position: 1, leaders: [] }
    yield { id: 3, parentId: SUPERVISED, name: '南山支行', position: 2, leaders: [] }
    yield { id: 9, parentId: 1, name: '信用卡中心', position: 3, leaders: [] }
  },
  async *members() {
    yield { userid: 'staff3', name: '沈一诺', title: '', departments: [3], leads: [], status: 1 }
    yield { userid: 'staff9', name: '高鸣', title: '', departments: [9], leads: [], status: 1 }
  },
}

/** A review and a message of that department's employee, as short as the tables allow. */
async function planted(department: number): Promise<{ alert: string; conv: string }> {
  const owner = openDb(database.ownerUrl, { max: 1 })
  const [alert, conv, sender] = [newId(), String(1000 + department), `staff${department}`]
  try {
    await sql`INSERT INTO review (corp_id, alert_id, number, severity, rules, staff, departments, counterpart, room, conv_id, sent_at, src_msgid, raised_at, due_at)
      VALUES (1, ${alert}, ${`A-0101-${department}`}, 'P1', '{}', ${sender}, ARRAY[${department}::int], 'wm', false, ${conv}, now(), 'm', now(), now())`.execute(
      owner.db,
    )
    await sql`INSERT INTO message (corp_id, conv_id, sent_at, src_msgid, source, kind, action, direction, from_party, meta, key_id, commitment, captured_at)
      VALUES (1, ${conv}, now(), 'm', 'test', 'text', 'send', 'staff', ${sender}, '{"to": []}', ${newId()}, ''::bytea, now())`.execute(
      owner.db,
    )
  } finally {
    await owner.close()
  }
  return { alert, conv }
}

test('a supervisor reads what his departments did, and is refused what others did', async () => {
  const [own, other] = [await planted(3), await planted(9)]
  const code = async (path: string, who: Role) => (await ask('GET x', who, { path })).code
  expect(await code(`/api/alerts/${own.alert}`, 'supervisor')).not.toBe('auth.denied')
  expect(await code(`/api/alerts/${other.alert}`, 'supervisor')).toBe('auth.denied')
  expect(await code(`/api/alerts/${other.alert}`, 'officer')).not.toBe('auth.denied')
  for (const part of ['messages', 'hits?from=0&to=9999999999999']) {
    expect(await code(`/api/conversations/${own.conv}/${part}`, 'supervisor'), part).not.toBe('auth.denied')
    expect(await code(`/api/conversations/${other.conv}/${part}`, 'supervisor'), part).toBe('auth.denied')
    expect(await code(`/api/conversations/${other.conv}/${part}`, 'officer'), part).not.toBe('auth.denied')
  }
})
