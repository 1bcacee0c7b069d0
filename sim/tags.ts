import { digestId } from './attachments.ts'
import { type Ground, seconds } from './ground.ts'

/** 企业客户标签. Times in seconds. */
export type Tag = { id: string; name: string; order: number; createTime: number }
export type TagGroup = { id: string; name: string; order: number; createTime: number; tags: Tag[] }

export type Tags = {
  groups(): TagGroup[]
  /** The group, made when it has none yet, with the new tags; or 40071 when a name is taken, 40126 when there are too many. */
  add(input: {
    groupId?: string
    groupName?: string
    order?: number
    tags: { name: string; order?: number }[]
  }): { group: TagGroup; added: Tag[] } | number
  /** Of a tag or a group; 40068 when there is none. */
  edit(id: string, change: { name?: string; order?: number }): number | undefined
  remove(tagIds: readonly string[], groupIds: readonly string[]): number | undefined
  byId(id: string): { tag: Tag; group: TagGroup } | undefined
  byName(name: string): { tag: Tag; group: TagGroup } | undefined
}

const MOST = 3000

/** Customers' tags stand by name in the people; here they have their ids and groups. */
export function createTags(ground: Ground): Tags {
  const { people } = ground
  const start = seconds(ground.now()) - 400 * 86_400
  const names = [...new Set(people.contacts.flatMap(one => one.follows.flatMap(f => f.tags)))].sort()
  const first: TagGroup = {
    id: digestId('etcJ7kDQAA', 'group/客户标签'),
    name: '客户标签',
    order: 0,
    createTime: start,
    tags: names.map((name, order) => ({ id: digestId('etcJ7kDQAA', name), name, order, createTime: start })),
  }
  const groups: TagGroup[] = [first]
  const where = (test: (tag: Tag) => boolean): { tag: Tag; group: TagGroup } | undefined => {
    for (const group of groups) {
      const tag = group.tags.find(test)
      if (tag) return { tag, group }
    }
    return undefined
  }
  const rename = (from: string, to: string | undefined): void => {
    for (const contact of people.contacts)
      for (const follow of contact.follows)
        follow.tags = follow.tags.flatMap(name => (name !== from ? [name] : to === undefined ? [] : [to]))
  }
  const newId = (): string => `etcJ7kDQAA${ground.rng.id(22)}`
  const drop = (group: TagGroup, tag: Tag): void => {
    group.tags.splice(group.tags.indexOf(tag), 1)
    rename(tag.name, undefined)
    if (group.tags.length === 0) groups.splice(groups.indexOf(group), 1)
  }
  return {
    groups: () => groups,
    byId: id => where(tag => tag.id === id),
    byName: name => where(tag => tag.name === name),
    add: ({ groupId, groupName, order = 0, tags }) => {
      const createTime = seconds(ground.now())
      const known = groups.find(one => (groupId ? one.id === groupId : one.name === groupName))
      if (groupId && !known) return 40068
      if (tags.some(({ name }) => where(tag => tag.name === name))) return 40071
      if (groups.reduce((sum, one) => sum + one.tags.length, 0) + tags.length > MOST) return 40126
      const group = known ?? { id: newId(), name: groupName ?? '', order, createTime, tags: [] }
      if (!known) groups.push(group)
      const added = tags.map(one => ({ id: newId(), name: one.name, order: one.order ?? 0, createTime }))
      group.tags.push(...added)
      return { group, added }
    },
    edit: (id, change) => {
      const tag = where(one => one.id === id)?.tag
      const found = tag ?? groups.find(one => one.id === id)
      if (!found) return 40068
      if (tag && change.name !== undefined && change.name !== tag.name) {
        if (where(one => one.name === change.name)) return 40071
        rename(tag.name, change.name)
      }
      found.name = change.name ?? found.name
      found.order = change.order ?? found.order
      return undefined
    },
    remove: (tagIds, groupIds) => {
      const found = tagIds.map(id => where(tag => tag.id === id))
      const whole = groupIds.map(id => groups.find(one => one.id === id))
      if ([...found, ...whole].includes(undefined)) return 40068
      for (const one of found) if (one) drop(one.group, one.tag)
      for (const group of whole) for (const tag of [...(group?.tags ?? [])]) if (group) drop(group, tag)
      return undefined
    },
  }
}
