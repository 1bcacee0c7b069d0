import { createHash } from 'node:crypto'
import { z } from 'zod'
import { checked, cursor, ids, limited } from './checked.ts'
import { paged } from './paging.ts'
import type { Contact, Employee, Follow } from './people.ts'
import { memberVersion, type Room } from './rooms.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

type Handle = Route['handle']

const FOLLOWERS_A_PAGE = 500
/** No filter is fine while the scope has no more members than this (81017). */
const OWNERS_UNNAMED = 1000
const batchAsked = z.object({ userid_list: ids(100).min(1), cursor, limit: limited(100, 50) })
const groupsAsked = z.object({
  status_filter: z.number().int().min(0).max(3).default(0),
  owner_filter: z.object({ userid_list: ids(100).default([]) }).optional(),
  cursor,
  limit: z.number().int().min(1).max(1000),
})
const groupAsked = z.object({
  chat_id: z.string().min(1),
  need_name: z.number().int().min(0).max(1).default(0),
})

/** What the application's secret may call (wecom-api.md §4.1, §4.2, §8.1). */
export function contactRoutes(world: World): Route[] {
  const get = (path: string, empty: Record<string, unknown>, handle: Handle): Route => ({
    method: 'GET',
    path: `/cgi-bin/${path}`,
    permission: path.startsWith('externalcontact/') ? 'app' : ['app', 'sync'],
    empty,
    handle,
  })
  const post = (path: string, empty: Record<string, unknown>, handle: Handle): Route => ({
    ...get(path, empty, handle),
    method: 'POST',
  })
  const { people } = world
  const { hidden } = world.office.access
  return [
    get('department/list', { department: [] }, ({ id }) => departments(world, id)),
    get('user/list', { userlist: [] }, ({ department_id }) => {
      const id = Number(department_id)
      if (!people.departments.some(one => one.id === id)) return 60003
      return {
        userlist: people.employees.filter(one => one.department === id && !hidden.has(one.userid)).map(user),
      }
    }),
    get('user/get', {}, ({ userid = '' }) => {
      const found = people.employee.get(userid)
      if (hidden.has(userid)) return 60011
      return found ? user(found) : 60111
    }),
    get('externalcontact/get_follow_user_list', { follow_user: [] }, () => ({
      follow_user: people.advisers.map(one => one.userid).filter(id => !hidden.has(id)),
    })),
    get('externalcontact/list', { external_userid: [] }, ({ userid = '' }) => {
      if (!people.employee.has(userid)) return 60111
      if (hidden.has(userid)) return 50002
      const own = people.contacts.filter(one => one.follows.some(f => f.userid === userid)).map(one => one.id)
      return own.length > 0 ? { external_userid: own } : 84061
    }),
    get('externalcontact/get', { follow_user: [] }, ({ external_userid = '', cursor: from = '' }) => {
      const found = people.contact.get(external_userid)
      if (!found) return 40096
      const follows = found.follows.filter(one => !hidden.has(one.userid))
      if (follows.length === 0) return 84061
      const { page, next_cursor } = paged(follows, from, FOLLOWERS_A_PAGE)
      return {
        external_contact: externalContact(found),
        follow_user: page.map(one => followUser(world, one)),
        next_cursor,
      }
    }),
    post('externalcontact/batch/get_by_user', { external_contact_list: [] }, batch(world)),
    post('externalcontact/groupchat/list', { group_chat_list: [] }, groupList(world)),
    post(
      'externalcontact/groupchat/get',
      {},
      checked(groupAsked, ({ chat_id, need_name }) => {
        const room = people.room.get(chat_id)
        return room?.external ? { group_chat: groupChat(world, room, need_name === 1) } : 90501
      }),
    ),
  ]
}

function departments(world: World, id: string | undefined): Record<string, unknown> | number {
  if (id && !world.people.departments.some(one => one.id === Number(id))) return 60003
  const wanted = world.people.departments.filter(
    one => !id || one.id === Number(id) || one.parent === Number(id),
  )
  return {
    department: wanted.map(({ id: number, name, parent }, index) => {
      const inside = world.people.employees.filter(one => one.department === number && one.leader)
      return {
        id: number,
        name,
        department_leader: inside.map(one => one.userid),
        parentid: parent,
        order: 100 - index,
      }
    }),
  }
}

