import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { inTransaction, systemActor } from '../../src/base/index.ts'
import { applyContactEvent } from '../../src/contacts/index.ts'
import { list } from '../../src/trail/index.ts'
import { useBrowser } from '../support/browser.ts'
import { openStage, type Stage, signIn } from '../support/stage.ts'

const SAID = '桂树下的茶会改到周六'
const TAKEN_BACK = '桂树下的原话在此'
const INNER = '桂树里层的一句话'
const NEWCOMERS = ['X', 'Y', 'Z'].map(letter => `wm${letter.repeat(30)}`)

type Hit = { key: { convId: string; sentAt: number; msgid: string } }

describe('a conversation as it looks and as it looked', () => {
  const browser = useBrowser()
  let stage: Stage
  let page: Page
  let convId = ''
  let joinedAt = 0

  beforeAll(async () => {
    stage = await openStage({ day: 0, seed: 'conversation' })
    await talk()
    page = await signIn(await browser.page(), stage, 'officer')
    convId = await found(SAID)
    await found(INNER)
    await page.goto(`${stage.server.url}/conversations/${convId}`)
    await page.getByText(SAID).waitFor()
  })

  /** In a group: a text, a voice, a message taken back, a record within a record; then three people join. */
  async function talk(): Promise<void> {
    const { world } = stage.sim
    const room = world.people.rooms.find(one => one.external)
    if (!room) throw new Error('no group')
    const members = room.members.map(one => one.id)
    const say = (payload: Record<string, unknown>) =>
      world.emit({
        from: room.owner,
        tolist: members.filter(id => id !== room.owner),
        roomid: room.id,
        ...payload,
      })
    say({ msgtype: 'text', text: { content: SAID } })
    const voice = world.media.voice(4)
    say({
      msgtype: 'voice',
      voice: { md5sum: voice.md5sum, voice_size: voice.size, play_length: 4, sdkfileid: voice.sdkfileid },
    })
    const film = world.media.video(5)
    say({
      msgtype: 'video',
      video: { md5sum: film.md5sum, filesize: film.size, play_length: 5, sdkfileid: film.sdkfileid },
    })
    world.recall(say({ msgtype: 'text', text: { content: TAKEN_BACK } }).msgid)
    const entry = (type: string, content: object) => ({
      type,
      msgtime: 1_795_000_000,
      content: JSON.stringify(content),
    })
    const inner = { title: '里层记录', item: [entry('ChatRecordText', { content: INNER })] }
    say({
      msgtype: 'chatrecord',
      chatrecord: {
        title: '外层记录',
        item: [entry('ChatRecordText', { content: '外层一句' }), entry('ChatRecordrecord', inner)],
      },
    })
    joinedAt = Date.now()
    const actor = systemActor(stage.premises.house, 'test')
    await inTransaction(stage.premises.db, tx =>
      applyContactEvent(tx, actor, {
        type: 'change_external_chat.update',
        from: 'sys',
        at: joinedAt,
        fields: {
          ChatId: room.id,
          UpdateDetail: 'add_member',
          JoinScene: '3',
          MemChangeList: NEWCOMERS.join(','),
        },
      }),
    )
  }

  /** Its conversation, once it is archived. */
  async function found(words: string): Promise<string> {
    for (let turn = 0; turn < 100; turn++) {
      const answer = await page.request.get(`${stage.server.url}/api/search?q=${encodeURIComponent(words)}`)
      const [hit] = ((await answer.json()) as { items: Hit[] }).items
      if (hit) return hit.key.convId
      await wait(100)
    }
    throw new Error(`not archived: ${words}`)
  }

  test('a recalled message is folded; its original opens on request, and the trail knows who looked', async () => {
    await page.getByText('已撤回（原文已存档）').waitFor()
    expect(await page.getByText(TAKEN_BACK).count()).toBe(0)
    await page.getByRole('button', { name: '查看原文' }).click()
    await page.getByText(TAKEN_BACK).waitFor()
    await page.getByText('本次查看已记入操作轨迹').waitFor()
    const actor = systemActor(stage.premises.house, 'test')
    const [entry] = (await list(stage.premises.db, actor, { verb: 'original.opened', limit: 1 })).items
    expect(entry).toMatchObject({ actor: 'officer', thingId: convId, detail: { recalled: true } })
  })

  test('a voice plays: it has a length, goes on, and can be asked for in stretches', async () => {
    const play = page.getByRole('button', { name: '播放语音' })
    const fetched = async () => {
      if (await play.isEnabled()) return true
      await page.reload()
      await play.waitFor()
      return false
    }
    await expect.poll(fetched, { timeout: 20_000 }).toBe(true)
    await play.click()
    const audio = () =>
      page.evaluate<[number, number]>(
        "(a => a ? [a.duration, a.currentTime] : [0, 0])(document.querySelector('audio'))",
      )
    await expect.poll(async () => (await audio())[0], { timeout: 10_000 }).toBeCloseTo(4, 1)
    await expect.poll(async () => (await audio())[1], { timeout: 10_000 }).toBeGreaterThan(0.2)
    await page.getByRole('button', { name: /播放速度/ }).click()
    expect(await page.evaluate("document.querySelector('audio').playbackRate")).toBe(1.5)
    const src = await page.evaluate<string>("document.querySelector('audio').src")
    const part = await page.request.get(src, { headers: { range: 'bytes=100-299' } })
    expect(part.status()).toBe(206)
    expect(part.headers()['content-range']).toMatch(/^bytes 100-299\/\d+$/)
    expect(await part.body()).toHaveLength(200)
    const beyond = await page.request.get(src, { headers: { range: 'bytes=99999999-' } })
    expect(beyond.status()).toBe(416)
  })

  test('a film plays where it stands, and a file is saved under its name', async () => {
    await page.getByRole('button', { name: '播放视频' }).click()
    const at = () => page.evaluate<number>("document.querySelector('video')?.currentTime ?? 0")
    await expect.poll(at, { timeout: 10_000 }).toBeGreaterThan(0.2)
    const link = page.locator('.video .save')
    const answer = await page.request.get(`${stage.server.url}${await link.getAttribute('href')}`)
    expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="file\.mp4"/)
    const actor = systemActor(stage.premises.house, 'test')
    const [entry] = (await list(stage.premises.db, actor, { verb: 'media.opened', limit: 1 })).items
    expect(entry?.detail).toMatchObject({ saved: true })
  })

  test('a forward opens, and the record within it too', async () => {
    expect(await page.getByText(INNER).isVisible()).toBe(false)
    await page.locator('summary', { hasText: '外层记录' }).click()
    await page.getByText('外层一句').waitFor()
    await page.locator('summary', { hasText: '里层记录' }).click()
    await page.getByText(INNER).waitFor()
  })

  test('another moment shows other members, and says so; now is one press away', async () => {
    await page.goto(`${stage.server.url}/conversations/${convId}`)
    const count = async () =>
      Number(/(\d+) 人/.exec((await page.locator('.members h2').textContent()) ?? '')?.[1])
    await page.locator('.members h2').waitFor()
    await page
      .locator('.talk-line.event', { hasText: '加入群聊' })
      .filter({ hasText: '扫描群二维码' })
      .last()
      .waitFor()
    const today = await count()
    await page.goto(`${stage.server.url}/conversations/${convId}?at=${joinedAt - 1}`)
    await page.getByText(/按 .* 的样子呈现/).waitFor()
    expect(await count()).toBe(today - NEWCOMERS.length)
    await page.keyboard.press('m')
    expect(await page.locator('.members').count()).toBe(0)
    await page.getByRole('button', { name: '回到现在' }).click()
    await page.getByText(/按 .* 的样子呈现/).waitFor({ state: 'detached' })
    await page.locator('.members h2').waitFor()
    expect(await count()).toBe(today)
  })

  test('on a phone nothing runs over the edge, and members open over the talk', async () => {
    const phone = await signIn(await browser.page({ width: 390, height: 844 }), stage, 'officer')
    await phone.goto(`${stage.server.url}/conversations/${convId}`)
    await phone.getByText(SAID).waitFor()
    await phone.getByRole('button', { name: '成员与同意' }).click()
    await phone.locator('.members h2').waitFor()
    const overflow = await phone.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBeLessThanOrEqual(0)
  })
})
