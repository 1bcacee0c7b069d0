import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ended, openClass, purgeAll } from '../../test/support/keep.ts'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { shellActor, sql } from '../base/index.ts'
import { importFile } from './index.ts'

const OLD = Date.UTC(2005, 2, 10, 2)
const CUSTOMER = 'wmLongGone0000000000000000000000'

test('messages of a destroyed month stop no batch: what was known changes nothing, what is new waits in quarantine', async () => {
  const premises = await testPremises()
  const services = await testServices(premises)
  const told = textMessage('2005 年的旧事', { msgid: 'told', msgtime: OLD, tolist: [CUSTOMER] })
  const done = await archiveAll(premises, services, [told])
  const conv = done.archived[0]?.conv ?? ''
  await openClass(premises)
  await ended(premises, conv, '2006-01-01')
  expect((await purgeAll(premises, services, conv)).view?.state).toBe('done')

  const late = textMessage('迟到的一句', { msgid: 'late', msgtime: OLD + 60_000, tolist: [CUSTOMER] })
  const other = textMessage('今天的话', { msgid: 'today' })
  const file = join(premises.folder, 'again.jsonl')
  writeFileSync(file, [told, late, other].map(message => JSON.stringify(message)).join('\n'))
  const rejected: string[] = []
  const report = await importFile(premises.db, shellActor(premises.house, 'test'), services.jobs, file, {
    rejected: (_, line, reason) => void rejected.push(`${line} ${reason}`),
    conflict: () => undefined,
    batch: () => undefined,
    progress: () => undefined,
  })
  expect(report).toEqual({ read: 3, archived: 1, duplicate: 1, conflict: 0, rejected: 1 })
  expect(rejected).toEqual(['2 destroyed_month'])
  const { rows } = await sql<{ reason: string; msgid: string }>`
    SELECT reason, src_msgid AS msgid FROM quarantine`.execute(premises.db)
  expect(rows).toEqual([{ reason: 'destroyed_month', msgid: 'late' }])
})
