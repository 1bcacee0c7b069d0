import type { Config } from '../base/index.ts'
import { openHooks, openMail, type Ways } from '../cases/index.ts'
import { wecomOf } from './wecom.ts'

/** The ways out to people that are set up here. */
export function openWays(config: Config): Ways & { close(): Promise<void> } {
  const { wecom, smtp, webhookHosts } = config
  const cards = wecom && wecomOf(wecom).cards
  const mail = smtp && openMail(smtp)
  const hooks = webhookHosts.length > 0 ? openHooks(webhookHosts, config.webhookProxy) : undefined
  return {
    cards,
    whyNoCards: cards ? null : wecom ? 'no_agent' : 'no_wecom',
    callback: wecom?.callback !== undefined,
    mail,
    hooks,
    home: config.home,
    async close() {
      await mail?.close()
      await hooks?.close()
    },
  }
}
