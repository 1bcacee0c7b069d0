import { beforeAll, expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { filePremises, type TestPremises } from '../../../test/support/premises.ts'
import { startServices } from '../../app/index.ts'
import { type Actor, inTransaction, newId, shellActor, sql } from '../../base/index.ts'
import { list } from '../../trail/index.ts'
import { type ExportAsk, exportAsk } from '../contract.ts'
import { askExport, downloadExport, exportState } from './export.ts'
import { deleteSaved, recentSearches, remember, runSaved, savedSearches, saveSearch } from './saved.ts'

let premises: TestPremises
const RULES = () => [{ id: 'TEST-07', name: '测试用规则' }]

beforeAll(async () => {
  premises = await filePremises()
  const services = await startServices(premises, { capture: false })
  const texts = Array.from({ length: 450 }, (_, n) => textMessage(`第 ${n} 条，季度报告已发`))
  const done = await archiveAll(premises, services, [
    ...texts,
    textMessage('=HYPERLINK("x"),季度报告\n"引号"'),
  ])
  const first = done.archived[0]
  await sql`INSERT INTO message_mark (corp_id, conv_id, sent_at, src_msgid, kind, value, marked_by, marked_at)
    SELECT 1, conv_id, sent_at, src_msgid, 'rule', 'TEST-07', 'test', now() FROM message WHERE src_msgid = ${first?.incoming.normal.msgid}`.execute(
    premises.owner,
  )
  await services.stop()
})

const shell = (): Actor => shellActor(premises.house, 'test')
const person = (role: string, name = role): Actor => ({
  ...shell(),
  kind: 'person',
  name,
  role,
  accountId: newId(),
})
const asked = (fields: Partial<ExportAsk> = {}): ExportAsk =>
  exportAsk.parse({ query: { q: '季度报告' }, format: 'csv', reason: '配合内部审计抽样', ...fields })

async function fileOf(actor: Actor, input: ExportAsk): Promise<{ id: string; text: string }> {
  const { id } = await askExport(premises.db, actor, input, RULES)
  const { bytes } = await downloadExport(premises.db, actor, id, RULES)
  return { id, text: Buffer.concat(await Array.fromAsync(bytes)).toString('utf8') }
}

test('a CSV says who, when and why at its head, holds every match, and says at its end that it is whole', async () => {
  const { id, text } = await fileOf(shell(), asked())
  const lines = text.trimEnd().split('\r\n')
  expect(lines[0]).toMatch(
    /^\uFEFF通鉴检索导出 .*导出人 shell:test .*理由：配合内部审计抽样 .*条件：季度报告 .*已脱敏/,
  )
  expect(lines.at(-1)).toBe('共 451 条，文件完整')
  expect(lines).toHaveLength(454)
  expect(text).toContain(`"'=HYPERLINK(""x""),季度报告\n""引号"""`)
  expect(text).toContain('TEST-07,测试用规则')
  expect(text).toContain('客户·')
  expect(await exportState(premises.db, shell(), id)).toMatchObject({ state: 'done', written: 451 })
})

test('JSON lines carry the same, and the trail has the reason before and the digest after', async () => {
  const { id, text } = await fileOf(shell(), asked({ format: 'jsonl' }))
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  expect(lines[0]).toMatchObject({
    export: { by: 'shell:test', reason: '配合内部审计抽样', names: 'masked' },
  })
  expect(lines.at(-1)).toMatchObject({ end: { rows: 451, complete: true } })
  expect(lines.slice(1, -1).map(line => line.number)).toEqual(Array.from({ length: 451 }, (_, i) => i + 1))
  const entries = (await list(premises.db, shell(), { limit: 20 })).items.filter(
    entry => entry.thingId === id,
  )
  expect(entries.map(entry => entry.verb).sort()).toEqual(['archive.export_asked', 'archive.exported'])
  const detail = Object.fromEntries(entries.map(entry => [entry.verb, entry.detail]))
  expect(detail['archive.export_asked']).toMatchObject({ reason: '配合内部审计抽样', query: '季度报告' })
  expect(detail['archive.exported']).toMatchObject({
    rows: 451,
    complete: true,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('a download works once, for its asker alone; a query not understood or a right not held is refused at once', async () => {
  const { db } = premises
  const { id } = await fileOf(shell(), asked())
  await expect(downloadExport(db, shell(), id, RULES)).rejects.toMatchObject({ code: 'thing.missing' })
  const other = await askExport(db, shell(), asked(), RULES)
  await expect(downloadExport(db, person('lead'), other.id, RULES)).rejects.toMatchObject({
    code: 'thing.missing',
  })
  await expect(askExport(db, person('officer'), asked(), RULES)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(askExport(db, person('auditor'), asked({ clearNames: true }), RULES)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(askExport(db, shell(), asked({ query: { q: '"x' } }), RULES)).rejects.toMatchObject({
    code: 'query.invalid',
  })
  expect(() => asked({ reason: ' 无 ' })).toThrow()
})

test('a browser that goes away leaves a broken export, not a whole one', async () => {
  const { db } = premises
  const { id } = await askExport(db, shell(), asked(), RULES)
  const { bytes } = await downloadExport(db, shell(), id, RULES)
  await bytes.next()
  await bytes.next()
  await bytes.return(undefined)
  expect(await exportState(db, shell(), id)).toMatchObject({ state: 'broken' })
  const [entry] = (await list(db, shell(), { verb: 'archive.exported', limit: 1 })).items
  expect(entry?.detail).toMatchObject({ complete: false })
})

test('saved searches: mine and the team’s, run again, deleted and taken back; sealed in the table', async () => {
  const { db } = premises
  const [lead, officer] = [person('lead'), person('officer')]
  const own = await saveSearch(db, lead, { name: '保本承诺', shared: false, fields: { q: '保本 或 保息' } })
  const team = await saveSearch(db, lead, {
    name: '私下转账',
    shared: true,
    fields: { q: '转我 卡', staff: 'linyue' },
  })
  expect((await savedSearches(db, lead)).map(s => s.name).sort()).toEqual(['保本承诺', '私下转账'])
  expect(await savedSearches(db, officer)).toMatchObject([
    { name: '私下转账', mine: false, owner: 'lead', fields: { staff: 'linyue' } },
  ])
  await runSaved(db, officer, team.id)
  expect((await savedSearches(db, officer))[0]?.runAt).toBeGreaterThan(0)
  await expect(deleteSaved(db, officer, team.id, true)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(runSaved(db, officer, own.id)).rejects.toMatchObject({ code: 'thing.missing' })
  await deleteSaved(db, lead, own.id, true)
  expect(await savedSearches(db, lead)).toHaveLength(1)
  await deleteSaved(db, lead, own.id, false)
  expect(await savedSearches(db, lead)).toHaveLength(2)
  const { rows } = await sql<{ sealed: Buffer }>`SELECT sealed FROM saved_search`.execute(db)
  for (const row of rows) expect(row.sealed.toString('utf8')).not.toMatch(/保本|转账|linyue/)
})

test('recent searches: the last twelve of oneself, the same again once and first', async () => {
  const { db } = premises
  const officer = person('officer')
  for (let n = 0; n < 14; n += 1) await inTransaction(db, tx => remember(tx, officer, { q: `词${n}` }))
  await remember(db, officer, { q: '词5' })
  const recent = await recentSearches(db, officer)
  expect(recent).toHaveLength(12)
  expect(recent[0]?.fields).toEqual({ q: '词5' })
  expect(recent.filter(one => one.fields.q === '词5')).toHaveLength(1)
  expect(await recentSearches(db, person('officer'))).toEqual([])
})
