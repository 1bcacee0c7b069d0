import { z } from 'zod'
import { chars, checked, ids, post } from './checked.ts'
import type { Office } from './office.ts'
import type { Follow } from './people.ts'
import type { Route } from './server.ts'
import type { Tag, TagGroup } from './tags.ts'

const pair = { userid: z.string('40003').min(1), external_userid: z.string('40096').min(1) }
const remark = z.object({
  ...pair,
  remark: chars(20).optional(),
  description: chars(150).optional(),
  remark_company: chars(20).optional(),
  remark_mobiles: z.array(z.string()).max(5).optional(),
  remark_pic_mediaid: z.string().optional(),
})
const name = chars(30).min(1)
const order = z.number().int().min(0).optional()

/** Remarks and tags of customers (wecom-api.md §4.1). A write through the API tells nobody. */
export function customerRoutes(office: Office): Route[] {
  const { files } = office
  return [
    post(
      'externalcontact/remark',
      checked(remark, input => {
        const follow = followOf(office, input)
        if (typeof follow === 'number') return follow
        if (input.remark_pic_mediaid && files.check(input.remark_pic_mediaid, 'message')) return 40007
        follow.remark = input.remark ?? follow.remark
        follow.description = input.description ?? follow.description
        follow.remarkCompany = input.remark_company ?? follow.remarkCompany
        follow.remarkMobiles = input.remark_mobiles ?? follow.remarkMobiles
        return {}
      }),
    ),
    post(
      'externalcontact/mark_tag',
      checked(
        z.object({ ...pair, add_tag: ids(3000).default([]), remove_tag: ids(3000).default([]) }),
        input => markTag(office, input),
      ),
    ),
    ...corpTagRoutes(office),
  ]
}

function corpTagRoutes({ tags }: Office): Route[] {
  return [
    post(
      'externalcontact/get_corp_tag_list',
      checked(
        z.object({ tag_id: ids(3000).default([]), group_id: ids(3000).default([]) }),
        ({ tag_id, group_id }) => {
          // With both, groups are not looked at.
          const byTag = tag_id.length > 0
          const wanted = (group: TagGroup): boolean =>
            byTag || group_id.length === 0 || group_id.includes(group.id)
          const views = tags
            .groups()
            .filter(wanted)
            .map(one => groupView(one, byTag ? one.tags.filter(t => tag_id.includes(t.id)) : one.tags, true))
          return { tag_group: byTag ? views.filter(one => one.tag.length > 0) : views }
        },
      ),
      { empty: { tag_group: [] } },
    ),
    post(
      'externalcontact/add_corp_tag',
      checked(
        z.object({
          group_id: z.string().optional(),
          group_name: name.optional(),
          order,
          tag: z.array(z.object({ name, order })).min(1, '40063'),
          agentid: z.number().int().optional(),
        }),
        input => {
          if (!input.group_id && !input.group_name) return 40063
          const made = tags.add({
            groupId: input.group_id,
            groupName: input.group_name,
            order: input.order,
            tags: input.tag,
          })
          return typeof made === 'number' ? made : { tag_group: groupView(made.group, made.added, false) }
        },
      ),
    ),
    post(
      'externalcontact/edit_corp_tag',
      checked(
        z.object({ id: z.string().min(1), name: name.optional(), order }),
        input => tags.edit(input.id, input) ?? {},
      ),
    ),
    post(
      'externalcontact/del_corp_tag',
      checked(z.object({ tag_id: ids(3000).default([]), group_id: ids(3000).default([]) }), input =>
        input.tag_id.length + input.group_id.length === 0
          ? 40063
          : (tags.remove(input.tag_id, input.group_id) ?? {}),
      ),
    ),
  ]
}

function markTag(
  office: Office,
  input: { userid: string; external_userid: string; add_tag: string[]; remove_tag: string[] },
): Record<string, unknown> | number {
  const follow = followOf(office, input)
  if (typeof follow === 'number') return follow
  if (input.add_tag.length + input.remove_tag.length === 0) return 40063
  const names = (list: string[]): (string | undefined)[] => list.map(id => office.tags.byId(id)?.tag.name)
  const [add, remove] = [names(input.add_tag), names(input.remove_tag)]
  if ([...add, ...remove].includes(undefined)) return 40068
  const kept = follow.tags.filter(one => !remove.includes(one))
  follow.tags = [...new Set([...kept, ...add.flatMap(one => one ?? [])])]
  return {}
}

/** The friendship, or why there is none to speak of. */
export function followOf(
  office: Office,
  input: { userid: string; external_userid: string },
): Follow | number {
  const { people } = office.ground
  if (!people.employee.has(input.userid)) return 60111
  if (office.access.hidden.has(input.userid)) return 50002
  const contact = people.contact.get(input.external_userid)
  if (!contact) return 40096
  return contact.follows.find(one => one.userid === input.userid) ?? 84084
}

function groupView(
  group: TagGroup,
  tags: readonly Tag[],
  deleted: boolean,
): { tag: unknown[] } & Record<string, unknown> {
  const more = deleted ? { deleted: false } : {}
  return {
    group_id: group.id,
    group_name: group.name,
    create_time: group.createTime,
    order: group.order,
    ...more,
    tag: tags.map(one => ({
      id: one.id,
      name: one.name,
      create_time: one.createTime,
      order: one.order,
      ...more,
    })),
  }
}
