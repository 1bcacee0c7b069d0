import { expect, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { withClock } from '../base/clock.ts'
import { type Actor, inTransaction, now, sql, systemActor } from '../base/index.ts'
import { recordConsent } from '../contacts/index.ts'
import { list } from '../trail/index.ts'
import { listRefused } from './refused.ts'
import { decideUnlock, listUnlocks, readUnlocked, requestUnlock } from './unlock.ts'

const T = Date.UTC(2026, 10, 23, 1)
const WHY = { reference: '（2026）沪仲字第 18 号', reason: '仲裁庭要求提交该时段的沟通记录' }

test('restricted words open for a dispute, with a reason, after a second person, for the two of them, and every look is recorded', async () => {
  const premises = await testPremises()
  const services = await testServices(premises)
  const { db, house } = premises
  const person = (name: string, role: Actor['role']): Actor => ({
    ...systemActor(house, name),
    kind: 'person',
    name,
    role,
    departments: [],
  })
  const done = await archiveAll(premises, services, [
    textMessage('撤回之前的话', { msgid: 'kept', msgtime: T }),
    textMessage('', {
      msgid: 'no',
      from: CUSTOMER,
      tolist: ['linyue'],
      msgtime: T + 9000,
      msgtype: 'disagree',
      disagree: { userid: CUSTOMER, disagree_time: T + 9000 },
    }),
  ])
  await archiveAll(premises, services, [
    textMessage('撤回之后的话', { msgid: 'dropped', msgtime: T + 10_000 }),
  ])
  const convId = done.archived[0]?.conv ?? ''
  const officer = person('xu', 'officer')
  const ask = { convId, from: T - 1000, to: T + 60_000, purpose: 'dispute' as const, ...WHY }
  await expect(requestUnlock(db, person('jian', 'auditor'), ask)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(requestUnlock(db, officer, { ...ask, from: T + 1, to: T })).rejects.toMatchObject({
    code: 'request.invalid',
  })
  const id = await requestUnlock(db, officer, ask)
  await expect(readUnlocked(db, officer, id)).rejects.toMatchObject({ code: 'restricted.locked' })
  await expect(decideUnlock(db, officer, id, 'approved')).rejects.toMatchObject({ code: 'auth.denied' })
  const lead = person('qin', 'lead')
  const own = await requestUnlock(db, lead, ask)
  await expect(decideUnlock(db, lead, own, 'approved')).rejects.toMatchObject({ code: 'approval.own' })
  await expect(
    sql`INSERT INTO restricted_unlock_decision VALUES (1, ${own}, 'qin', 'approved', 'qin', now(), now())`.execute(
      db,
    ),
  ).rejects.toThrow('check')
  await decideUnlock(db, lead, id, 'approved')
  await expect(decideUnlock(db, person('fu', 'risk'), id, 'rejected')).rejects.toMatchObject({
    code: 'consent.decided',
  })
  const { items } = await readUnlocked(db, officer, id)
  // What was never kept cannot be unlocked.
  expect(items.map(item => [item.key.msgid, item.texts[0]?.text, item.absent])).toEqual([
    ['kept', '撤回之前的话', null],
  ])
  await expect(readUnlocked(db, person('fu', 'risk'), id)).rejects.toMatchObject({
    code: 'restricted.locked',
  })
  const looks = await list(db, lead, { verb: 'restricted.read', limit: 10 })
  expect(looks.items).toMatchObject([{ actor: 'xu', thingId: convId, detail: { unlock: id, shown: 1 } }])
  await withClock(now() + 25 * 3_600_000, async () => {
    await expect(readUnlocked(db, officer, id)).rejects.toMatchObject({ code: 'restricted.locked' })
    expect((await listUnlocks(db, officer)).items.find(one => one.id === id)).toMatchObject({
      state: 'expired',
      ...WHY,
    })
  })

  expect(await listRefused(db, lead)).toMatchObject({
    policy: { mode: 'metadata', basis: null },
    items: [
      {
        customer: { id: CUSTOMER },
        state: 'restricted',
        choice: 'disagree',
        dropped: 1,
        droppedFrom: T + 10_000,
        byLaw: 0,
        scopes: [{ convId }],
      },
    ],
  })
  // The refusal is taken back: nothing is restricted any more but what was said meanwhile.
  await inTransaction(db, tx =>
    recordConsent(tx, house, {
      ...{ externalUserid: CUSTOMER, userid: 'linyue', chatId: null, state: 'agree' },
      ...{ source: 'callback', sourceRef: 'again', effectiveAt: T + 20_000 },
    }),
  )
  expect(await listRefused(db, lead)).toMatchObject({
    items: [{ state: 'active', choice: 'agree', scopes: [], dropped: 1 }],
  })
})
