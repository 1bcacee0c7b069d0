import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Debian's Chromium; the test command installs it where it is missing. Nothing but 127.0.0.1 is reachable from tests. */
export const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

export type Browsing = { page(size?: { width: number; height: number }): Promise<Page> }

/** One real browser for the tests of a file; each page has cookies of its own and fails the test on a script error. */
export function useBrowser(): Browsing {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM)
  })
  afterAll(async () => {
    await browser?.close()
  })
  return {
    async page(size = { width: 1440, height: 900 }) {
      if (!browser) throw new Error('the browser is there from beforeAll on')
      const context = await browser.newContext({
        viewport: size,
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
      })
      const page = await context.newPage()
      page.on('pageerror', error => {
        throw error
      })
      return page
    },
  }
}
