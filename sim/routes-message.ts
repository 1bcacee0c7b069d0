import { z } from 'zod'
import { type Card, card } from './cards.ts'
import { bytes, chars, checked, ids, post } from './checked.ts'
import type { Office } from './office.ts'
import { taggedMembers } from './routes-directory.ts'
import type { Route } from './server.ts'

const media = z.object({ media_id: z.string('40007').min(1, '40007') })
const article = z.object({
  title: bytes(128).min(1),
  description: bytes(512).optional(),
  url: bytes(2048).optional(),
  picurl: z.string().optional(),
})
const payloads = {
  // Longer text is cut, not refused.
  text: z.object({ content: z.string().min(1, '40063') }),
  markdown: z.object({ content: bytes(2048).min(1, '40063') }),
  textcard: z.object({
    title: bytes(128).min(1, '40063'),
    description: bytes(512).min(1, '40063'),
    url: bytes(2048).min(1, '40063'),
    btntxt: chars(4).optional(),
  }),
  image: media,
  voice: media,
  video: media.extend({ title: bytes(128).optional(), description: bytes(512).optional() }),
  file: media,
  news: z.object({ articles: z.array(article).min(1, '40063').max(8) }),
  template_card: card,
} as const
type Kind = keyof typeof payloads

const sending = z.looseObject({
  touser: z.string().default(''),
  toparty: z.string().default(''),
  totag: z.string().default(''),
  msgtype: z.string(),
  agentid: z.number().int(),
  safe: z.number().int().min(0).max(2).optional(),
  enable_id_trans: z.number().int().min(0).max(1).optional(),
  enable_duplicate_check: z.number().int().min(0).max(1).default(0),
  duplicate_check_interval: z
    .number()
    .int()
    .min(0)
    .max(4 * 3600)
    .default(1800),
})
const replacing = z.object({
  userids: ids(100).default([]),
  partyids: z.array(z.number().int()).max(100).default([]),
  tagids: z.array(z.number().int()).max(100).default([]),
  atall: z.number().int().min(0).max(1).default(0),
  agentid: z.number().int(),
  response_code: z.string().min(1),
  button: z.object({ replace_name: z.string().min(1) }).optional(),
  template_card: card.optional(),
})
const TEXT_BYTES = 2048

/** Messages of the application to employees, cards among them (wecom-api.md §8.2). */
export function messageRoutes(office: Office): Route[] {
  return [
    post('message/send', (query, body) => send(office, query, body)),
    post(
      'message/recall',
      checked(z.object({ msgid: z.string().min(1) }), ({ msgid }) => office.appMessages.recall(msgid) ?? {}),
    ),
    post(
      'message/update_template_card',
      checked(replacing, input => {
        if (input.agentid !== office.agentid) return 301002
        const to = input.button?.replace_name ?? input.template_card
        if (!to) return 40063
        const byParty = membersOf(office, input.partyids.map(String), input.tagids.map(String))
        const userids = input.atall === 1 ? 'all' : [...new Set([...input.userids, ...byParty.found])]
        const left = office.appMessages.update(input.response_code, userids, to)
        return typeof left === 'number' ? left : { invaliduser: left }
      }),
      { empty: { invaliduser: [] } },
    ),
  ]
}

function send(
  office: Office,
  query: Record<string, string | undefined>,
  body: Record<string, unknown>,
): Record<string, unknown> | number {
  return checked(sending, input => {
    const kind = input.msgtype as Kind
    if (!Object.hasOwn(payloads, kind)) return 40008
    if (input.agentid !== office.agentid) return 301002
    const schema = z.object({ [kind]: payloads[kind] })
    return checked(schema, said =>
      deliver(office, input, { kind, content: said[kind] as Record<string, unknown> }),
    )(query, body)
  })(query, body)
}

type Said = { kind: Kind; content: Record<string, unknown> }
function deliver(
  office: Office,
  input: z.infer<typeof sending>,
  { kind, content }: Said,
): Record<string, unknown> | number {
  const mediaId = 'media_id' in content ? String(content.media_id) : undefined
  if (mediaId && office.files.get(mediaId)?.kind !== kind) return 40007
  const to = receivers(office, input)
  if (typeof to === 'number') return to
  const sent = office.appMessages.send({
    msgtype: kind,
    content: kind === 'text' ? { ...content, content: cut(String(content.content)) } : content,
    to: to.found,
    duplicateMs: input.enable_duplicate_check * input.duplicate_check_interval * 1000,
    ...(kind === 'template_card' ? { card: content as Card } : {}),
  })
  if (typeof sent === 'number') return sent
  return {
    invaliduser: to.users.join('|'),
    invalidparty: to.parties.join('|'),
    invalidtag: to.tags.join('|'),
    unlicenseduser: '',
    msgid: sent.message.msgid,
    ...(sent.responseCode === '' ? {} : { response_code: sent.responseCode }),
  }
}

/** Whole characters that fit. */
function cut(text: string): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, TEXT_BYTES)).replace(/�+$/, '')
}

type Receivers = { found: string[]; users: string[]; parties: string[]; tags: string[] }
function receivers(office: Office, input: z.infer<typeof sending>): Receivers | number {
  const { people } = office.ground
  const split = (text: string): string[] => text.split('|').filter(one => one !== '')
  const [asked, parties, tags] = [split(input.touser), split(input.toparty), split(input.totag)]
  if (asked.length > 1000 || parties.length > 100 || tags.length > 100) return 81017
  const visible = (id: string): boolean => people.employee.has(id) && !office.access.hidden.has(id)
  if (input.touser === '@all')
    return {
      found: people.employees.map(one => one.userid).filter(visible),
      users: [],
      parties: [],
      tags: [],
    }
  if (asked.length + parties.length + tags.length === 0) return 40063
  const inside = membersOf(office, parties, tags)
  const found = [...new Set([...asked, ...inside.found])].filter(visible)
  if (found.length === 0) return 81013
  return { found, users: asked.filter(id => !visible(id)), parties: inside.parties, tags: inside.tags }
}

/** Members of departments and of directory tags, with what there is none of. */
function membersOf(
  office: Office,
  parties: readonly string[],
  tags: readonly string[],
): Omit<Receivers, 'users'> {
  const { people } = office.ground
  const party = (id: string): boolean => people.departments.some(one => String(one.id) === id)
  const byParty = people.employees
    .filter(one => parties.includes(String(one.department)))
    .map(one => one.userid)
  const byTag = tags.flatMap(id => taggedMembers({ people }, id) ?? [])
  return {
    found: [...byParty, ...byTag],
    parties: parties.filter(id => !party(id)),
    tags: tags.filter(id => !taggedMembers({ people }, id)),
  }
}
