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
  'GET /api/cases': 'officer lead risk supervisor auditor inspector',
  'GET /api/cases/:id': 'officer lead risk supervisor auditor inspector',
  'POST /api/cases': 'officer lead',
  'POST /api/cases/:id/move': 'officer lead',
  'POST /api/alerts/:id/move': 'officer lead',
  'POST /api/alerts/decisions': 'officer lead',
  'GET /api/alerts/:id/person': 'officer lead risk supervisor auditor inspector',
  'GET /api/alerts/:id/similar': 'officer lead risk supervisor auditor inspector',
  'GET /api/alerts/:id/looks': 'officer lead',
  'GET /api/alerts/:id/assignees': 'lead',

  'GET /api/wall': 'officer lead',
  'GET /api/wall/stream': 'officer lead',
  'GET /api/wall/:convId': 'officer lead',
  'GET /api/wall/:convId/stream': 'officer lead',
  'POST /api/wall/:convId/notes': 'officer lead',
  'POST /api/wall/:convId/stepin': 'officer lead',
  'GET /api/stepins': 'officer lead risk supervisor auditor inspector',
  'POST /api/stepins/:id/answer': 'supervisor',

  'GET /api/conversations/:convId/messages': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/original': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/place': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/hits': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/proof': 'officer lead risk supervisor auditor inspector',
  'GET /api/conversations/:convId/media': 'officer lead risk supervisor auditor inspector',
  'GET /api/search': 'officer lead auditor',
  'GET /api/search/kept': 'officer lead auditor',
  'POST /api/search/kept': 'officer lead auditor',
  'POST /api/search/kept/:id/run': 'officer lead auditor',
  'POST /api/search/kept/:id/restore': 'officer lead auditor',
  'DELETE /api/search/kept/:id': 'officer lead auditor',
  'POST /api/search/exports': 'lead auditor',
  'GET /api/search/exports/:id': 'lead auditor',
  'GET /api/search/exports/:id/file': 'lead auditor',
  'GET /api/people/find': 'officer lead auditor',
  'POST /api/contacts/:id/reveal': 'officer lead',

  'GET /api/notice/coverage': 'officer lead risk auditor inspector',
  'GET /api/notice/list': 'officer lead risk auditor inspector',
  'GET /api/notice/export': 'officer lead risk auditor inspector',

  'GET /api/consent/refused': 'officer lead risk auditor inspector',
  'GET /api/consent/customers/:id/history': 'officer lead risk auditor inspector',
  'GET /api/consent/may-write': 'officer lead risk auditor inspector',
  'GET /api/consent/opt-outs': 'officer lead risk auditor inspector',
  'POST /api/consent/opt-outs': 'officer lead',
  'GET /api/consent/papers': 'officer lead risk auditor inspector',
  'POST /api/consent/papers': 'officer lead',
  'POST /api/consent/papers/:id/decision': 'lead risk',
  'GET /api/consent/papers/:id/file': 'officer lead risk auditor inspector',
  'GET /api/restricted/unlocks': 'officer lead risk',
  'POST /api/restricted/unlocks': 'officer lead',
  'POST /api/restricted/unlocks/:id/decision': 'lead risk',
  'GET /api/restricted/unlocks/:id/messages': 'officer lead risk',

  'GET /api/retention': 'officer lead risk auditor inspector',
  'GET /api/retention/explain': 'officer lead risk supervisor auditor inspector',
  'POST /api/retention/classes': 'lead',
  'POST /api/retention/classes/:id/approval': 'risk',
  'POST /api/retention/classes/:id/end': 'lead risk',
  'POST /api/retention/anchors': 'lead',
  'GET /api/holds': 'officer lead risk auditor inspector',
  'POST /api/holds': 'officer lead risk',
  'POST /api/holds/:id/release': 'lead risk',
  'GET /api/purges': 'officer lead risk auditor inspector',
  'POST /api/purges/preview': 'officer lead risk auditor inspector',
  'POST /api/purges': 'lead',
  'POST /api/purges/:id/decision': 'risk',
  'POST /api/purges/:id/withdrawal': 'lead',
  'GET /api/purges/:id/certificate': 'officer lead risk auditor inspector',

  'GET /api/evidence': 'officer lead risk auditor inspector',
  'GET /api/evidence/:id': 'officer lead risk auditor inspector',
  'GET /api/evidence/:id/file': 'officer lead risk',
  'POST /api/evidence': 'officer lead',
  'POST /api/evidence/estimate': 'officer lead',
  'POST /api/evidence/:id/decision': 'lead risk',
  'POST /api/evidence/:id/withdraw': 'officer lead',
  'POST /api/evidence/:id/retry': 'officer lead',

  'GET /api/points': 'officer lead risk supervisor auditor inspector',
  'GET /api/points/export': 'officer lead risk supervisor auditor inspector',
  'GET /api/points/staff/:staff': 'officer lead risk supervisor auditor inspector',
  'GET /api/training': 'officer lead risk supervisor auditor inspector',
  'POST /api/training': 'lead',
  'GET /api/mine': 'adviser',
  'GET /api/mine/training/:id': 'adviser',
  'POST /api/mine/training/:id/attempt': 'adviser',
  'POST /api/mine/penalties/:id/statement': 'adviser',
  'GET /api/penalties': 'officer lead risk supervisor auditor inspector',
  'POST /api/penalties': 'lead',
  'POST /api/penalties/:id/statement': 'lead',
  'POST /api/penalties/:id/decision': 'risk',
  'POST /api/penalties/:id/withdrawal': 'lead',
  'GET /api/samples': 'officer lead risk auditor inspector',
  'GET /api/samples/options': 'lead',
  'GET /api/samples/:id': 'officer lead risk auditor inspector',
  'GET /api/samples/:id/file': 'officer lead risk auditor inspector',
  'GET /api/samples/:id/report': 'officer lead risk auditor inspector',
  'POST /api/samples': 'lead',
  'POST /api/samples/preview': 'lead',
  'POST /api/samples/:id/units/:unit/opened': 'officer lead',
  'POST /api/samples/:id/units/:unit/clean': 'officer lead',
  'GET /api/inspections/:id': 'officer lead risk auditor inspector',
  'POST /api/inspections/:id/findings': 'officer lead',
  'POST /api/inspections/:id/checked': 'lead',
  'POST /api/inspections/:id/rectification': 'lead',
  'POST /api/findings/:id/decision': 'lead',
  'POST /api/findings/:id/rectified': 'officer lead',
  'POST /api/findings/:id/check': 'lead',
  'GET /api/quality': 'lead',
  'GET /api/quality/looks': 'officer lead',
  'POST /api/quality/assign': 'lead',
  'POST /api/quality/looks/:id/opened': 'officer lead',
  'POST /api/quality/looks/:id/verdict': 'officer lead',
  'GET /api/delivery': 'lead admin',
  'PUT /api/delivery/settings': 'lead admin',
  'PUT /api/delivery/receivers/:id/address': 'lead admin',
  'POST /api/delivery/hooks': 'lead admin',
  'DELETE /api/delivery/hooks/:id': 'lead admin',
  'GET /api/delivery/log': 'lead admin',
  'POST /api/delivery/log/:id/again': 'lead admin',
  'POST /api/delivery/test': 'lead admin',
  'GET /api/delivery/address': SIGNED_IN,
  'PUT /api/delivery/address': SIGNED_IN,

  'GET /api/rules/behaviour': 'officer lead risk supervisor admin auditor inspector',
  'GET /api/complaints': 'officer lead risk supervisor auditor inspector',
  'GET /api/complaints/signals': 'officer lead',
  'GET /api/complaints/distribution': 'officer lead risk supervisor auditor inspector',
  'GET /api/complaints/:id': 'officer lead risk supervisor auditor inspector',
  'GET /api/complaints/:id/before': 'officer lead risk supervisor auditor inspector',
  'POST /api/complaints/:id/reveal': 'officer lead',
  'POST /api/complaints': 'officer lead',
  'POST /api/complaints/:id/act': 'officer lead',
  'POST /api/complaints/:id/answer': 'officer lead',
  'POST /api/complaints/:id/grade': 'officer lead',
  'POST /api/complaints/:id/extension': 'officer lead',
  'POST /api/complaints/:id/extension/decision': 'lead',

  'GET /api/rules': 'officer lead risk supervisor admin auditor inspector',
  'GET /api/rulebook': 'officer lead risk supervisor admin auditor inspector',
  'GET /api/rulebook/text': 'officer lead',
  'POST /api/rulebook/drafts': 'officer lead',
  'GET /api/rulebook/drafts/:id': 'officer lead risk supervisor admin auditor inspector',
  'POST /api/rulebook/drafts/:id': 'officer lead',
  'POST /api/rulebook/drafts/:id/discard': 'officer lead',
  'POST /api/rulebook/drafts/:id/test': 'officer lead',
  'POST /api/rulebook/drafts/:id/try': 'officer lead',
  'POST /api/rulebook/drafts/:id/backtest': 'officer lead',
  'POST /api/rulebook/backtests/:id/cancel': 'officer lead',
  'GET /api/rulebook/backtests/:id/examples': 'officer lead risk supervisor auditor inspector',
  'POST /api/rulebook/drafts/:id/submit': 'officer lead',
  // Its maker takes a draft back, the second person gives it back: who of them, the act decides.
  'POST /api/rulebook/drafts/:id/return': 'officer lead risk supervisor admin auditor inspector',
  'POST /api/rulebook/drafts/:id/publish': 'lead risk',
  'POST /api/rulebook/drafts/:id/apply': 'lead risk',
  'POST /api/rulebook/files/rollback': 'lead risk',
  'GET /api/trail': 'lead auditor inspector',
  'GET /api/system': 'lead admin auditor',
  'GET /api/quarantine': 'lead admin auditor',
  'GET /api/integrity': 'lead admin auditor',
  'GET /api/conversations/:convId/seals': 'officer lead risk supervisor auditor inspector',
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
      ...(method === 'POST' || method === 'PUT' ? { 'content-type': 'application/json' } : {}),
    },
    body: method === 'POST' || method === 'PUT' ? '{}' : undefined,
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

// Every route by every role: more than a minute on a busy machine.
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
}, 180_000)

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
