import { type Access, createAccess, createIpGate, type IpGate } from './access.ts'
import { type AppMessages, createAppMessages } from './app-messages.ts'
import { type CustomerActs, createCustomerActs } from './customers.ts'
import { createFiles, type TempFiles } from './files.ts'
import type { Ground } from './ground.ts'
import { createGroupSends, type GroupSends } from './group-sends.ts'
import { createGroupActs, type GroupActs } from './groups.ts'
import { createIntercepts, type Intercepts } from './intercepts.ts'
import type { Stored } from './message.ts'
import { createMoments, type Moments } from './moments.ts'
import { createReach, type Reach } from './reach.ts'
import { createResigned, type Resigned } from './resigned.ts'
import { createSso, type Sso } from './sso.ts'
import { createStaffActs, type StaffActs } from './staff.ts'
import { createTags, type Tags } from './tags.ts'
import { createTransfers, type Transfers } from './transfers.ts'
import { createWelcomes, type Welcomes } from './welcome.ts'

/** What the application's endpoints keep, and what people do about it. */
export type Office = {
  ground: Ground
  agentid: number
  access: Access
  files: TempFiles
  tags: Tags
  welcomes: Welcomes
  resigned: Resigned
  transfers: Transfers
  groupSends: GroupSends
  moments: Moments
  intercepts: Intercepts
  appMessages: AppMessages
  sso: Sso
  reach: Reach
}
/** What a person can do in this world; every change tells the callback that WeCom would send (wecom-api.md §2.3). */
export type Acts = CustomerActs &
  StaffActs &
  GroupActs & {
    ip: IpGate
    office: Office
    clickCard: AppMessages['click']
    confirmSend: GroupSends['confirm']
    personalSend: GroupSends['personal']
    setSendCap: GroupSends['setCap']
    publishMoment: Moments['publish']
    personalMoment: Moments['personal']
    refuseTransfer: Transfers['refuse']
    /** A member types and taps send; undefined when an intercept rule blocks it: then nobody ever hears of it. */
    speak(from: string, to: { external?: string; chatId?: string }, text: string): Stored | undefined
  }

/** The application's own number; callbacks and messages name it. */
export const AGENTID = 1_000_002

export function createOffice(ground: Ground): Acts {
  const access = createAccess()
  const files = createFiles(ground)
  const welcomes = createWelcomes(ground, files)
  const resigned = createResigned(ground)
  const transfers = createTransfers(ground, access, resigned)
  const groupSends = createGroupSends(ground, files)
  const moments = createMoments(ground)
  const intercepts = createIntercepts(ground)
  const appMessages = createAppMessages(ground, AGENTID)
  const reach = createReach(ground)
  const [tags, sso] = [createTags(ground), createSso(ground)]
  const kept = {
    access,
    files,
    tags,
    welcomes,
    resigned,
    transfers,
    groupSends,
    moments,
    intercepts,
    appMessages,
    sso,
    reach,
  }
  return {
    ...createCustomerActs(ground, welcomes),
    ...createStaffActs(ground, resigned),
    ...createGroupActs(ground, reach),
    ip: createIpGate(),
    office: { ground, agentid: AGENTID, ...kept },
    clickCard: appMessages.click,
    confirmSend: groupSends.confirm,
    personalSend: groupSends.personal,
    setSendCap: groupSends.setCap,
    publishMoment: moments.publish,
    personalMoment: moments.personal,
    refuseTransfer: transfers.refuse,
    speak: (from, { external, chatId }, text) => {
      if (intercepts.blocks(from, text)) return undefined
      const room = chatId ? ground.people.room.get(chatId) : undefined
      const others = room?.members.map(one => one.id).filter(id => id !== from)
      const tolist = others ?? (external ? [external] : [])
      return ground.say({ from, tolist, roomid: room?.id ?? '', msgtype: 'text', text: { content: text } })
    },
  }
}
