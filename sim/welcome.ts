import { type Content, payloads } from './attachments.ts'
import type { TempFiles } from './files.ts'
import { type Ground, seconds } from './ground.ts'

/** wecom-api.md §2.3: 20 s, once. */
const LIFE = 20_000

export type Welcomes = {
  /** A code for the callback. */
  issue(userid: string, external: string): string
  /** Sends, or says why not. */
  send(code: string, said: Content): number | undefined
  /** The codes that were used, for the page: who welcomed whom, when (seconds). */
  sent(): readonly { userid: string; external: string; at: number }[]
}

export function createWelcomes(ground: Ground, files: TempFiles): Welcomes {
  const codes = new Map<string, { userid: string; external: string; at: number; used: boolean }>()
  const sent: { userid: string; external: string; at: number }[] = []
  return {
    issue: (userid, external) => {
      const code = ground.rng.id(43)
      codes.set(code, { userid, external, at: ground.now(), used: false })
      return code
    },
    send: (code, said) => {
      const found = codes.get(code)
      if (!found || ground.now() - found.at >= LIFE) return 41050
      if (found.used) return 41096
      if (haveTalked(ground, found)) return 41051
      found.used = true
      const { userid, external } = found
      sent.push({ userid, external, at: seconds(ground.now()) })
      for (const payload of payloads(said, files, ground))
        ground.say({ from: userid, tolist: [external], roomid: '', ...payload })
      return undefined
    },
    sent: () => sent,
  }
}

/** Whether either spoke to the other since the code was given out. */
function haveTalked(ground: Ground, one: { userid: string; external: string; at: number }): boolean {
  const pair = [one.userid, one.external]
  return ground.archive.latest(200).some(({ at, message }) => {
    const { from = '', tolist = [], roomid = '', msgtype = '' } = message
    if (at < one.at || roomid !== '' || /agree$/.test(msgtype)) return false
    return pair.includes(from) && tolist.some(id => pair.includes(id))
  })
}
