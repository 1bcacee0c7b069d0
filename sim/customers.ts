import { type Ground, happen, seconds } from './ground.ts'
import { GIVEN_F, SURNAMES } from './names.ts'
import type { Contact, Follow } from './people.ts'
import type { Welcomes } from './welcome.ts'

type AddOptions = {
  state?: string
  addWay?: number
  /** 免验证: the employee's side is not complete yet. */
  half?: boolean
  /** They chat already, or the administrator welcomes for everybody: no code. */
  noWelcome?: boolean
}
export type CustomerActs = {
  /** A person of WeChat nobody has met yet. */
  newContact(name?: string): string
  /** Employee and outside person become friends; an id nobody has is a new person's. The code, when there is one. */
  addContact(userid: string, external: string, options?: AddOptions): { welcomeCode?: string } | undefined
  /** The member changes remark or tags. */
  editContact(
    userid: string,
    external: string,
    change: Partial<Pick<Follow, 'remark' | 'description' | 'tags'>>,
  ): boolean
  /** The employee deletes the customer. */
  deleteContact(userid: string, external: string, source?: string): boolean
  /** The customer deletes the employee. */
  deleteFollow(userid: string, external: string): boolean
  /** The customer agrees to the archive: a message in it and, for once, a code to answer with. */
  agree(userid: string, external: string): { welcomeCode: string } | undefined
  disagree(userid: string, external: string): boolean
  /** Who deleted whom, for the statistics; seconds. */
  deletions(): readonly { userid: string; external: string; at: number }[]
}

type Change =
  | 'add_external_contact'
  | 'add_half_external_contact'
  | 'edit_external_contact'
  | 'del_external_contact'
  | 'del_follow_user'
  | 'msg_audit_approved'

export function createCustomerActs(ground: Ground, welcomes: Welcomes): CustomerActs {
  const { people } = ground
  const deletions: { userid: string; external: string; at: number }[] = []
  const tell = (change: Change, userid: string, external: string, more: Record<string, unknown> = {}): void =>
    happen(ground, `change_external_contact.${change}`, { UserID: userid, ExternalUserID: external, ...more })
  const followOf = (userid: string, external: string): Follow | undefined =>
    people.contact.get(external)?.follows.find(one => one.userid === userid)
  const drop = (userid: string, external: string): Follow | undefined => {
    const follows = people.contact.get(external)?.follows ?? []
    const index = follows.findIndex(one => one.userid === userid)
    return index < 0 ? undefined : follows.splice(index, 1)[0]
  }
  const answer = (userid: string, external: string, msgtype: 'agree' | 'disagree'): boolean => {
    if (!followOf(userid, external)) return false
    const at = ground.now()
    const payload = { [msgtype]: { userid: external, [`${msgtype}_time`]: at } }
    ground.say({ from: external, tolist: [userid], roomid: '', msgtype, ...payload })
    return true
  }
  return {
    newContact: name => createStranger(ground, `wmcJ7kDQAA${ground.rng.id(22)}`, name).id,
    addContact: (userid, external, options = {}) => {
      const employee = people.employee.get(userid)
      if (!employee?.adviser || followOf(userid, external)) return undefined
      const contact = people.contact.get(external) ?? createStranger(ground, external)
      contact.follows.push(newFollow(ground, userid, contact, options))
      const WelcomeCode = options.noWelcome ? undefined : welcomes.issue(userid, external)
      const change = options.half ? 'add_half_external_contact' : 'add_external_contact'
      const State = options.state
      tell(change, userid, external, { ...(State ? { State } : {}), ...(WelcomeCode ? { WelcomeCode } : {}) })
      return WelcomeCode ? { welcomeCode: WelcomeCode } : {}
    },
    editContact: (userid, external, change) => {
      const follow = followOf(userid, external)
      if (!follow) return false
      Object.assign(follow, change)
      tell('edit_external_contact', userid, external, follow.state ? { State: follow.state } : {})
      return true
    },
    deleteContact: (userid, external, source) => {
      if (!drop(userid, external)) return false
      tell('del_external_contact', userid, external, source ? { Source: source } : {})
      return true
    },
    deleteFollow: (userid, external) => {
      if (!drop(userid, external)) return false
      deletions.push({ userid, external, at: seconds(ground.now()) })
      tell('del_follow_user', userid, external)
      return true
    },
    agree: (userid, external) => {
      if (!answer(userid, external, 'agree')) return undefined
      const welcomeCode = welcomes.issue(userid, external)
      tell('msg_audit_approved', userid, external, { WelcomeCode: welcomeCode })
      return { welcomeCode }
    },
    disagree: (userid, external) => answer(userid, external, 'disagree'),
    deletions: () => deletions,
  }
}

function createStranger(ground: Ground, id: string, name?: string): Contact {
  const { rng, people } = ground
  const surname = rng.pick(SURNAMES)
  const realName = name ?? surname + rng.pick(GIVEN_F)
  const contact: Contact = {
    id,
    name: realName,
    surname,
    realName,
    gender: 'f',
    age: rng.int(24, 66),
    style: 'plain',
    type: id.startsWith('wo') ? 2 : 1,
    follows: [],
  }
  people.contacts.push(contact)
  people.contact.set(id, contact)
  return contact
}

function newFollow(ground: Ground, userid: string, contact: Contact, options: AddOptions): Follow {
  const createtime = seconds(ground.now())
  return {
    userid,
    remark: contact.realName,
    createtime,
    addWay: options.addWay ?? 1,
    tags: [],
    consent: 'Default_Agree',
    consentAt: createtime,
    ...(options.state ? { state: options.state } : {}),
  }
}
