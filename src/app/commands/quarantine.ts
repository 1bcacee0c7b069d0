import type { Config, Log } from '../../base/index.ts'
import { countQuarantine, retryQuarantine } from '../../capture/index.ts'
import { authorise } from '../../people/index.ts'
import { openArchiveSource } from '../../wecom/index.ts'
import { openPremises } from '../house.ts'
import { startServices } from '../services.ts'
import { type Io, shellUser } from './io.ts'

/** `quarantine retry`: after a private key was added, archive what had to wait for it. */
export async function quarantineCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  if (args[0] !== 'retry' || !config.wecom) {
    io.err(config.wecom ? '用法：quarantine retry' : '未配置 WECOM_*，没有私钥可用')
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  const services = await startServices(premises, { capture: false })
  const source = openArchiveSource(config.wecom)
  try {
    const actor = shellUser(premises.house)
    authorise(actor, 'archive.import')
    const { tried, opened } = await retryQuarantine(premises.db, actor, services.jobs, source)
    const left = await countQuarantine(premises.db, premises.house)
    io.out(`重试 ${tried} 条，归档 ${opened} 条；隔离区还有 ${left} 条`)
    return 0
  } finally {
    await source.close()
    await services.stop()
    await premises.close()
  }
}
