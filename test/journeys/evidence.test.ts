import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { openZip } from '../../src/evidence/verifier/zip.ts'
import { readDirectory, readEnd } from '../../src/evidence/verifier/zip-format.ts'
import { verifyFile } from '../../src/evidence/verify-file.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

describe('an evidence package', () => {
  const browsing = useBrowser()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-package-'))
  let stage: Stage
  let convId: string

  beforeAll(async () => {
    stage = await openStage({ day: 250, seed: 'evidence' })
    const { db, house } = stage.premises
    // The conversation with the most files, so that pictures and their texts are in the package.
    await until('messages and files are there', async () => {
      const { rows } = await sql<{
        conv: string
        n: number
      }>`SELECT m.conv_id::text AS conv, count(*) AS n FROM message m
      JOIN message_media a USING (corp_id, conv_id, sent_at, src_msgid) WHERE m.corp_id = ${house.corp} AND a.sha256 IS NOT NULL
        AND m.from_party LIKE 'wm%' GROUP BY 1 ORDER BY 2 DESC LIMIT 1`.execute(db)
      convId = rows[0]?.conv ?? ''
      const { rows: waiting } = await sql<{
        n: number
      }>`SELECT count(*) AS n FROM message_media WHERE state = 'waiting'`.execute(db)
      return convId !== '' && waiting[0]?.n === 0
    })
    await stage.services.sealer.flush()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** verify.html from disk, in a browser that is offline and sees any attempt to reach something. */
  async function offlinePage(html: string): Promise<{ page: Page; reached: string[] }> {
    const page = await browsing.page()
    const reached: string[] = []
    await page.context().setOffline(true)
    page.on('request', request => {
      if (!/^(file|blob|data):/.test(request.url())) reached.push(request.url())
    })
    await page.goto(pathToFileURL(html).href)
    return { page, reached }
  }

  async function drop(page: Page, zip: string): Promise<{ ok: boolean; first: string }> {
    await page.locator('#choose').setInputFiles(zip)
    const verdict = page.locator('#verdict')
    await verdict.waitFor()
    const ok = (await verdict.getAttribute('data-ok')) === 'true'
    const first = ok ? '' : ((await page.locator('#first p').textContent()) ?? '')
    return { ok, first }
  }

  test('asked for by one, approved by another, opened from disk without a network: green; one byte changed: red, with the place', async () => {
    const officer = await signIn(await browsing.page(), stage, 'officer')
    await officer.goto(`${stage.server.url}/conversations/${convId}`)
    await officer.getByRole('link', { name: '取证', exact: true }).click()
    await officer.getByText(/条消息，原件/).waitFor()
    await officer.getByLabel('案号').fill('监管转办 2026-118')
    await officer.getByLabel('事由').fill('答复监管转办，交监管接口人')
    await officer.getByRole('button', { name: '提交申请' }).click()
    await officer.getByRole('heading', { name: '等待另一位同事审批' }).waitFor()
    // His own request is not his to approve.
    expect(await officer.getByRole('button', { name: '批准并制作' }).count()).toBe(0)

    const lead = await signIn(await browsing.page(), stage, 'lead')
    await lead.goto(`${stage.server.url}/evidence`)
    await lead.getByLabel('审批意见').fill('同意，仅限本案')
    await lead.getByRole('button', { name: '批准并制作' }).click()

    await officer.getByRole('heading', { name: '已制作完成，可下载' }).waitFor({ timeout: 60_000 })
    const [download] = await Promise.all([
      officer.waitForEvent('download'),
      officer.getByRole('link', { name: '下载证据包' }).click(),
    ])
    const zip = join(folder, download.suggestedFilename())
    await download.saveAs(zip)
    expect(download.suggestedFilename()).toMatch(/^YJ-\d{4}-\d{4}\.zip$/)
    const fingerprint = ((await officer.locator('.evidence-key .mono').textContent()) ?? '').replaceAll(
      ' ',
      '',
    )

    const bytes = readFileSync(zip)
    const html = join(folder, 'verify.html')
    writeFileSync(html, await fileIn(bytes, 'verify.html'))
    const { page, reached } = await offlinePage(html)
    expect(await drop(page, zip)).toEqual({ ok: true, first: '' })
    expect(((await page.locator('#fingerprint').textContent()) ?? '').replaceAll(' ', '')).toBe(fingerprint)
    await page.getByPlaceholder('粘贴从别处取得的指纹').fill(fingerprint)
    await page.getByText('✓ 一致').waitFor()

    const altered = join(folder, 'altered.zip')
    const wanted = {
      'messages.jsonl': /messages\.jsonl.*第 \d+ 条/,
      'report.pdf': /report\.pdf/,
      'manifest.json': /manifest\.json/,
    }
    for (const [name, place] of Object.entries(wanted)) {
      writeFileSync(altered, withOneByte(bytes, name))
      await page.goto(pathToFileURL(html).href)
      const { ok, first } = await drop(page, altered)
      expect(ok, name).toBe(false)
      expect(first, name).toMatch(place)
      expect((await verifyFile(altered)).ok, name).toBe(false)
    }
    expect(reached).toEqual([])
    const verdict = await verifyFile(zip, { fingerprint })
    expect(verdict.ok).toBe(true)
    expect(verdict.tallies.find(tally => tally.check === 'media')?.done).toBeGreaterThan(0)
  })
})

async function fileIn(bytes: Buffer, name: string): Promise<Buffer> {
  const files = await openZip({ size: bytes.length, read: async (from, to) => bytes.subarray(from, to) })
  const parts: Uint8Array[] = []
  for await (const part of files?.open(name) ?? []) parts.push(part)
  return Buffer.concat(parts)
}

/** The zip with one byte in the middle of this file's data changed. */
function withOneByte(bytes: Buffer, name: string): Buffer {
  const end = readEnd(bytes)
  const entry = readDirectory(bytes.subarray(end?.start ?? 0), end?.count ?? 0)?.find(
    one => one.name === name,
  )
  if (!entry) throw new Error(`no ${name}`)
  const copy = Buffer.from(bytes)
  const at = entry.offset + 30 + Buffer.byteLength(name) + Math.floor(entry.packed / 2)
  copy[at] = (copy[at] ?? 0) ^ 0x10
  return copy
}
