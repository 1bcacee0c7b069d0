import { type Browser, chromium, type Page } from 'playwright-core'

/** Milliseconds of this machine's one clock, as every process here reads it. */
export const clock = (): number => performance.timeOrigin + performance.now()

const OPTIONS = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
}

/** Notes when the row of a numbered message came into the page; runs before the page's own scripts. */
const OBSERVER = `
window.seenAt = {}
const note = node => {
  const rows = node.matches('.queue-item') ? [node] : node.querySelectorAll('.queue-item')
  for (const row of rows)
    for (const [, n] of row.textContent.matchAll(/〔(\\d+)〕/g)) window.seenAt[n] ??= performance.timeOrigin + performance.now()
}
new MutationObserver(list => {
  for (const { addedNodes } of list) for (const node of addedNodes) if (node.nodeType === 1) note(node)
}).observe(document, { subtree: true, childList: true })
`

type Board = {
  kind: 'page' | 'stream'
  /** When the alert of each number came; by number. */
  seen(): Promise<Map<number, number>>
  /** When the event itself was received, for a stream. */
  twice(): Promise<number>
  close(): Promise<void>
}

async function sessionOf(url: string, username: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'x-tongjian': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  if (!answer.ok) throw new Error(`${username} cannot sign in: ${answer.status}`)
  return /tj_session=([^;]+)/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? ''
}

/** A board somebody looks at, in a real browser. */
async function openPage(browser: Browser, url: string, token: string): Promise<Board> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
  await context.addCookies([{ name: 'tj_session', value: token, url, httpOnly: true, sameSite: 'Strict' }])
  const page: Page = await context.newPage()
  await page.addInitScript(OBSERVER)
  await page.goto(`${url}/alerts`)
  await page.locator('.queue').waitFor()
  return {
    kind: 'page',
    seen: async () => {
      const seen = await page.evaluate<Record<string, number>>('window.seenAt')
      return new Map(Object.entries(seen).map(([n, at]) => [Number(n), at]))
    },
    twice: async () => {
      const rows = await page.locator('.queue-item').all()
      const alerts = await Promise.all(rows.map(row => row.getAttribute('data-alert')))
      return alerts.length - new Set(alerts).size
    },
    close: () => context.close(),
  }
}

/** A board without a screen: what the server sends, as a browser would receive it. */
async function openStream(url: string, token: string): Promise<Board> {
  const abort = new AbortController()
  const answer = await fetch(`${url}/api/alerts/stream`, {
    headers: { cookie: `tj_session=${token}` },
    signal: abort.signal,
  })
  const seen = new Map<number, number>()
  const told = new Set<string>()
  let twice = 0
  const reading = (async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const part of answer.body ?? []) {
      const at = clock()
      const events = (rest + decoder.decode(part as Uint8Array, { stream: true })).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events.filter(one => one.startsWith('event: alert'))) {
        const [, id = ''] = /"id":"([0-9a-f-]{36})"/.exec(event) ?? []
        if (told.has(id)) twice += 1
        told.add(id)
        // Alerts of behaviour rules come as well; only the planted ones bear a number.
        const [, n] = /〔(\d+)〕/.exec(event) ?? []
        if (n !== undefined && !seen.has(Number(n))) seen.set(Number(n), at)
      }
    }
  })().catch(() => undefined)
  return {
    kind: 'stream',
    seen: async () => seen,
    twice: async () => twice,
    close: async () => {
      abort.abort()
      await reading
    },
  }
}

export type Boards = { list: Board[]; close(): Promise<void> }

/** So many boards, each of a person of his own; the first `pages` of them are pages in Chromium. */
export async function openBoards(
  url: string,
  password: string,
  count: number,
  pages: number,
): Promise<Boards> {
  const browser = await chromium.launch(OPTIONS)
  const list: Board[] = []
  for (let n = 0; n < count; n++) {
    const token = await sessionOf(url, `board${n}`, password)
    list.push(n < pages ? await openPage(browser, url, token) : await openStream(url, token))
  }
  return {
    list,
    async close() {
      await Promise.all(list.map(board => board.close()))
      await browser.close()
    },
  }
}
