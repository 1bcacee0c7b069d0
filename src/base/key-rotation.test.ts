import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startChild } from '../../test/support/child.ts'
import { freshDatabase } from '../../test/support/database.ts'
import { testFolder } from '../../test/support/folder.ts'
import { after } from './clock.ts'
import { openDb, sql } from './db.ts'
import { keyStatus, rewrapAll, serversWithout } from './key-rotation.ts'
import { KeyRing, type KeyScope } from './keys.ts'
import { MasterKeys } from './master-key.ts'

const BASE = JSON.stringify(join(import.meta.dirname, 'index.ts'))
const KEYS = 2300
const RUNS = 6
const month = '2026-03-01'

async function place() {
  const made = await freshDatabase()
  const [app, owner] = [openDb(made.appUrl), openDb(made.ownerUrl, { max: 2 })]
  onTestFinished(async () => {
    await app.close()
    await owner.close()
    await made.drop()
  })
  const folder = testFolder()
  const settings = { source: { kind: 'file', file: join(folder, 'master.key') }, next: undefined } as const
  const ring = async (mayMake = false) =>
    new KeyRing(1, await MasterKeys.load(settings, 'international', mayMake))
  return { app: app.db, owner: owner.db, ownerUrl: made.ownerUrl, settings, folder, ring }
}

/** One run of `keys rotate`, in a process that a failpoint or a timer may kill. */
function rotation(ownerUrl: string, settings: object, failpoint: string) {
  return startChild(`
    import { armFailpoint, KeyRing, MasterKeys, openDb, rewrapAll } from ${BASE}
    armFailpoint(${JSON.stringify(failpoint)})
    const masters = await MasterKeys.load(${JSON.stringify({ ...settings, next: null })}, 'international', false)
    const { db, close } = openDb(${JSON.stringify(ownerUrl)}, { max: 2 })
    const to = await masters.prepareNext()
    console.log('begun')
    await rewrapAll({ db, ring: new KeyRing(1, masters), to, said: () => undefined, within: async () => undefined })
    await masters.promote()
    console.log('done')
    await close()
  `)
}

/** A random end: at a batch, at each step of the last transaction and of the swap of files, or after some milliseconds. */
function ending(): { failpoint: string; ms: number | undefined } {
  const points = [`keys.batch:${randomInt(1, 6)}`, 'keys.retiring', 'keys.retired', 'keys.swapping']
  const at = randomInt(points.length + 3)
  return at < points.length
    ? { failpoint: points[at] ?? '', ms: undefined }
    : { failpoint: '', ms: randomInt(60) }
}

test('a rotation killed at any moment loses no key: a running server and a fresh one open everything, and it goes on', {
  timeout: 120_000,
}, async () => {
  const { app, owner, ownerUrl, settings, folder, ring } = await place()
  const server = await ring(true)
  const first = server.masters.current.id
  const scopes: KeyScope[] = Array.from({ length: KEYS }, (_, i) => ({ conv: String(i + 1), month }))
  const secrets = new Map<string, Buffer>()
  const keep = async (made: KeyScope[]): Promise<void> => {
    const keys = await server.forScopes(app, made)
    for (const [i, { conv }] of made.entries()) secrets.set(conv, keys[i]?.key.export() ?? Buffer.alloc(0))
  }
  await keep(scopes)
  let working = true
  const work = (async () => {
    for (let conv = KEYS + 1; working; conv += 1) {
      await keep([{ conv: String(conv), month }])
      await after(5)
    }
  })()
  const everythingOpens = async (when: string): Promise<void> => {
    const known = [...secrets].map(([conv, secret]) => ({ conv, secret }))
    const fresh = await ring()
    await fresh.load(
      app,
      known.map(({ conv }) => ({ conv, month })),
    )
    const lost = known.filter(({ conv, secret }) => !fresh.cached(conv, month).key.export().equals(secret))
    expect(lost, when).toEqual([])
  }
  const seen: string[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const { failpoint, ms } = ending()
    const child = rotation(ownerUrl, settings, failpoint)
    expect(await child.line(), child.complaint()).toBe('begun')
    if (ms !== undefined) setTimeout(child.kill, ms)
    const code = await child.ended
    seen.push(`${failpoint || `${ms} ms`}: ${code === undefined ? 'killed' : `ended ${code}`}`)
    if (code !== undefined) expect(child.complaint()).toBe('')
    await everythingOpens(seen.join('; '))
  }
  const last = rotation(ownerUrl, settings, '')
  expect(await last.ended, last.complaint()).toBe(0)
  working = false
  await work
  process.stdout.write(`rotation: ${seen.join('; ')}; ${secrets.size} keys open\n`)
  await everythingOpens('at the end')
  expect(existsSync(join(folder, 'master.key.next'))).toBe(false)
  expect(readdirSync(folder)).toContain(`master.key.retired-${first}`)
  // The very last keys were made by a server that was never started again.
  const status = await keyStatus(owner, await ring())
  expect(status).toMatchObject({ keys: secrets.size, unopened: 0, shredded: 0 })
  expect(status.masters.filter(one => one.keys > 0)).toHaveLength(1)
  expect(status.masters.find(one => one.master === first)?.retiredAt).toBeGreaterThan(0)
})

test('two rotations at once: the second is told, and a process with a retired key alone makes none under it', async () => {
  const { app, owner } = await place()
  const [old, young] = [randomBytes(32), randomBytes(32)]
  const both = new KeyRing(1, MasterKeys.of('international', old, young))
  await both.forScopes(app, [{ conv: '1', month }])
  const to = both.masters.newest
  const run = { db: owner, ring: both, to, said: () => undefined }
  const second = await new Promise<unknown>(resolve => {
    void rewrapAll({
      ...run,
      within: async () => rewrapAll({ ...run, within: async () => undefined }).then(resolve, resolve),
    })
  })
  expect(second).toMatchObject({ code: 'data.in_use' })
  const left = new KeyRing(1, MasterKeys.of('international', old))
  await expect(left.forScopes(app, [{ conv: '2', month }])).rejects.toThrow(/was retired by a rotation/)
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM data_key`.execute(app)
  expect(rows[0]?.n).toBe(1)
})

test('a rotation sees a running server that was not given the next key', async () => {
  const { owner } = await place()
  const [old, young] = [
    MasterKeys.of('international', randomBytes(32)),
    MasterKeys.of('international', randomBytes(32)),
  ]
  expect(await serversWithout(owner, young.current)).toEqual([])
  for (const [marker, told] of [
    [old.marker, 1],
    [`${old.marker},${young.marker}`, 0],
    ['files', 0],
  ] as const) {
    const name = `tongjian-keys ${marker}`
    const pids = await owner.connection().execute(async one => {
      await sql`SELECT set_config('application_name', ${name}, false)`.execute(one)
      return serversWithout(one, young.current)
    })
    expect(pids, name).toHaveLength(told)
  }
})

test('a file that is gone is not made anew over sealed data', async () => {
  const { app, settings, ring } = await place()
  await (await ring(true)).forScopes(app, [{ conv: '1', month }])
  rmSync(settings.source.file)
  await expect(ring()).rejects.toThrow(/is gone: restore it/)
})
