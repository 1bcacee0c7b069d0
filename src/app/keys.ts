import { relative } from 'node:path'
import {
  type Config,
  causeOf,
  countKeys,
  KEYS_APPLICATION,
  KEYS_SHREDDED,
  listen,
  repeat,
} from '../base/index.ts'
import type { SystemView } from './contract.ts'
import type { Premises } from './house.ts'

/** A notification may be lost with its connection: look anyway, twice as often as the stated 30 seconds. */
const LOOK_MS = 15_000

/** Forget destroyed keys as soon as the purge has committed, wherever it was done. */
export async function watchKeys({ db, house, appUrl, role }: Premises): Promise<{ stop(): Promise<void> }> {
  const look = (): Promise<void> => house.keys.forgetShredded(db)
  const told = (error: unknown): void =>
    house.log.error({ error: causeOf(error) }, 'destroyed keys could not be looked for')
  const listener = await listen({
    url: appUrl,
    role,
    channel: KEYS_SHREDDED,
    application: `${KEYS_APPLICATION} ${house.keys.masters.marker}`,
    log: house.log,
    away: 'nobody tells of destroyed keys until the database is back; they are looked for every 15 seconds',
    told: () => void look().catch(told),
  })
  const loop = repeat(LOOK_MS, 0, look, told)
  return {
    async stop() {
      await loop.stop()
      await listener.stop()
    },
  }
}

/** Whether whoever takes the data folder takes the key with it. */
export function isKeyBesideData({
  masterKey: { source },
  dataDir,
}: Pick<Config, 'masterKey' | 'dataDir'>): boolean {
  return source.kind === 'file' && !/^\.\.(\/|\\|$)/.test(relative(dataDir, source.file))
}

/** What seals the archive, for the system page: names and counts, no key and no place of one. */
export async function keysView({ db, house, config }: Premises): Promise<SystemView['keys']> {
  const { suite, masters } = house.keys
  const { masters: counted, keys, shredded } = await countKeys(db, house.keys)
  const inForce = counted.find(one => one.master === masters.newest.id)
  return {
    suite,
    master: masters.newest.id,
    since: inForce?.since ?? null,
    source: config.masterKey.source.kind,
    beside: isKeyBesideData(config),
    keys,
    elsewhere: keys - (inForce?.keys ?? 0),
    shredded,
  }
}
