import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keysCommand } from '../src/app/commands/keys.ts'
import { openPremises, verifyWhole } from '../src/app/index.ts'
import { search, searchQuery } from '../src/archive/index.ts'
import { createLog, loadConfig, shellActor, sql } from '../src/base/index.ts'
import { verifyLog } from '../src/notary/index.ts'
import { checkTrail } from '../src/trail/index.ts'
import { archiveAll, textMessage } from './support/messages.ts'
import { type TestPremises, testPremises, testServices } from './support/premises.ts'
import { captureAll, simulated } from './support/simulated.ts'

const GM = { TONGJIAN_CRYPTO: 'gm' }
const check = async (premises: TestPremises) => (await verifyWhole(premises, { everyByte: true })).problems
const trailOf = ({ db, house, outside }: TestPremises) =>
  verifyLog(db, house, outside, 'trail', checkTrail(db, house))

async function found(premises: TestPremises, q: string): Promise<number> {
  const page = await search(premises.db, shellActor(premises.house, 'test'), searchQuery.parse({ q }))
  return page.items.length
}

test('a 国密 house captures from WeCom, finds what was said, and its archive and trail verify', async () => {
  const { sim, premises, source } = await simulated({ day: 60, env: GM })
  const { services } = await captureAll(sim, premises, source)
  const { rows } = await sql<{ body: Buffer; wrapped: Buffer }>`
    SELECT m.body, k.wrapped FROM message m JOIN data_key k USING (corp_id, conv_id)
    WHERE k.month = date_trunc('month', m.sent_at AT TIME ZONE 'UTC')`.execute(premises.db)
  expect(rows.length).toBeGreaterThan(50)
  // Sealed by the second form, and wrapped by it behind the name of the master key.
  expect(new Set(rows.map(row => row.body[0]))).toEqual(new Set([2]))
  expect(new Set(rows.map(row => row.wrapped[9]))).toEqual(new Set([2]))
  const said = sim.world.archive.all().flatMap(({ message }) => {
    const { content } = (message.text ?? {}) as { content?: string }
    return content ? [content.slice(0, 4)] : []
  })
  for (const q of said.slice(0, 5)) expect(await found(premises, q), q).toBeGreaterThan(0)
  await services.sealer.flush()
  expect(await check(premises)).toEqual([])
  expect((await trailOf(premises)).problems).toEqual([])
  const verifier = readFileSync(join(premises.folder, 'ledger', 'verifier'), 'utf8')
  const material = Buffer.from(verifier.trim().split('+').slice(2).join('+'), 'base64')
  expect(material.subarray(1, 20).toString()).toBe('tongjian/sm2-sm3/v1')
})

test('a leaf is SM3, an altered column, body or checkpoint of a 国密 house is found, and its master key is changed', async () => {
  const premises = await testPremises(GM)
  const services = await testServices(premises)
  await archiveAll(
    premises,
    services,
    ['第一句', '第二句', '第三句'].map(text => textMessage(text)),
  )
  const { rows } = await sql<{ hash: Buffer }>`SELECT record_hash AS hash FROM leaf
    WHERE log_id = 'archive' ORDER BY idx`.execute(premises.db)
  const tile = readFileSync(join(premises.folder, 'ledger', 'archive', 'tile', '0', '000.p', '3'))
  const leaf = hash('sm3', Buffer.concat([Buffer.of(0), rows[1]?.hash ?? Buffer.alloc(0)]), 'buffer')
  expect(tile.subarray(32, 64)).toEqual(leaf)

  const change = (statement: string) => sql.raw(statement).execute(premises.owner)
  for (const [bent, back] of [
    [
      "UPDATE message SET from_party = from_party || 'x'",
      'UPDATE message SET from_party = left(from_party, -1)',
    ],
    [
      'UPDATE message SET body = set_byte(body, 30, get_byte(body, 30) # 1)',
      'UPDATE message SET body = set_byte(body, 30, get_byte(body, 30) # 1)',
    ],
    [
      "UPDATE checkpoint SET note = replace(note, 'tongjian', 'tongjiam') WHERE log_id = 'archive'",
      "UPDATE checkpoint SET note = replace(note, 'tongjiam', 'tongjian')",
    ],
  ] as const) {
    await change(bent)
    expect(await check(premises), bent).not.toEqual([])
    await change(back)
    expect(await check(premises), back).toEqual([])
  }

  const config = loadConfig({
    TONGJIAN_DATA: premises.folder,
    DATABASE_URL: premises.database.appUrl,
    DATABASE_OWNER_URL: premises.database.ownerUrl,
  })
  const io = { out: () => undefined, err: () => undefined }
  expect(await keysCommand(config, createLog('silent'), io, ['rotate'])).toBe(0)
  expect(await keysCommand(config, createLog('silent'), io, ['status'])).toBe(0)
  expect(await found(premises, '第二句')).toBe(1)
})

test('the suite is chosen once: neither kind of house opens as the other, and without a word it stays what it is', async () => {
  for (const [own, other] of [
    ['gm', 'international'],
    ['international', 'gm'],
  ] as const) {
    const premises = await testPremises({ TONGJIAN_CRYPTO: own })
    const open = (env: Record<string, string>) =>
      openPremises(
        loadConfig({ TONGJIAN_DATA: premises.folder, DATABASE_URL: premises.database.appUrl, ...env }),
        createLog('silent'),
        { mode: 'command' },
      )
    await expect(open({ TONGJIAN_CRYPTO: other })).rejects.toThrow(
      `sealed and signed by the suite "${own}", chosen at its first start`,
    )
    const again = await open({})
    expect(again.house.keys.suite).toBe(own)
    await again.close()
    await expect(
      sql`UPDATE corp SET crypto = ${other}`.execute(premises.db),
      'the app may not change it',
    ).rejects.toThrow(/permission denied/)
  }
})
