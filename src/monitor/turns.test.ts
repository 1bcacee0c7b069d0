import { beforeAll, describe, expect, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { type Services, startServices } from '../app/index.ts'
import { systemActor } from '../base/index.ts'
import { detectBatch } from './detect-batch.ts'
import { alertedMessages } from './index.ts'

const START = Date.UTC(2026, 10, 23, 3, 0, 0)

describe('the last turns of a conversation', () => {
  let premises: TestPremises
  let services: Services
  let room = 0
  beforeAll(async () => {
    premises = await filePremises()
    services = await startServices(premises, { capture: false })
    return () => services.stop()
  })

  type Line = { at: number; text: string; by?: 'customer' | 'linyue' | 'zhaomin' }
  /** Messages of one group with a customer, a group for each test. */
  const messages = (lines: Line[]) =>
    lines.map(({ at, text, by }) => {
      const from = by === 'customer' ? CUSTOMER : (by ?? 'linyue')
      const tolist = [CUSTOMER, 'linyue', 'zhaomin'].filter(one => one !== from)
      return textMessage(text, { from, tolist, roomid: `wrTurns${room}`, msgtime: START + at * 1000 })
    })
  /** Archives and detects at once, whatever the background has done; the texts that alerted. */
  const alerting = async (...batches: Line[][]): Promise<string[]> => {
    room += 1
    const texts = new Map<string, string>()
    for (const batch of batches) {
      const made = messages(batch)
      for (const [i, message] of made.entries()) texts.set(String(message.msgid), (batch[i] as Line).text)
      const { archived } = await archiveAll(premises, services, made)
      const keys = archived.map(one => ({
        convId: one.conv,
        sentAt: one.sentAt,
        msgid: one.incoming.normal.msgid,
      }))
      const actor = systemActor(premises.house, 'test')
      await detectBatch(premises.db, actor, services.jobs, services.rules(), keys)
      const again = await detectBatch(premises.db, actor, services.jobs, services.rules(), keys)
      expect(again.alerts).toBe(0)
    }
    return (await alertedMessages(premises.db, premises.house)).flatMap(id => texts.get(id) ?? [])
  }

  test('a phrase split over messages of one batch alerts, in the order said and not in the order given', async () => {
    expect(
      await alerting([
        { at: 2, text: '不赔的' },
        { at: 1, text: '稳赚' },
      ]),
    ).toEqual(expect.arrayContaining(['不赔的']))
    expect(
      await alerting([
        { at: 1, text: '亏了' },
        { at: 2, text: '算我的' },
      ]),
    ).toEqual(['算我的'])
  })

  test('a phrase split over two batches alerts', async () => {
    expect(await alerting([{ at: 1, text: '亏了' }], [{ at: 2, text: '算我的' }])).toEqual(['算我的'])
  })

  test('a yes to the question of a customer alerts; a no does not', async () => {
    const asked: Line[] = [{ at: 1, text: '这个保本吗？', by: 'customer' }]
    expect(await alerting(asked, [{ at: 5, text: '对的' }])).toEqual(['对的'])
    expect(await alerting(asked, [{ at: 5, text: '不保本的' }])).toEqual([])
  })

  test('words of two people make no phrase, nor do words of half an hour ago', async () => {
    expect(
      await alerting([
        { at: 1, text: '亏了' },
        { at: 2, text: '算我的', by: 'zhaomin' },
      ]),
    ).toEqual([])
    expect(await alerting([{ at: 1, text: '亏了' }], [{ at: 1801, text: '算我的' }])).toEqual([])
  })

  test('what one customer group says lends nothing to another', async () => {
    expect(await alerting([{ at: 1, text: '亏了' }])).toEqual([])
    expect(await alerting([{ at: 2, text: '算我的' }])).toEqual([])
  })
})
