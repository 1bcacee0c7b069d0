import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../../test/support/premises.ts'
import { until } from '../../../test/support/simulated.ts'
import { type Services, startServices } from '../../app/index.ts'
import { withClock } from '../../base/clock.ts'
import { addBusinessHours, dayOf, now, sql, systemActor } from '../../base/index.ts'
import { detectBatch } from '../detect-batch.ts'
import { watchBehaviour } from './evaluate.ts'
import { noteHappenings, settleDue } from './watch.ts'

/** Monday 2026-11-23, 09:00 in China. */
const START = Date.UTC(2026, 10, 23, 1)
const MINUTE = 60_000
const DAY = 86_400_000
const ZONE = 'Asia/Shanghai'

const KINDS = [
  'pitch',
  'plain',
  'recommend',
  'risk',
  'complain',
  'card',
  'packet',
  'promise',
  'recall',
] as const
type Kind = (typeof KINDS)[number]
type Line = { minute: number; staff: number; customer: number; kind: Kind; text: number }
/** What each kind says; `n` keeps the texts of one history apart from those of another. */
const WORDS: Record<Kind, (n: string, text: number) => string> = {
  pitch: (n, text) => `${text === 0 ? '澄稳' : '澄享'}第${n}期今天开始认购，额度不多请尽快登记`,
  plain: () => '明天上午十点网点见',
  recommend: () => '建议您买这款，期限短',
  risk: () => '该产品风险等级R2，投资须谨慎',
  complain: () => '我要投诉你们',
  card: () => '',
  packet: () => '',
  promise: () => '这款保本保息，亏了算我的',
  recall: () => '',
}
const history = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 1600 }),
    staff: fc.integer({ min: 1, max: 4 }),
    customer: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom(...KINDS),
    text: fc.integer({ min: 0, max: 1 }),
  }),
  { minLength: 5, maxLength: 40 },
)

type Said = Line & { id: string; at: number; conv: string; target: string | null }

/** Lines with a time and a message each; a recall takes back the promise that stands before it in the list, if any. */
function said(lines: Line[], n: string): Said[] {
  const out: Said[] = []
  lines.forEach((line, i) => {
    const promise = out.findLast(one => one.kind === 'promise')
    if (line.kind === 'recall' && !promise) return
    const where = line.kind === 'recall' && promise ? promise : line
    const { staff, customer } = where
    out.push({
      ...line,
      staff,
      customer,
      id: `h${n}x${String(i).padStart(3, '0')}_external`,
      at: START + line.minute * MINUTE + i,
      conv: `${staff}-${customer}`,
      target: line.kind === 'recall' && promise ? promise.id : null,
    })
  })
  return out
}

const staffId = (n: string, staff: number): string => `s${n}x${staff}`
const customerId = (n: string, customer: number): string => `wm${`h${n}x${customer}`.padEnd(30, 'A')}`

function messageOf(one: Said, n: string): Record<string, unknown> {
  const [staff, customer] = [staffId(n, one.staff), customerId(n, one.customer)]
  const from = one.kind === 'complain' ? customer : staff
  const base = { msgid: one.id, from, tolist: [from === staff ? customer : staff], msgtime: one.at }
  if (one.kind === 'card')
    return textMessage('', { ...base, msgtype: 'card', card: { userid: 'x', corpname: '行' } })
  if (one.kind === 'packet')
    return textMessage('', { ...base, msgtype: 'external_redpacket', redpacket: { type: 1, wish: '' } })
  if (one.kind === 'recall')
    return textMessage('', {
      ...base,
      action: 'recall',
      msgtype: 'revoke',
      revoke: { pre_msgid: one.target },
    })
  return textMessage(WORDS[one.kind](n, one.text), base)
}

const distinct = <T>(list: T[]): number => new Set(list).size
const day = (at: number): string => dayOf(at, ZONE)

/**
 * What should be found, told as plainly as the rules' own sentences: `rule group-of-the-test day anchor`. No window is
 * slid and nothing is stored.
 */
