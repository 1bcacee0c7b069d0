import type { Config, Log } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import { startServer } from '../serve.ts'
import { startServices } from '../services.ts'
import type { Io } from './io.ts'

/** The server, with its workers, until it is told to stop. */
export async function serveCommand(config: Config, log: Log, io: Io): Promise<number> {
  // Listened for from the first moment: told to stop while starting, it finishes starting and stops in order.
  const told = untilTold()
  const premises = await openPremises(config, log, { mode: 'server' })
  try {
    const services = await startServices(premises, { capture: true })
    const server = await startServer(premises, services)
    io.out(`通鉴已启动 ${server.url}`)
    if (!config.wecom) io.err('未配置 WECOM_*：不采集，只提供已归档内容。设置见 .env.example')
    await told
    io.err('正在停止 …')
    await server.close()
    await services.stop()
    return 0
  } finally {
    await premises.close()
  }
}

/** A worker without the server: for a second machine on the same DATABASE_URL, or beside the embedded server. */
export async function workCommand(config: Config, log: Log, io: Io): Promise<number> {
  const told = untilTold()
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const services = await startServices(premises, { capture: true })
    io.out('后台处理已启动')
    await told
    await services.stop()
    return 0
  } finally {
    await premises.close()
  }
}

function untilTold(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
