import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import type { TestPremises } from '../../../test/support/premises.ts'
import { createLog, loadConfig } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import { startServices } from '../services.ts'
import { ledgerCommand } from './ledger.ts'
import { verifyCommand } from './verify.ts'

const log = createLog('silent')

function institution() {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-epoch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return (database: FreshDatabase) =>
    loadConfig({
      TONGJIAN_DATA: folder,
      DATABASE_URL: database.appUrl,
      DATABASE_OWNER_URL: database.ownerUrl,
      LOG_LEVEL: 'silent',
    })
}
type Of = ReturnType<ReturnType<typeof institution>>

/** Messages that come in, as they do while a server runs. */
async function capture(config: Of, ...texts: string[]): Promise<void> {
  const premises = await openPremises(config, log, { mode: 'command' })
  const services = await startServices(premises, { capture: false })
  try {
    await archiveAll(
      premises as TestPremises,
      services,
      texts.map(text => textMessage(text)),
    )
  } finally {
    await services.stop()
    await premises.close()
  }
}

/** A copy of a database as it is now, which is what a backup holds. */
async function backup(database: FreshDatabase): Promise<FreshDatabase> {
  const copy = await freshDatabase()
  onTestFinished(() => copy.drop())
  const client = new Client({ connectionString: database.ownerUrl.replace(database.name, 'postgres') })
  await client.connect()
  await client.query(`DROP DATABASE ${copy.name}`)
  // Pools close their connections after they say they have.
  for (let tries = 0; ; tries++) {
    const done = await client
      .query(`CREATE DATABASE ${copy.name} TEMPLATE ${database.name}`)
      .catch((error: Error) => error)
    if (!(done instanceof Error)) break
    if (tries === 100) throw done
    await wait(50)
  }
  await client.end()
  return copy
}

async function run(command: typeof ledgerCommand | typeof verifyCommand, config: Of, ...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) }
  const code =
    command === verifyCommand
      ? await verifyCommand(config, log, io, { json: args.includes('--json'), resume: false })
      : await ledgerCommand(config, log, io, args)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('backed up, sealed on, restored: refused, told, an epoch opened, capture goes on, and verify explains the seam', async () => {
  const of = institution()
  const database = await freshDatabase()
  onTestFinished(() => database.drop())
  const config = of(database)
  await capture(config, '一', '二', '三')
  const kept = await backup(database)
  await capture(config, '四', '五')
  expect((await run(verifyCommand, config)).code).toBe(0)
  expect(await run(ledgerCommand, config, 'epoch')).toMatchObject({ code: 0, err: '' })

  const restored = of(kept)
  // What comes in meanwhile waits in order.
  await expect(capture(restored, '六')).rejects.toMatchObject({ code: 'ledger.fork' })
  expect((await run(verifyCommand, restored)).out).toContain('校验未通过')
  const dry = await run(ledgerCommand, restored, 'epoch')
  expect(dry.code).toBe(1)
  expect(dry.out).toContain('archive：库外检查点 5 条，数据库 3 条，落后 2 条（#3–#4）')
  expect(dry.out).toContain('待入链 1 条')
  expect(await run(ledgerCommand, restored, 'epoch', '--open')).toMatchObject({ code: 2 })
  expect(await run(ledgerCommand, restored, 'epoch', '--open', '--reason', ' ')).toMatchObject({ code: 2 })
  const opened = await run(ledgerCommand, restored, 'epoch', '--open', '--reason', '磁盘损坏')
  expect(opened).toMatchObject({ code: 0, err: '' })
  await capture(restored, '七')
  const verdict = await run(verifyCommand, restored)
  expect(verdict.out).toContain('校验通过：5 条消息')
  expect(verdict.out).toMatch(
    /archive 第 1 纪元自 #5 起：.+ 由 shell:.+ 开启，理由“磁盘损坏”.+#3–#4 共 2 条只剩哈希/,
  )
  expect(verdict.out).toContain('trail 第 1 纪元')
  expect(verdict.code).toBe(0)
  const { epochs } = JSON.parse((await run(verifyCommand, restored, '--json')).out) as { epochs: string[] }
  expect(epochs).toHaveLength(2)
  expect((await run(ledgerCommand, restored, 'epoch')).code).toBe(0)
})