/** New applications see no mobile, mail, gender or avatar (since 2022-06-20). */
function user(one: Employee): Record<string, unknown> {
  return {
    userid: one.userid,
    name: one.name,
    department: [one.department],
    order: [0],
    position: one.position,
    is_leader_in_dept: [one.leader ? 1 : 0],
    direct_leader: [],
    telephone: '',
    alias: '',
    status: one.status ?? 1,
    main_department: one.department,
    extattr: { attrs: [] },
  }
}

function externalContact(one: Contact): Record<string, unknown> {
  const company = one.company ? { corp_name: one.company, corp_full_name: `${one.company}有限公司` } : {}
  const common = {
    external_userid: one.id,
    name: one.name,
    avatar: '',
    type: one.type,
    gender: one.gender === 'f' ? 2 : 1,
  }
  return one.type === 1
    ? { ...common, unionid: unionid(one.id) }
    : { ...common, position: '', ...company, external_profile: { external_attr: [] } }
}

function unionid(id: string): string {
  return `oz${createHash('sha1').update(id).digest('base64url').slice(0, 26)}`
}

function followUser(world: World, follow: Follow): Record<string, unknown> {
  const tags = follow.tags.flatMap(name => {
    const found = world.office.tags.byName(name)
    return found ? { group_name: found.group.name, tag_name: name, tag_id: found.tag.id, type: 1 } : []
  })
  return { ...followInfo(follow), tags }
}

function followInfo(follow: Follow): Record<string, unknown> {
  return {
    userid: follow.userid,
    remark: follow.remark,
    description: follow.description ?? '',
    createtime: follow.createtime,
    ...(follow.remarkCompany ? { remark_corp_name: follow.remarkCompany } : {}),
    remark_mobiles: follow.remarkMobiles ?? [],
    oper_userid: follow.operator ?? follow.userid,
    add_way: follow.addWay,
    state: follow.state ?? '',
  }
}

function batch(world: World): Handle {
  const { people, office } = world
  return checked(batchAsked, input => {
    if (input.userid_list.some(id => office.access.hidden.has(id))) return 50002
    const rows = input.userid_list.flatMap(userid =>
      people.contacts.flatMap(contact =>
        contact.follows.filter(one => one.userid === userid).map(follow => ({ contact, follow })),
      ),
    )
    const { page, next_cursor } = paged(rows, input.cursor, input.limit)
    const external_contact_list = page.map(({ contact, follow }) => ({
      external_contact: externalContact(contact),
      follow_info: {
        ...followInfo(follow),
        tag_id: follow.tags.flatMap(name => office.tags.byName(name)?.tag.id ?? []),
      },
    }))
    return { external_contact_list, next_cursor }
  })
}

function groupList(world: World): Handle {
  const { people, office } = world
  return checked(groupsAsked, input => {
    const owners = input.owner_filter?.userid_list ?? []
    if (owners.length === 0 && people.employees.length > OWNERS_UNNAMED) return 81017
    if (owners.some(id => office.access.hidden.has(id))) return 50002
    const wanted = people.rooms.filter(
      one => one.external && (input.status_filter === 0 || one.status === input.status_filter),
    )
    const rows = wanted.filter(one => owners.length === 0 || owners.includes(one.owner))
    const { page, next_cursor } = paged(rows, input.cursor, input.limit)
    const group_chat_list = page.map(one => ({ chat_id: one.id, status: one.status ?? 0 }))
    return next_cursor === '' ? { group_chat_list } : { group_chat_list, next_cursor }
  })
}

function groupChat(world: World, room: Room, withNames: boolean): Record<string, unknown> {
  const { people } = world
  const nameOf = (id: string): string => people.employee.get(id)?.name ?? people.contact.get(id)?.name ?? ''
  const member_list = room.members.map(one => ({
    userid: one.id,
    type: one.type,
    ...(/^wm/.test(one.id) ? { unionid: unionid(one.id) } : {}),
    join_time: one.joinTime,
    join_scene: one.scene,
    ...(one.scene === 1 ? { invitor: { userid: one.invitor } } : {}),
    group_nickname: '',
    ...(withNames ? { name: nameOf(one.id) } : {}),
  }))
  const admins = room.members.filter(one => one.type === 1 && one.id !== room.owner)
  return {
    chat_id: room.id,
    name: room.name,
    owner: room.owner,
    create_time: room.createTime,
    notice: room.notice,
    member_list,
    admin_list: admins.map(one => ({ userid: one.id })),
    member_version: memberVersion(room),
  }
}
