import { acquisition, album } from './acquisition.ts'
import { audit } from './audit.ts'
import { base } from './base.ts'
import { contacts } from './contacts.ts'
import { directory } from './directory.ts'
import type { Endpoint } from './endpoint.ts'
import { groups } from './groups.ts'
import { groupsend } from './groupsend.ts'
import { intercept } from './intercept.ts'
import { media } from './media.ts'
import { messages } from './messages.ts'
import { momentStrategies, moments } from './moments.ts'
import { sso } from './sso.ts'
import { statistics } from './statistics.ts'
import { transfer } from './transfer.ts'
import { customerStrategies, ways } from './ways.ts'

/** Every endpoint of WeCom the product may call, by group. */
export const wecom = {
  base,
  directory,
  contacts,
  groups,
  audit,
  transfer,
  groupsend,
  moments,
  momentStrategies,
  media,
  intercept,
  statistics,
  messages,
  sso,
  ways,
  customerStrategies,
  album,
  acquisition,
} as const

/** The table: no outgoing call is made that is not in it, beside those of Tencent's archive library. */
export const ENDPOINTS: readonly Endpoint[] = Object.values(wecom).flatMap(group =>
  Object.values(group as Record<string, Endpoint>),
)
