import { beforeAll, describe, expect, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../test/support/premises.ts'
import { until } from '../../test/support/simulated.ts'
import { type Services, startServices } from '../app/index.ts'
import { readMessages } from '../archive/index.ts'
import { sql } from '../base/index.ts'
import { syncDirectory } from '../people/index.ts'
import { conversationHits } from './hits.ts'
import { hitsOf } from './index.ts'

const DISGUISED = '这款宝本，您放心拿'

describe('why a hit stands', () => {
  let premises: TestPremises
  let services: Services
  beforeAll(async () => {
    premises = await filePremises()
    services = await startServices(premises, { capture: false })
    return () => services.stop()
  })

  const hits = async () => {
    const { rows } = await sql<{ convId: string; sentAt: number; msgid: string }>`
      SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid
      FROM message`.execute(premises.db)
    const messages = await readMessages(premises.db, premises.house, rows)
    return hitsOf(premises.db, premises.house, services.rules.current(), messages)
  }

  test('is kept with it: what it was read as under seal, its grounds as codes', async () => {
    await archiveAll(premises, services, [
      textMessage(DISGUISED, { tolist: [CUSTOMER] }),
      textMessage('这款稳赚不赔，大家放心推', { msgid: 'inside', tolist: ['zhaomin'] }),
    ])
    await until('they are judged', async () => (await hits()).length >= 2)
    const found = await hits()
    expect(found.find(hit => DISGUISED.slice(hit.start, hit.end) === '宝本')).toMatchObject({
      rule: 'GUAR-01',
      matched: '宝本',
      sound: 'bǎo běn',
      reads: '保本',
      path: ['homophone'],
      source: null,
      facts: ['to-customer', 'not-negated'],
      why: '宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）',
    })
    expect(found.some(hit => hit.facts.includes('to-staff'))).toBe(true)
    const { rows } = await sql<{ sealed: Buffer | null; row: string }>`
      SELECT reading_sealed AS sealed, hit::text AS row FROM hit`.execute(premises.db)
    expect(rows.some(({ sealed }) => sealed !== null)).toBe(true)
    for (const { sealed, row } of rows) {
      expect(sealed?.includes(Buffer.from('保')) ?? false).toBe(false)
      expect(row).not.toMatch(/[保宝]本|bǎo/)
    }
  })

  test('of a hit from before nothing is claimed, and it still shows', async () => {
    await sql`UPDATE hit SET grounds = NULL, reading_sealed = NULL`.execute(premises.owner)
    const [old] = (await hits()).filter(hit => hit.matched === '宝本' && hit.facts.includes('to-customer'))
    expect(old).toMatchObject({
      sound: null,
      reads: null,
      path: ['homophone'],
      why: '宝本，员工对客户，当时未留存判定依据（同音字）',
    })
  })

  test('a supervisor reading the talk of his people is not told of insider dealing; an officer is', async () => {
    const { db, house } = premises
    await syncDirectory(db, house, {
      async *departments() {
        yield { id: 2, parentId: 1, name: '财富管理部', position: 1, leaders: [] }
      },
      async *members() {
        yield { userid: 'heyuan', name: '何思远', title: '', departments: [2], leads: [], status: 1 }
      },
    })
    const said = textMessage('内幕消息，听我通知一起进，保本保息', { msgid: 'insider', from: 'heyuan' })
    const done = await archiveAll(premises, services, [said])
    const convId = done.archived[0]?.conv ?? ''
    const seenBy = async (role: string): Promise<string[]> => {
      const actor = { house, kind: 'person', name: role, role, accountId: null, userid: null } as const
      const query = { convId, from: 0, to: 4_000_000_000_000 }
      const found = await conversationHits(
        db,
        { ...actor, departments: [2] },
        services.rules.current(),
        query,
      )
      return [...new Set(found.map(hit => hit.category))]
    }
    await until('it is judged', async () => (await seenBy('officer')).length >= 2)
    expect(await seenBy('officer')).toContain('INSIDER')
    expect(await seenBy('supervisor')).toContain('GUAR')
    expect(await seenBy('supervisor')).not.toContain('INSIDER')
  })
})
