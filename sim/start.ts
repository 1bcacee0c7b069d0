import type { AddressInfo } from 'node:net'
import { tellNotices } from './notices.ts'
import { createServer, type ServerOptions } from './server.ts'
import type { Tokens } from './tokens.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

export type SimOptions = WorldOptions &
  ServerOptions & {
    /** 0, the default, takes a free one. */
    port?: number
    /** Messages of history; 0, the default, starts empty. */
    day?: number
    /** The notice about archiving that most customers were told before the day; absent: nobody was. */
    notice?: string
    /** Messages a minute from the start; 0, the default, is silent. */
    live?: number
  }

export type Sim = { url: string; world: World; tokens: Tokens; close(): Promise<void> }

/** A whole WeCom on 127.0.0.1, in this process. */
export async function startSim(options: SimOptions): Promise<Sim> {
  const world = createWorld(options)
  const { app, tokens } = createServer(world, options)
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  const { port } = app.server.address() as AddressInfo
  if (options.notice) tellNotices(world, options.seed, options.notice)
  if (options.day) world.simulateDay({ messages: options.day })
  if (options.live) world.live({ perMinute: options.live })
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    tokens,
    close: async () => {
      world.close()
      await app.close()
    },
  }
}
