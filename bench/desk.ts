import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import {
  openPremises,
  type Premises,
  type RunningServer,
  type Services,
  startServer,
  startServices,
} from '../src/app/index.ts'
import { append, prepare } from '../src/archive/index.ts'
import { createLog, loadConfig, sql, systemActor } from '../src/base/index.ts'
import { ensureDemoAccounts } from '../src/people/index.ts'
import { normalise } from '../src/wecom/index.ts'
import { CHROMIUM } from '../test/support/browser.ts'

const PASSWORD = 'a-long-enough-password'
const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
/** One in so many decisions a new alert arrives above the one that is open. */
const ARRIVES = 7
const SAY = ['这款保本保息，亏了算我的', '您把钱转我个人卡，我帮您买', '内部额度，年化能到 8%，闭眼买']
/** How the hand chooses: a conclusion's key, and what the server must then hold. */
const CHOICES = [
  { key: 'c', conclusion: 'violation' },
  { key: 'f', conclusion: 'false_positive' },
  { key: 'w', conclusion: 'watch' },
] as const

export type DeskBench = {
  bench: 'desk'
  n: number
  /** Decisions whose alert was not the one shown and chosen, or whose conclusion or words stand elsewhere. */
  wrong: number
  arrived: number
  pointer: number
  msPerDecision: { p50: number; p99: number }
}

/** n decisions by keyboard alone in a real Chromium, each held against what was on the screen when it was made. */
export async function benchDesk(options: { n?: number; say(line: string): void }): Promise<DeskBench> {
  const n = options.n ?? 500
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-desk-'))
  chmodSync(folder, 0o711)
  const env = { TONGJIAN_DATA: folder, LOG_LEVEL: 'silent', PORT: '0' }
  const premises = await openPremises(loadConfig(env), createLog('silent'), { mode: 'server', demo: true })
  const services = await startServices(premises, { capture: false })
  const server = await startServer(premises, services)
  const browser = await chromium.launch(CHROMIUM)
  try {
    await ensureDemoAccounts(premises.db, premises.house, PASSWORD)
    await raise(premises, services, 0, n)
    await underReview(premises, n)
    options.say(`${n} alerts wait`)
    const page = await signedIn(await browser.newPage(), server)
    return await decideAll(page, premises, services, { n, say: options.say })
  } finally {
    await browser.close()
    await server.close()
    await services.stop()
    await premises.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function raise(premises: Premises, services: Services, from: number, count: number): Promise<void> {
  const { db, house } = premises
  const incoming = Array.from({ length: count }, (_, i) => messageOf(from + i))
  const prepared = await prepare(db, house, incoming)
  await db.transaction().execute(tx => append(tx, systemActor(house, 'bench'), services.jobs, prepared))
}

function messageOf(i: number) {
  const message = {
    ...{ msgid: `desk${i}`, action: 'send', from: `staff${i % 23}`, tolist: [CUSTOMER], roomid: '' },
    ...{ msgtime: Date.UTC(2026, 8, 1) + i * 61_000, msgtype: 'text' },
    text: { content: `第 ${i} 位：${SAY[i % SAY.length]}` },
  }
  const raw = Buffer.from(JSON.stringify(message))
  const normal = normalise(raw.toString())
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq: i + 1, source: 'bench' }
}

async function underReview({ db }: Premises, n: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM review`.execute(db)
    if ((rows[0]?.n ?? 0) >= n) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

async function signedIn(page: Page, server: RunningServer): Promise<Page> {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${server.url}/signin`)
  await page.getByLabel(/账号/).focus()
  await page.keyboard.type('officer')
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(url => url.pathname === '/alerts')
  return page
}

type Shown = { id: string; number: string }
type Made = Shown & { conclusion: string; note: string; ms: number }

const PATIENCE_MS = 30_000

