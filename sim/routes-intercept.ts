import { z } from 'zod'
import { chars, checked, get, post } from './checked.ts'
import type { InterceptRule } from './intercepts.ts'
import type { Office } from './office.ts'
import type { Route } from './server.ts'

/** wecom-api.md §6. */
const word = z.string().refine(text => text.length > 0 && [...text].length <= 32, '41083')
const words = z.array(word).max(300, '41068')
const semantics = z.array(z.number().int().min(1, '41084').max(3, '41084'))
const range = z.object({
  user_list: z.array(z.string()).max(1000, '41076').default([]),
  department_list: z.array(z.number().int()).max(1000, '41076').default([]),
})
const rule_id = z.string().min(1, '41070')
const kind = z.union([z.literal(1), z.literal(2)])
const added = z.object({
  rule_name: chars(20, '40058').min(1),
  word_list: words,
  semantics_list: semantics.default([]),
  intercept_type: kind,
  applicable_range: range,
})
const updated = z.object({
  rule_id,
  rule_name: chars(20, '40058').min(1).optional(),
  word_list: words.optional(),
  extra_rule: z.object({ semantics_list: semantics.default([]) }).optional(),
  intercept_type: kind.optional(),
  add_applicable_range: range.optional(),
  remove_applicable_range: range.optional(),
})

/** 管理聊天敏感词. */
export function interceptRoutes({ intercepts }: Office): Route[] {
  return [
    post(
      'externalcontact/add_intercept_rule',
      checked(added, input => {
        const { user_list: users, department_list: departments } = input.applicable_range
        const made = intercepts.add({
          name: input.rule_name,
          words: input.word_list,
          semantics: input.semantics_list,
          type: input.intercept_type,
          users,
          departments,
        })
        return typeof made === 'number' ? made : { rule_id: made.id }
      }),
    ),
    get(
      'externalcontact/get_intercept_rule_list',
      () => ({
        rule_list: intercepts
          .list()
          .map(one => ({ rule_id: one.id, rule_name: one.name, create_time: one.createTime })),
      }),
      { empty: { rule_list: [] } },
    ),
    post(
      'externalcontact/get_intercept_rule',
      checked(z.object({ rule_id }), input => {
        const found = intercepts.get(input.rule_id)
        return typeof found === 'number' ? found : { rule: view(found) }
      }),
    ),
    post(
      'externalcontact/update_intercept_rule',
      checked(updated, input => {
        const found = intercepts.get(input.rule_id)
        return typeof found === 'number'
          ? found
          : (intercepts.update(input.rule_id, change(found, input)) ?? {})
      }),
    ),
    post(
      'externalcontact/del_intercept_rule',
      checked(z.object({ rule_id }), input => intercepts.remove(input.rule_id) ?? {}),
    ),
  ]
}

/** The words replace all there were; the range is what comes and what goes. */
function change(rule: InterceptRule, input: z.infer<typeof updated>): Partial<InterceptRule> {
  const { add_applicable_range: plus, remove_applicable_range: minus } = input
  const merged = <T>(has: T[], more: T[] = [], less: T[] = []): T[] =>
    [...new Set([...has, ...more])].filter(one => !less.includes(one))
  return {
    name: input.rule_name ?? rule.name,
    words: input.word_list ?? rule.words,
    semantics: input.extra_rule?.semantics_list ?? rule.semantics,
    type: input.intercept_type ?? rule.type,
    users: merged(rule.users, plus?.user_list, minus?.user_list),
    departments: merged(rule.departments, plus?.department_list, minus?.department_list),
  }
}

/** Where semantics_list stands is told in two ways by the sources; as in the update is the official page's. */
function view(one: InterceptRule): Record<string, unknown> {
  return {
    rule_id: one.id,
    rule_name: one.name,
    word_list: one.words,
    extra_rule: { semantics_list: one.semantics },
    intercept_type: one.type,
    applicable_range: { user_list: one.users, department_list: one.departments },
  }
}
