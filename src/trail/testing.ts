import { createSecretKey, randomBytes } from 'node:crypto'
import { createLog, type Db, type House, KeyRing, openDb } from '../base/index.ts'

/** For tests: an institution with keys of its own on a fresh database. */
export async function openTestHouse(
  appUrl: string,
  options: { demo?: boolean } = {},
): Promise<{ db: Db; house: House; close(): Promise<void> }> {
  const opened = openDb(appUrl, { max: 4, application: 'test' })
  const house: House = {
    corp: 1,
    corpid: 'wwtest',
    name: '海棠银行',
    zone: 'Asia/Shanghai',
    demo: options.demo ?? false,
    keys: new KeyRing(1, createSecretKey(randomBytes(32))),
    log: createLog('silent'),
  }
  // As at every start: the own key stands before the first transaction that might roll it back.
  await house.keys.own(opened.db)
  return { db: opened.db, house, close: opened.close }
}
