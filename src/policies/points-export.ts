import type { z } from 'zod'
import {
  type Actor,
  type Cell,
  type Db,
  dayOf,
  fail,
  inTransaction,
  now,
  type Tx,
  toCsv,
  toXlsx,
} from '../base/index.ts'
import { authorise, directoryOf, scopeOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import type { pointsExport } from './contract.ts'
import { selectPenalties } from './penalty-store.ts'
import { ageInDays, countsAt, lineOf, shareAt, totalAt } from './points.ts'
import { sightOf } from './points-view.ts'
import { staffParty } from './staff-party.ts'
import { selectViolations, type ViolationRow } from './store.ts'
import { selectTasks } from './training-store.ts'

type Period = z.infer<typeof pointsExport>
type Directory = Awaited<ReturnType<typeof directoryOf>>

const HEAD = [
  ...['成员', '编号', '部门', 'P0', 'P1', 'P2', 'P3', '期间新增积分', '期末积分', '内部预警线'],
  ...['应完成培训', '已完成', '逾期', '生效处罚'],
]
const LINES_HEAD = [
  ...[
    '成员',
    '编号',
    '发生日期',
    '级别',
    '规则',
    '来源',
    '分值',
    '期末天数',
    '期末系数',
    '期末计分',
    '确认人',
  ],
]
const LINE_WORDS = { talk: '约谈', suspend: '停外发资格待审' } as const
const SOURCE_WORDS = { alert: '预警', finding: '检查发现', complaint: '投诉' } as const

export type ExportFile = { name: string; type: string; bytes: Buffer }

/**
 * Points of a period for appraisal: one line a person, and in a workbook the lines they are made of. A supervisor gets his
 * departments. What left the house is in the trail.
 */
export async function exportPoints(db: Db, actor: Actor, period: Period): Promise<ExportFile> {
  authorise(actor, 'points.read')
  if (period.from > period.to) throw fail('request.invalid', { hint: 'from comes before to' })
  return inTransaction(db, async tx => {
    const { house } = actor
    const violations = (await selectViolations(tx, house.corp, sightOf(actor))).filter(
      one => one.reversedAt === null && dayOf(one.happenedAt, house.zone) <= period.to,
    )
    const directory = await directoryOf(tx, house)
    const people = await summary(tx, actor, period, violations, directory)
    const rows = [HEAD, ...people]
    const title = `违规积分-${period.from}-${period.to}`
    await record(tx, actor, {
      verb: 'points.exported',
      thing: { kind: 'points', id: `${period.from}..${period.to}` },
      detail: { from: period.from, to: period.to, format: period.format, rows: people.length },
    })
    if (period.format === 'csv')
      return { name: `${title}.csv`, type: 'text/csv; charset=utf-8', bytes: toCsv(rows) }
    return {
      name: `${title}.xlsx`,
      type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      bytes: toXlsx([
        { name: '汇总', rows, widths: [12, 14, 16] },
        { name: '明细', rows: [LINES_HEAD, ...lines(actor, period, violations, directory)] },
        { name: '口径', rows: notes(actor, period) },
      ]),
    }
  })
}

/** The end of the period, or now when it is not over. */
function endOf(period: Period, zone: string): number {
  const at = now()
  if (dayOf(at, zone) <= period.to) return at
  // Noon: on that day whatever the zone's clocks do; points change at midnight only.
  let noon = Date.parse(`${period.to}T12:00:00Z`)
  while (dayOf(noon, zone) > period.to) noon -= 3_600_000
  return noon
}

async function summary(
  tx: Tx,
  actor: Actor,
  period: Period,
  violations: ViolationRow[],
  directory: Directory,
): Promise<Cell[][]> {
  const { house } = actor
  const at = endOf(period, house.zone)
  const within = (when: number): boolean => {
    const date = dayOf(when, house.zone)
    return date >= period.from && date <= period.to
  }
  const sight = sightOf(actor)
  const tasks = await selectTasks(tx, house.corp, { concealed: sight.concealed })
  const penalties = await selectPenalties(tx, house.corp, { departments: scopeOf(actor), state: 'signed' })
  const rows = [...Map.groupBy(violations, one => one.staff)].map(([staff, own]) => {
    const fresh = own.filter(one => within(one.happenedAt))
    const points = totalAt(own, at, house.zone)
    const line = lineOf(points)
    const due = tasks.filter(task => task.staff === staff && task.state !== 'cancelled' && within(task.dueAt))
    const party = staffParty(directory, staff)
    const severe = (severity: string): number => fresh.filter(one => one.severity === severity).length
    return [
      ...[party.name, staff, party.department ?? '', severe('P0'), severe('P1'), severe('P2'), severe('P3')],
      ...[fresh.reduce((sum, one) => sum + one.points, 0), points, line === null ? '' : LINE_WORDS[line]],
      ...[due.length, due.filter(task => task.state === 'done').length],
      due.filter(task => task.state === 'assigned' && task.dueAt < at).length,
      penalties.filter(one => one.staff === staff && one.decidedAt !== null && within(one.decidedAt)).length,
    ]
  })
  return rows
    .filter(row => row.slice(3).some(value => value !== 0 && value !== ''))
    .sort((a, b) => Number(b[8]) - Number(a[8]) || String(a[1]).localeCompare(String(b[1])))
}

function lines(actor: Actor, period: Period, violations: ViolationRow[], directory: Directory): Cell[][] {
  const { zone } = actor.house
  const at = endOf(period, zone)
  return violations
    .filter(one => countsAt(one, at, zone) > 0 || dayOf(one.happenedAt, zone) >= period.from)
    .map(one => {
      const age = ageInDays(one.happenedAt, at, zone)
      return [
        ...[staffParty(directory, one.staff).name, one.staff, dayOf(one.happenedAt, zone), one.severity],
        ...[one.rules.join(' '), SOURCE_WORDS[one.sourceKind], one.points, age, shareAt(age)],
        ...[countsAt(one, at, zone), one.confirmedBy],
      ]
    })
}

function notes(actor: Actor, period: Period): Cell[][] {
  return [
    ['项目', '口径'],
    ['机构', actor.house.name],
    ['期间', `${period.from} 至 ${period.to}`],
    ['导出人', actor.name],
    ['分值（企业内部预警线）', 'P0 6 分，P1 3 分，P2 1 分，P3 0 分'],
    ['衰减（企业内部预警线）', '行为发生之日起 90 天内全额，91–180 天一半，181–365 天四分之一，其后不计'],
    ['预警线（企业内部预警线）', '满 6 分约谈，满 12 分停外发资格待审'],
    ['撤销', '已撤销的违规不计入'],
  ]
}
