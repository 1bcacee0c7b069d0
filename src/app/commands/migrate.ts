import { type Config, type Log, migrate } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import type { Io } from './io.ts'

/** Bring the schema up: the embedded database, or the one DATABASE_URL (DATABASE_OWNER_URL) names. */
export async function migrateCommand(config: Config, log: Log, io: Io): Promise<number> {
  const url = config.databaseOwnerUrl ?? config.databaseUrl
  if (url) {
    const report = await migrate(url)
    io.out(
      report.applied.length === 0
        ? `结构已是最新：${report.version}`
        : `已应用：${report.applied.join('、')}`,
    )
    return 0
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  await premises.close()
  io.out('结构已是最新')
  return 0
}
