import { beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../src/base/index.ts'
import { useBrowser } from '../support/browser.ts'
import { until } from '../support/simulated.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const PROMISE = '您放一百个心，这款保本保息，亏了算我的'

describe('the live wall', () => {
  const browser = useBrowser()
  let stage: Stage
  let adviser = ''
  let customer = ''
  beforeAll(async () => {
    stage = await openStage({ day: 30, seed: 'wall' })
    const { sim, premises } = stage
    const contact = sim.world.people.contacts.find(one => one.follows[0]?.consent === 'Agree')
    adviser = contact?.follows[0]?.userid ?? ''
    customer = contact?.id ?? ''
    await until('the adviser is known', async () => {
      const { rows } = await sql<{
        departments: number[]
      }>`SELECT departments FROM employee WHERE userid = ${adviser}`.execute(premises.db)
      const departments = rows[0]?.departments ?? []
      if (departments.length > 0)
        await sql`UPDATE account SET departments = ${departments}::int[] WHERE username = 'supervisor'`.execute(
          premises.db,
        )
      return departments.length > 0
    })
  })

  const say = (content: string) =>
    stage.sim.world.emit({
      from: adviser,
      tolist: [customer],
      roomid: '',
      msgtype: 'text',
      text: { content },
    })

  test('an officer sees it come, watches it go on, notes, asks the supervisor; he answers, and the officer sees it', async () => {
    const officer = await signIn(await browser.page(), stage, 'officer')
    await officer.goto(`${stage.server.url}/wall`)
    await officer.getByRole('heading', { name: '实时会话' }).waitFor()
    say(PROMISE)
    const card = officer.locator('.wall-card').filter({ hasText: '保本保息' })
    await card.waitFor()
    await card.getByText('必看：有未处置的 P0 或 P1').waitFor()
    await card.click()
    await officer.locator('.wall-watch .talk-row').filter({ hasText: '保本保息' }).first().waitFor()

    say('手续我都帮您准备好了')
    await officer.locator('.wall-watch .talk-row').filter({ hasText: '手续我都帮您准备好了' }).waitFor()

    await officer.keyboard.press('n')
    await officer.keyboard.type('承诺兜底，语气肯定')
    await officer.keyboard.press('Control+Enter')
    await officer.locator('.wall-kept').getByText('承诺兜底，语气肯定').waitFor()
    await officer.keyboard.press('s')
    await officer.keyboard.type('请当场更正并告知客户风险')
    await officer.keyboard.press('Control+Enter')
    await officer.locator('.wall-kept').getByText('已请主管介入，等待答复').waitFor()

    const supervisor = await signIn(await browser.page(), stage, 'supervisor')
    await supervisor.goto(`${stage.server.url}/wall`)
    const asked = supervisor.locator('.stepin').filter({ hasText: '请当场更正并告知客户风险' })
    await asked.getByLabel('做了什么').fill('已电话联系，员工已向客户更正')
    await asked.getByRole('button', { name: '答复' }).click()
    await supervisor.locator('.stepin').getByText('已答复').waitFor()

    await officer.locator('.wall-card.on').getByText('主管已介入').waitFor()
    const { rows } = await sql<{ verb: string }>`SELECT DISTINCT verb FROM trail_entry`.execute(
      stage.premises.db,
    )
    expect(rows.map(row => row.verb)).toEqual(
      expect.arrayContaining([
        'wall.watched',
        'wall.opened',
        'wall.noted',
        'stepin.asked',
        'stepin.answered',
      ]),
    )
  })

  test('too few words are said so, and by keyboard one moves from card to card', async () => {
    say(PROMISE)
    const page = await signIn(await browser.page(), stage, 'lead')
    await page.goto(`${stage.server.url}/wall?all=true`)
    await page.locator('.wall-card').first().waitFor()
    await page.keyboard.press('j')
    await page.locator('.wall-card.on').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.wall-watch .talk-row').first().waitFor()
    await page.keyboard.press('n')
    await page.keyboard.press('Control+Enter')
    await page.getByText('请写明内容').waitFor()
  })

  test.each([1440, 390])('at %d wide nothing sticks out, with a conversation open or not', async width => {
    const page = await signIn(await browser.page({ width, height: 844 }), stage, 'officer')
    await page.goto(`${stage.server.url}/wall?all=true`)
    await page.locator('.wall-card').first().waitFor()
    const wide = () => page.evaluate<number>('document.documentElement.scrollWidth')
    expect(await wide()).toBeLessThanOrEqual(width)
    await page.locator('.wall-card').first().click()
    await page.locator('.wall-watch .talk-row').first().waitFor()
    expect(await wide()).toBeLessThanOrEqual(width)
  })

  test('who may not watch is told so', async () => {
    const page = await signIn(await browser.page(), stage, 'admin')
    const answer = await page.evaluate<number>(`fetch('/api/wall').then(answer => answer.status)`)
    expect(answer).toBe(403)
  })
})
