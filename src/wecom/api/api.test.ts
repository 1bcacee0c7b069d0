import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ENDPOINTS, wecom } from './index.ts'
import { semanticsOf } from './intercept.ts'

type Example = { path: string; method: string; request: object; reply: Record<string, unknown> }
const FIXTURES = join(import.meta.dirname, '../../../test/fixtures/wecom')
const examples = JSON.parse(readFileSync(join(FIXTURES, 'endpoints.json'), 'utf8')) as Example[]
const endpointOf = (path: string) => ENDPOINTS.find(one => `/cgi-bin/${one.path}` === path)

test('every endpoint has an example, every example an endpoint, with the same method', () => {
  const declared = ENDPOINTS.map(one => `${one.method} /cgi-bin/${one.path}`)
  expect(new Set(declared).size).toBe(declared.length)
  expect([...new Set(examples.map(one => `${one.method} ${one.path}`))].sort()).toEqual(declared.sort())
})

test.each(examples.map((example, at) => [example.path, at, example] as const))(
  'the example of %s (%i) passes both ways unchanged, with fields nobody named',
  (path, _, example) => {
    const one = endpointOf(path)!
    const request = { ...example.request, some_new_field: [1] }
    const reply = { ...example.reply, some_new_field: { a: 1 } }
    expect(JSON.parse(JSON.stringify(one.request.parse(request)))).toEqual(request)
    expect(JSON.parse(JSON.stringify(one.reply.parse(reply)))).toEqual(reply)
  },
)

test('an endpoint says what it needs, reads and is for', () => {
  const rows = ENDPOINTS.filter(
    one => !(one.name && one.permission && one.data && one.doc > 89_000 && one.why.length > 4),
  )
  expect(rows).toEqual([])
})

test('what the platform would refuse is refused here, before it is sent', () => {
  const refused = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
    expect(schema.safeParse(value).success, JSON.stringify(value).slice(0, 120)).toBe(false)
  const rule = { rule_name: 'r', intercept_type: 1, applicable_range: { user_list: ['a'] } }
  const words = (count: number, length: number) => Array.from({ length: count }, () => '词'.repeat(length))
  expect(wecom.intercept.add.request.safeParse({ ...rule, word_list: words(300, 32) }).success).toBe(true)
  refused(wecom.intercept.add.request, { ...rule, word_list: words(301, 1) })
  refused(wecom.intercept.add.request, { ...rule, word_list: words(1, 33) })
  refused(wecom.intercept.add.request, { ...rule, word_list: ['a'], applicable_range: {} })
  refused(wecom.intercept.add.request, { ...rule, word_list: ['a'], rule_name: '名'.repeat(21) })
  refused(wecom.groupsend.create.request, { sender: 'a' })
  refused(wecom.groupsend.create.request, { sender: 'a', text: { content: '字'.repeat(1334) } })
  refused(wecom.moments.create.request, {
    attachments: [
      { msgtype: 'image', image: { media_id: 'a' } },
      { msgtype: 'video', video: { media_id: 'b' } },
    ],
  })
  const pairs = (count: number) =>
    Array.from({ length: count }, () => ({ userid: 'a', exteranalopenid: 'b' }))
  refused(wecom.audit.singleAgree.request, { info: pairs(101) })
  refused(wecom.contacts.ofMembers.request, { userid_list: words(101, 1) })
  const card = { card_type: 'button_interaction' }
  refused(wecom.messages.send.request, { msgtype: 'template_card', agentid: 1, template_card: card })
})

test('the semantics of a rule are found at either place', () => {
  expect(semanticsOf({ semantics_list: [1] })).toEqual([1])
  expect(semanticsOf({ extra_rule: { semantics_list: [2] } })).toEqual([2])
  expect(semanticsOf({})).toEqual([])
})