/** Ask the page until it answers; its policy forbids what playwright would run in it for that. */
async function asked<T>(page: Page, question: string): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await page.evaluate<T | null>(question)
    if (answer !== null) return answer
    if (performance.now() > deadline) throw new Error(`the page does not come to: ${question}`)
    await new Promise(resolve => setTimeout(resolve, 8))
  }
}

/** What is on the screen: the queue's choice and the pane must name the same alert, or it is not settled yet. */
const shown = (page: Page, except: string): Promise<Shown> =>
  asked<Shown>(
    page,
    `(() => {
      const pane = document.querySelector('.decision')
      const item = document.querySelector('.queue-item[aria-current=true]')
      const id = pane?.dataset.alert
      if (!id || id === ${JSON.stringify(except)} || item?.dataset.alert !== id || !document.querySelector('.choices')) return null
      return { id, number: pane.querySelector('.decision-head .quiet').textContent }
    })()`,
  )

async function decideAll(
  page: Page,
  premises: Premises,
  services: Services,
  { n, say }: { n: number; say(line: string): void },
): Promise<DeskBench> {
  const [sent, made]: [string[], Made[]] = [[], []]
  let [pointer, arrived, last] = [0, 0, '']
  page.on('request', request => {
    const to = /\/api\/alerts\/([^/]+)\/decision$/.exec(request.url())
    if (to?.[1]) sent.push(to[1])
  })
  await page.exposeFunction('pointed', () => {
    pointer += 1
  })
  await page.evaluate(`addEventListener('pointerdown', () => window.pointed(), true)`)
  for (let i = 0; i < n; i += 1) {
    if (i % ARRIVES === ARRIVES - 1) {
      await raise(premises, services, n + arrived, 1)
      arrived += 1
    }
    const began = performance.now()
    const target = await walk(page, await shown(page, last), i)
    const choice = CHOICES[(i * 7 + target.number.length) % CHOICES.length] ?? CHOICES[0]
    const note = `第 ${i} 件，编号 ${target.number}，已核对`
    await page.keyboard.press(choice.key)
    await page.keyboard.insertText(note)
    await page.keyboard.press('Control+Enter')
    await settled(page, target.id)
    made.push({ ...target, conclusion: choice.conclusion, note, ms: performance.now() - began })
    last = target.id
    if (made.length % 100 === 0) say(`${made.length} decided`)
  }
  const times = made.map(one => one.ms).toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)
  return {
    ...{ bench: 'desk', n: made.length, wrong: await wrongOnes(premises, made, sent), arrived, pointer },
    msPerDecision: { p50: at(0.5), p99: at(0.99) },
  }
}

/** Now and then the hand goes on by J, or back by K, before it decides. */
async function walk(page: Page, from: Shown, i: number): Promise<Shown> {
  if (i % 5 !== 2) return from
  await page.keyboard.press(i % 10 === 2 ? 'j' : 'k')
  await page.waitForTimeout(30)
  return shown(page, '')
}

const settled = (page: Page, id: string): Promise<boolean> =>
  asked<boolean>(page, `document.querySelector('.decision')?.dataset.alert !== ${JSON.stringify(id)} || null`)

/** Each decision where it was meant, once, with its own conclusion; the order of the requests is that of the hand. */
async function wrongOnes({ db }: Premises, made: Made[], sent: string[]): Promise<number> {
  const { rows } = await sql<{ id: string; number: string; state: string; decisions: number; by: string }>`
    SELECT alert_id::text AS id, number, state, decided_by AS by,
      (SELECT count(*) FROM decision d WHERE d.alert_id = r.alert_id) AS decisions
    FROM review r WHERE state <> 'open'`.execute(db)
  const kept = new Map(rows.map(row => [row.id, row]))
  const wrong = made.filter((one, i) => {
    const row = kept.get(one.id)
    return (
      sent[i] !== one.id ||
      row?.number !== one.number ||
      row.state !== one.conclusion ||
      row.decisions !== 1 ||
      row.by !== 'officer'
    )
  })
  return wrong.length + Math.abs(rows.length - made.length)
}
