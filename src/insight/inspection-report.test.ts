import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { drawn, openSampleHouse, person } from '../../test/support/sample.ts'
import { concludeClean, openUnit, planInput, readPlan, registerPlan, reportFinding } from '../cases/index.ts'
import { loadRules } from '../monitor/index.ts'
import { inspectionReport } from './inspection-report.ts'

const RULES = loadRules()

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(bytes))
}

test('the report of an inspection: figures with interval and base, seed and checkpoint, findings; as PDF and as a workbook', async () => {
  const stage = await openSampleHouse()
  const { premises, services } = stage
  const { db } = premises
  const [lead, officer] = [person(stage, 'lead'), person(stage, 'officer')]
  const input = planInput.parse({ title: '周期检查', from: '2026-11-02', to: '2026-11-02' })
  const { id } = await registerPlan(db, lead, services.jobs, input)
  await drawn(stage, id)
  const { units, draw, number } = await readPlan(db, lead, id)
  for (const [i, { unit }] of units.entries()) {
    await openUnit(db, officer, { plan: id, unit })
    if (i === 0)
      await reportFinding(db, officer, id, {
        unit,
        severity: 'P1',
        rule: 'GUAR-01',
        note: '=1+1 & <承诺>保本',
      })
    else await concludeClean(db, officer, { plan: id, unit }, '')
  }
  const book = await inspectionReport(db, lead, RULES, id, 'xlsx')
  expect(book.number).toBe(number)
  const files = unzipSync(await bytesOf(book.bytes))
  const text = (name: string): string => new TextDecoder().decode(files[name])
  expect(text('xl/workbook.xml')).toContain('发现与整改')
  const cover = text('xl/worksheets/sheet1.xml')
  expect(cover).toContain(draw?.seed ?? 'nothing')
  expect(cover).toContain('95% 置信区间')
  expect(cover).toContain(`主抽样已复核 ${units.length} 个单元`)
  // What somebody wrote is text in every program, never a formula.
  expect(text('xl/worksheets/sheet4.xml')).toContain('=1+1 &amp; &lt;承诺&gt;保本</t>')
  expect(text('xl/worksheets/sheet3.xml').match(/<row /g)).toHaveLength(units.length + 1)
  const pdf = await bytesOf((await inspectionReport(db, lead, RULES, id, 'pdf')).bytes)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.length).toBeGreaterThan(10_000)
  await expect(inspectionReport(db, person(stage, 'adviser'), RULES, id, 'pdf')).rejects.toMatchObject({
    code: 'auth.denied',
  })
})