function expected(all: Said[]): Set<string> {
  const found = new Set<string>()
  const first = (rule: string, group: string, anchors: Said[]): void => {
    for (const on of new Set(anchors.map(one => day(one.at)))) {
      const anchor = anchors
        .filter(one => day(one.at) === on)
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))[0]
      found.add(`${rule} ${group} ${on} ${anchor?.id}`)
    }
  }
  const upTo = (list: Said[], end: Said, ms: number): Said[] =>
    list.filter(one => one.at >= end.at - ms && one.at <= end.at)
  for (const text of [0, 1]) {
    const same = all.filter(one => one.kind === 'pitch' && one.text === text)
    first(
      'BURST-01',
      `${text}`,
      same.filter(one => distinct(upTo(same, one, 30 * MINUTE).map(o => o.staff)) >= 3),
    )
  }
  for (const staff of [1, 2, 3, 4]) {
    const cards = all.filter(one => one.kind === 'card' && one.staff === staff)
    first(
      'GIFT-02',
      `${staff}`,
      cards.filter(one => distinct(upTo(cards, one, DAY).map(o => o.customer)) >= 3),
    )
  }
  for (const conv of new Set(all.map(one => one.conv))) {
    const here = all.filter(one => one.conv === conv)
    first(
      'GIFT-01',
      conv,
      here.filter(one => one.kind === 'packet'),
    )
    const unanswered = here.filter(
      one =>
        one.kind === 'complain' &&
        !here.some(o => o.kind !== 'complain' && o.at > one.at && o.at <= addBusinessHours(one.at, 2, ZONE)),
    )
    first('NOREPLY-01', conv, unanswered)
    const silent = here.filter(one => {
      if (one.kind !== 'recommend') return false
      const later = here.filter(o => o.at > one.at).sort((a, b) => a.at - b.at)
      const end = Math.min(one.at + DAY, later[11]?.at ?? Number.POSITIVE_INFINITY)
      return !here.some(o => o.kind === 'risk' && o.at >= one.at - DAY && o.at <= end)
    })
    first('DISCLOSE-01', conv, silent)
  }
  for (const promise of all.filter(one => one.kind === 'promise')) {
    const taken = all.filter(
      one => one.target === promise.id && one.at >= promise.at && one.at <= promise.at + 30 * MINUTE,
    )
    first('RECALL-01', promise.id, taken)
  }
  return found
}

