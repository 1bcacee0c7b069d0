import { z } from 'zod'
import { done, empty, endpoint, list, numbers, RIGHTS, text, upTo, whole } from './endpoint.ts'

const own = {
  method: 'POST',
  secret: 'app',
  idempotent: true,
  permission: `${RIGHTS.customer}；管理聊天敏感词`,
  doc: 95097,
  why: '把词库中最可靠的词下发为企业微信客户端拦截（M7）',
} as const

const words = z.array(upTo(32)).max(300)
/** 1 a telephone number, 2 an e-mail address, 3 a red packet. */
const semantics = numbers
const range = z.looseObject({
  user_list: list.max(1000).optional(),
  department_list: numbers.max(1000).optional(),
})
const kind = z.union([z.literal(1), z.literal(2)])
const name = upTo(20)

/** Interception of words in the client (wecom-api.md §6). No hit is ever told: our own detection stays the evidence. */
export const intercept = {
  add: endpoint({
    ...own,
    idempotent: false,
    name: '新建敏感词规则',
    path: 'externalcontact/add_intercept_rule',
    request: z.looseObject({
      rule_name: name,
      word_list: words.min(1),
      semantics_list: semantics.optional(),
      intercept_type: kind,
      applicable_range: range.refine(
        one => (one.user_list?.length ?? 0) + (one.department_list?.length ?? 0) > 0,
        'user_list and department_list are both empty',
      ),
    }),
    reply: z.looseObject({ rule_id: text }),
    data: '写入敏感词、拦截方式与适用成员',
  }),
  list: endpoint({
    ...own,
    method: 'GET',
    name: '获取敏感词规则列表',
    path: 'externalcontact/get_intercept_rule_list',
    request: empty,
    reply: z.looseObject({
      rule_list: z
        .array(z.looseObject({ rule_id: text, rule_name: text.optional(), create_time: whole.optional() }))
        .optional(),
    }),
    data: '读取敏感词规则清单',
  }),
  get: endpoint({
    ...own,
    name: '获取敏感词规则详情',
    path: 'externalcontact/get_intercept_rule',
    request: z.looseObject({ rule_id: text.min(1) }),
    reply: z.looseObject({
      rule: z.looseObject({
        rule_id: text,
        rule_name: text.optional(),
        word_list: list.optional(),
        // Sources put it here or under extra_rule (§6): read it with semanticsOf.
        semantics_list: semantics.optional(),
        extra_rule: z.looseObject({ semantics_list: semantics.optional() }).optional(),
        intercept_type: whole.optional(),
        applicable_range: range.optional(),
        create_time: whole.optional(),
      }),
    }),
    doc: 95130,
    data: '读取敏感词、拦截方式与适用成员',
  }),
  update: endpoint({
    ...own,
    name: '修改敏感词规则',
    path: 'externalcontact/update_intercept_rule',
    request: z.looseObject({
      rule_id: text.min(1),
      rule_name: name.optional(),
      // Given, it replaces all words; the range is a difference.
      word_list: words.optional(),
      extra_rule: z.looseObject({ semantics_list: semantics.optional() }).optional(),
      intercept_type: kind.optional(),
      add_applicable_range: range.optional(),
      remove_applicable_range: range.optional(),
    }),
    reply: done,
    doc: 95130,
    data: '修改敏感词、拦截方式与适用成员',
  }),
  delete: endpoint({
    ...own,
    name: '删除敏感词规则',
    path: 'externalcontact/del_intercept_rule',
    request: z.looseObject({ rule_id: text.min(1) }),
    reply: done,
    doc: 95130,
    data: '删除敏感词规则',
  }),
} as const

/** The semantics of a rule, wherever the platform put them. */
export function semanticsOf(rule: {
  semantics_list?: number[] | undefined
  extra_rule?: { semantics_list?: number[] | undefined } | undefined
}): number[] {
  return rule.semantics_list ?? rule.extra_rule?.semantics_list ?? []
}
