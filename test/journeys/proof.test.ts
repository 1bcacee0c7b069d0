import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { noteVerifierToString } from '../../src/ledger/index.ts'
import { openAuthorities, stampNow } from '../../src/notary/index.ts'
import { type Authority, openAuthority } from '../support/authority.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const VERIFY = new URL('../second-verifier/verify.py', import.meta.url).pathname

describe('a proof on its way to a court', () => {
  const browser = useBrowser()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ day: 60, seed: 'proof' })
    const { db } = stage.premises
    await until('messages are in the ledger', async () => {
      const { rows } = await sql<{
        n: number
      }>`SELECT count(*) AS n FROM leaf WHERE kind = 'message'`.execute(db)
      return (rows[0]?.n ?? 0) >= 60
    })
  })

  test('an officer finds a message and downloads its proof; a program that is not ours and OpenSSL accept it', async () => {
    const authority: Authority = await openAuthority()
    const { db, house, outside } = stage.premises
    const stamps = { urls: [authority.url], ca: authority.ca, policy: undefined, minutes: 60 }
    const authorities = openAuthorities(stamps)
    const page = await signIn(await browser.page(), stage, 'officer')
    const { rows } = await sql<{ conv: string }>`
      SELECT conv_id::text AS conv FROM leaf WHERE kind = 'message' AND conv_id IN
        (SELECT conv_id FROM message WHERE kind = 'text' AND direction = 'staff') ORDER BY idx LIMIT 1`.execute(
      db,
    )
    await page.goto(`${stage.server.url}/conversations/${rows[0]?.conv}`)
    const link = page.getByRole('link', { name: /^存证 #\d+$/ }).first()
    await link.waitFor()
    await stage.services.sealer.flush()
    expect(await stampNow({ db, house, outside, authorities }, 'archive')).toBe(true)
    await authorities.close()
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    expect(download.suggestedFilename()).toMatch(/^proof-\d+\.json$/)
    const file = await download.path()
    const verifier = noteVerifierToString(outside.verifier)
    expect(execFileSync('python3', ['-I', VERIFY, file, verifier], { encoding: 'utf8' })).toContain(
      '"ok": true',
    )
    const { stamps: given } = JSON.parse(readFileSync(file, 'utf8')) as {
      stamps: { note: string; response: string }[]
    }
    expect(given).toHaveLength(1)
    expect(
      authority.accepts(Buffer.from(given[0]?.note ?? ''), Buffer.from(given[0]?.response ?? '', 'base64')),
    ).toBe(true)
    const altered = join(stage.premises.config.dataDir, 'altered.json')
    writeFileSync(altered, readFileSync(file, 'utf8').replace(/"direction":"[a-z]*"/, '"direction":"system"'))
    expect(() => execFileSync('python3', ['-I', VERIFY, altered, verifier], { stdio: 'pipe' })).toThrow('')
  })
})