describe('behaviour rules over stored messages', () => {
  let premises: TestPremises
  let services: Services
  let count = 0
  beforeAll(async () => {
    premises = await filePremises()
    services = await startServices(premises, { capture: false })
    return () => services.stop()
  })

  const watching = () => ({
    db: premises.db,
    actor: systemActor(premises.house, 'test'),
    jobs: services.jobs,
    rules: services.rules.current().behaviours,
  })

  /** Archives and judges portion by portion; what the background does meanwhile must change nothing. */
  async function live(portions: Said[][], n: string): Promise<void> {
    const actor = systemActor(premises.house, 'test')
    for (const portion of portions) {
      const { archived } = await archiveAll(
        premises,
        services,
        portion.map(one => messageOf(one, n)),
      )
      const keys = archived.map(one => ({
        convId: one.conv,
        sentAt: one.sentAt,
        msgid: one.incoming.normal.msgid,
      }))
      for (let again = 0; again < 2; again += 1) {
        const { messages } = await detectBatch(
          premises.db,
          actor,
          services.jobs,
          services.rules.current(),
          keys,
        )
        await watchBehaviour(watching(), messages)
      }
    }
    await withClock(START + 30 * DAY, async () => {
      await settleDue(watching(), false)
      expect(await settleDue(watching(), false)).toBe(0)
    })
  }

  async function found(n: string): Promise<{ keys: string[]; alerts: number }> {
    const { rows } = await sql<{ rule: string; grp: string; bucket: string; msgid: string; staff: string }>`
      SELECT rule, grp, bucket, src_msgid AS msgid, staff FROM behaviour_finding WHERE src_msgid LIKE ${`h${n}x%`}`.execute(
      premises.db,
    )
    const alerts = await sql`SELECT FROM alert WHERE behaviour <> '' AND src_msgid LIKE ${`h${n}x%`}`.execute(
      premises.db,
    )
    return { keys: rows.map(row => `${row.rule} ${row.bucket} ${row.msgid}`), alerts: alerts.rows.length }
  }

  const bare = (keys: Set<string>): string[] =>
    [...keys]
      .map(key =>
        key
          .split(' ')
          .filter((_, i) => i !== 1)
          .join(' '),
      )
      .sort()
  const withoutAnchor = (keys: string[]): string[] =>
    keys.map(key => key.split(' ').slice(0, 2).join(' ')).sort()

  test('found in portions is what a plain reading of the whole history says, each with one alert', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
        async (lines, sizes) => {
          count += 1
          const n = `${count}`
          const all = said(lines, n).sort((a, b) => a.at - b.at)
          await live(portionsOf(all, sizes), n)
          const { keys, alerts } = await found(n)
          expect(keys.toSorted()).toEqual(bare(expected(all)))
          expect(alerts).toBe(keys.length)
        },
      ),
      { numRuns: 20 },
    )
  }, 240_000)

  test('in whatever order messages come late, the same groups are found on the same days', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (lines, random) => {
        count += 1
        const n = `${count}`
        const all = said(lines, n)
        const shuffled = all
          .toSorted((a, b) => a.id.localeCompare(b.id))
          .map(one => ({ one, by: random.next().value }))
        shuffled.sort((a, b) => a.by - b.by)
        await live(
          portionsOf(
            shuffled.map(({ one }) => one),
            [3, 7, 1, 5],
          ),
          n,
        )
        const timed = /BURST|GIFT/
        const { keys } = await found(n)
        expect(withoutAnchor(keys.filter(key => timed.test(key)))).toEqual(
          withoutAnchor(bare(expected(all)).filter(key => timed.test(key))),
        )
      }),
      { numRuns: 10 },
    )
  }, 240_000)

  test('customers who delete an adviser in numbers are found from the events, once, with an alert and no message', async () => {
    const { db, house } = premises
    for (let n = 1; n <= 6; n += 1)
      await sql`INSERT INTO follow_event (corp_id, id, userid, external_userid, kind, source, effective_at, recorded_at)
        VALUES (${house.corp}, gen_random_uuid(), 'lostx1', ${`wm${`lost${n}`.padEnd(30, 'A')}`}, 'deleted_by_customer', 'callback',
          ${new Date(START + n * MINUTE)}, clock_timestamp())`.execute(db)
    // The background looks too; between them it is found once.
    await noteHappenings(watching())
    expect(await noteHappenings(watching())).toBe(0)
    const { rows } = await sql<{ rule: string; msgid: string; members: unknown[] }>`
      SELECT rule, src_msgid AS msgid, members FROM behaviour_finding WHERE staff = 'lostx1'`.execute(db)
    expect(rows).toMatchObject([{ rule: 'LOSS-01', msgid: expect.stringMatching(/^event:/) }])
    expect(rows[0]?.members).toHaveLength(5)
    await until('it is under review', async () => {
      const found = await sql`SELECT FROM review WHERE staff = 'lostx1' AND rules = '{LOSS-01}'`.execute(db)
      return found.rows.length === 1
    })
  })

  test('who leaves after sending out lists of customers is found when the directory says so', async () => {
    const { db, house, owner } = premises
    const file = (n: number) =>
      textMessage('', {
        msgid: `leaver${n}`,
        from: 'leaverx1',
        tolist: ['colleague'],
        msgtype: 'file',
        msgtime: now() - DAY,
        file: { filename: '高净值客户名单.xlsx', fileext: 'xlsx', filesize: 1 },
      })
    const { archived } = await archiveAll(premises, services, [file(1)])
    const keys = archived.map(one => ({
      convId: one.conv,
      sentAt: one.sentAt,
      msgid: one.incoming.normal.msgid,
    }))
    const actor = systemActor(house, 'test')
    const { messages } = await detectBatch(db, actor, services.jobs, services.rules.current(), keys)
    await watchBehaviour(watching(), messages)
    await sql`INSERT INTO employee (corp_id, userid, departments, status, sealed, synced_at)
      VALUES (${house.corp}, 'leaverx1', '{1}', 5, '', clock_timestamp())`.execute(owner)
    await noteHappenings(watching())
    const { rows } = await sql<{
      rule: string
    }>`SELECT rule FROM behaviour_finding WHERE staff = 'leaverx1'`.execute(db)
    expect(rows).toEqual([{ rule: 'LEAVE-01' }])
    await sql`DELETE FROM employee WHERE userid = 'leaverx1'`.execute(owner)
  })

  test('no row holds a word of what was said', async () => {
    const { rows } = await sql<{ row: string }>`SELECT behaviour_event::text AS row FROM behaviour_event
      UNION ALL SELECT behaviour_finding::text FROM behaviour_finding`.execute(premises.db)
    expect(rows.length).toBeGreaterThan(20)
    for (const { row } of rows) expect(row).not.toMatch(/[\u4e00-\u9fff]/)
  })
})

function portionsOf(all: Said[], sizes: number[]): Said[][] {
  const out: Said[][] = []
  for (let at = 0, i = 0; at < all.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1
    out.push(all.slice(at, at + size))
    at += size
  }
  return out
}
