import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ALWAYS, ASKED, person } from '../../test/support/evidence.ts'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { until } from '../../test/support/simulated.ts'
import { conversationId } from '../archive/prepare.ts'
import { sql } from '../base/index.ts'
import { normalise } from '../wecom/index.ts'
import { takePackage } from './download.ts'
import { decide, requestPackage } from './request.ts'
import { selectPackage } from './store.ts'
import { verifyFile } from './verify-file.ts'

const TONGJIAN = join(import.meta.dirname, '..', '..', 'bin', 'tongjian.ts')

/** A worker of its own that dies without a word at this point. */
async function killedAt(premises: TestPremises, point: string): Promise<void> {
  const child = spawn(process.execPath, [TONGJIAN, 'work'], {
    env: {
      PATH: process.env.PATH,
      TONGJIAN_DATA: premises.folder,
      DATABASE_URL: premises.database.appUrl,
      DATABASE_OWNER_URL: premises.database.ownerUrl,
      LOG_LEVEL: 'silent',
      TONGJIAN_FAILPOINT: point,
    },
    stdio: 'ignore',
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal, point).toBe('SIGKILL')
}

test('killed while it builds and again when it had built, the package is made all the same, once', async () => {
  const premises = await testPremises()
  const { db, house, packages } = premises
  const first = await testServices(premises)
  const messages = [textMessage('第一条'), textMessage('第二条')]
  await archiveAll(premises, first, messages)
  const normal = normalise(JSON.stringify(messages[0]))
  if (typeof normal === 'string') throw new Error(normal)
  const convId = conversationId(house, normal)
  const officer = person(house, 'officer', 'officer')
  const { id } = await requestPackage(db, officer, { ...ASKED, stretches: [{ convId, ...ALWAYS }] })
  const { jobs } = first
  // Nobody is there to build it when it is approved.
  await first.stop()
  const sender = await openSender(premises)
  await decide(db, person(house, 'lead', 'lead'), sender, id, { verdict: 'approve', reason: '同意' })
  await killedAt(premises, 'evidence.building:2')
  expect(await selectPackage(db, house.corp, id)).toMatchObject({ state: 'building', attempt: 1 })
  await sender.reclaim()
  await killedAt(premises, 'evidence.built')
  expect(await selectPackage(db, house.corp, id)).toMatchObject({ state: 'building', attempt: 2 })
  await sender.reclaim()
  await sender.stop()
  await testServices(premises)
  await until(
    'the package is ready',
    async () => (await selectPackage(db, house.corp, id))?.state === 'ready',
  )
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM evidence_issue`.execute(db)
  expect(rows[0]?.n).toBe(1)
  // What the killed attempts had put away is gone.
  expect([await packages.get(`${id}/1/0`), await packages.get(`${id}/2/0`)]).toEqual([null, null])
  const parts: Buffer[] = []
  for await (const part of (await takePackage(db, officer, packages, { id })).bytes()) parts.push(part)
  const file = join(premises.folder, 'whole.zip')
  writeFileSync(file, Buffer.concat(parts))
  expect((await verifyFile(file)).ok).toBe(true)
  expect(readFileSync(file).length).toBe((await selectPackage(db, house.corp, id))?.fileBytes)
  expect(jobs).toBeDefined()
})

/** A queue that only sends, as a server without workers has it. */
async function openSender(premises: TestPremises) {
  const { JOB_KINDS } = await import('../app/index.ts')
  const { openJobs } = await import('../base/index.ts')
  return openJobs(premises.appUrl, JOB_KINDS, { worker: false, log: premises.house.log, role: premises.role })
}

test('a build that cannot succeed ends as failed, with a reason, and can be asked for again', async () => {
  const premises = await testPremises()
  const { db, house, packages } = premises
  const services = await testServices(premises)
  const message = textMessage('看图', {
    msgtype: 'image',
    text: undefined,
    image: { md5sum: 'x', filesize: 4, sdkfileid: 'abc' },
  })
  await archiveAll(premises, services, [message])
  // A row that promises a file which is nowhere: what a lost disk looks like.
  const sha256 = Buffer.alloc(32, 7)
  await sql`INSERT INTO media (corp_id, sha256, size, key_id, stored_at, pieces) SELECT 1, ${sha256}, 4, key_id, now(), 1 FROM data_key LIMIT 1`.execute(
    premises.owner,
  )
  await sql`UPDATE message_media SET state = 'fetched', sha256 = ${sha256}, size = 4, settled_at = now()`.execute(
    premises.owner,
  )
  const normal = normalise(JSON.stringify(message))
  if (typeof normal === 'string') throw new Error(normal)
  const convId = conversationId(house, normal)
  const officer = person(house, 'officer', 'officer')
  const { id } = await requestPackage(db, officer, { ...ASKED, stretches: [{ convId, ...ALWAYS }] })
  const { buildPackage } = await import('./build.ts')
  const sender = await openSender(premises)
  await services.stop()
  await decide(db, person(house, 'lead', 'lead'), sender, id, { verdict: 'approve', reason: '同意' })
  await sender.stop()
  const rules = services.rules.current
  const deps = { ...premises, rules, version: 'test' }
  for (const turn of [1, 2]) await expect(buildPackage(deps, id), `turn ${turn}`).rejects.toThrow()
  await buildPackage(deps, id)
  const row = await selectPackage(db, house.corp, id)
  expect(row).toMatchObject({ state: 'failed', attempt: 3 })
  expect(row?.failure).toMatch(/^[a-z]+\.[a-z_]+$/)
  await expect(takePackage(db, officer, packages, { id })).rejects.toMatchObject({ code: 'evidence.moved' })
})
