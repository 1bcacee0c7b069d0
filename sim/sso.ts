import { createHash } from 'node:crypto'
import type { Ground } from './ground.ts'

const CODE_LIFE = 5 * 60_000
const TICKET_LIFE = 1800_000

/** Who is at the phone: an employee, or somebody from outside. */
type Visitor = { userid: string } | { openid: string; external_userid: string }
export type Sso = {
  /** Everybody who opens the authorize page from now on is this one; undefined shows the page that asks. */
  signedIn: Visitor | undefined
  code(visitor: Visitor, scope: string): string
  /** 40029 unknown or older than five minutes, 42022 used before. */
  redeem(code: string): { visitor: Visitor; ticket: string } | number
  ticket(ticket: string): string | undefined
}

export function createSso(ground: Ground): Sso {
  const codes = new Map<string, { visitor: Visitor; at: number; used: boolean; scope: string }>()
  const tickets = new Map<string, { userid: string; at: number }>()
  return {
    signedIn: undefined,
    code: (visitor, scope) => {
      const code = ground.rng.id(43)
      codes.set(code, { visitor, at: ground.now(), used: false, scope })
      return code
    },
    redeem: code => {
      const found = codes.get(code)
      if (!found) return 40029
      if (found.used) return 42022
      if (ground.now() - found.at >= CODE_LIFE) return 40029
      found.used = true
      const { visitor } = found
      if (found.scope !== 'snsapi_privateinfo' || !('userid' in visitor)) return { visitor, ticket: '' }
      const ticket = createHash('sha256').update(`ticket/${code}`).digest('base64url')
      tickets.set(ticket, { userid: visitor.userid, at: ground.now() })
      return { visitor, ticket }
    },
    ticket: ticket => {
      const found = tickets.get(ticket)
      return found && ground.now() - found.at < TICKET_LIFE ? found.userid : undefined
    },
  }
}
