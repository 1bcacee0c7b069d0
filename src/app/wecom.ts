import { setTimeout as wait } from 'node:timers/promises'
import type { WecomConfig } from '../base/index.ts'
import {
  createWecomClient,
  type WecomCards,
  type WecomDirectory,
  type WecomOutreach,
  wecomCards,
  wecomDirectory,
  wecomOutreach,
} from '../wecom/index.ts'

/** All that is asked of WeCom over HTTP, on one client: its tokens and its count against WeCom's limits are shared. */
export type Wecom = {
  directory: WecomDirectory
  outreach: WecomOutreach
  /** Cards to colleagues; undefined without WECOM_AGENTID. */
  cards: WecomCards | undefined
}

/** What a command is willing to wait; a server takes the client's own patience. */
export type Patience = { timeoutMs?: number; backoffMs?: number[] }

const known = new WeakMap<WecomConfig, Wecom>()

/** WeCom as this process sees it, through the proxy where one is set: the same for everybody with these settings. */
export function wecomOf(config: WecomConfig): Wecom {
  const found = known.get(config)
  if (found) return found
  const made = openWecom(config)
  known.set(config, made)
  return made
}

/** A line of its own, for whoever cannot wait as long as a server does. */
export function openWecom(config: WecomConfig, patience: Patience = {}): Wecom {
  const { apiBase, corpid, proxy, archiveSecret, contactSecret } = config
  const client = createWecomClient({ apiBase, corpid, proxy, wait: ms => wait(ms), ...patience })
  const secrets = { archive: archiveSecret, contact: contactSecret }
  const cards = config.agentid === undefined ? undefined : wecomCards(client, secrets, config.agentid)
  return { directory: wecomDirectory(client, secrets), outreach: wecomOutreach(client, secrets), cards }
}
