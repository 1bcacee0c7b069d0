import type { Office } from './office.ts'
import type { Contact } from './people.ts'
import type { SendOrder } from './routes-send.ts'

type Parts = { userid: string; targets: string[] }[]
type Targets = { parts: Parts; fail_list: string[] }

/** Which member is to send to whom, and to whom nobody can (fail_list); or the errcode. */
export function targetsOf(office: Office, order: SendOrder): Targets | number {
  const { people } = office.ground
  const { sender, chat_type } = order
  if (sender) {
    const employee = people.employee.get(sender)
    if (!employee) return 60111
    if (office.access.hidden.has(sender)) return 50002
    if (!employee.adviser) return 84074
  }
  return chat_type === 'group' ? groupTargets(office, order) : singleTargets(office, order)
}

function groupTargets(office: Office, { sender, chat_id_list }: SendOrder): Targets | number {
  if (!sender) return 40063
  const own = office.ground.people.rooms
    .filter(one => one.external && one.owner === sender)
    .map(one => one.id)
  const asked = chat_id_list.length > 0 ? chat_id_list : own
  const targets = asked.filter(id => own.includes(id))
  const parts = targets.length > 0 ? [{ userid: sender, targets }] : []
  return { parts, fail_list: asked.filter(id => !own.includes(id)) }
}

function singleTargets(office: Office, order: SendOrder): Targets | number {
  const { people } = office.ground
  const { sender, external_userid, tag_filter } = order
  if (!sender && external_userid.length === 0) return 40063
  const tags = tag_filter?.group_list.map(group => group.tag_list.map(id => office.tags.byId(id)?.tag.name))
  if (tags?.some(group => group.includes(undefined))) return 40068
  const wanted = (contact: Contact, userid: string): boolean => {
    const held = contact.follows.find(one => one.userid === userid)?.tags ?? []
    return tags?.every(group => group.some(tag => tag !== undefined && held.includes(tag))) ?? true
  }
  if (sender && external_userid.length === 0) {
    const own = people.contacts.filter(
      one => one.follows.some(f => f.userid === sender) && wanted(one, sender),
    )
    return {
      parts: own.length > 0 ? [{ userid: sender, targets: own.map(one => one.id) }] : [],
      fail_list: [],
    }
  }
  const parts = new Map<string, string[]>()
  const fail_list: string[] = []
  for (const id of external_userid) {
    const contact = people.contact.get(id)
    const userid = contact && senderFor(office, contact, sender)
    if (!contact || !userid || !wanted(contact, userid)) fail_list.push(id)
    else parts.set(userid, [...(parts.get(userid) ?? []), id])
  }
  return { parts: [...parts].map(([userid, targets]) => ({ userid, targets })), fail_list }
}

/** The named member if they are friends; otherwise who wrote with the customer last (wecom-api.md §5.1). */
function senderFor(office: Office, contact: Contact, sender: string | undefined): string | undefined {
  const visible = contact.follows.map(one => one.userid).filter(id => !office.access.hidden.has(id))
  if (sender) return visible.find(id => id === sender)
  if (visible.length < 2) return visible[0]
  const last = office.ground.archive.all().findLast(({ message }) => {
    const parties = [message.from ?? '', ...(message.tolist ?? [])]
    return message.roomid === '' && parties.includes(contact.id) && visible.some(id => parties.includes(id))
  })
  const parties = [last?.message.from ?? '', ...(last?.message.tolist ?? [])]
  return visible.find(id => parties.includes(id)) ?? visible[0]
}
