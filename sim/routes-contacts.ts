import { createHash } from 'node:crypto'
import type { Contact, Employee, Follow } from './people.ts'
import type { Room } from './rooms.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

type Handle = Route['handle']

/** What the application's secret may call (wecom-api.md §4.1, §4.2, §8.1). */
export function contactRoutes(world: World): Route[] {
  const get = (path: string, empty: Record<string, unknown>, handle: Handle): Route => ({
    method: 'GET',
    path: `/cgi-bin/${path}`,
    permission: 'app',
    empty,
    handle,
  })
  const post = (path: string, empty: Record<string, unknown>, handle: Handle): Route => ({
    ...get(path, empty, handle),
    method: 'POST',
  })
  const { people } = world
  return [
    get('department/list', { department: [] }, ({ id }) => departments(world, id)),
    get('user/list', { userlist: [] }, ({ department_id }) => {
      const id = Number(department_id)
      if (!people.departments.some(one => one.id === id)) return 60003
      return { userlist: people.employees.filter(one => one.department === id).map(user) }
    }),
    get('user/get', {}, ({ userid = '' }) => {
      const found = people.employee.get(userid)
      return found ? user(found) : 60111
    }),
    get('externalcontact/get_follow_user_list', { follow_user: [] }, () => ({
      follow_user: people.advisers.map(one => one.userid),
    })),
    get('externalcontact/list', { external_userid: [] }, ({ userid = '' }) => {
      if (!people.employee.has(userid)) return 60111
      const own = people.contacts.filter(one => one.follows.some(f => f.userid === userid)).map(one => one.id)
      return own.length > 0 ? { external_userid: own } : 84061
    }),
    get('externalcontact/get', { follow_user: [] }, ({ external_userid = '' }) => {
      const found = people.contact.get(external_userid)
      if (!found) return 40096
      return {
        external_contact: externalContact(found),
        follow_user: found.follows.map(followUser),
        next_cursor: '',
      }
    }),
    post('externalcontact/batch/get_by_user', { external_contact_list: [] }, (_, body) => batch(world, body)),
    post('externalcontact/groupchat/list', { group_chat_list: [] }, (_, body) => groupList(world, body)),
    post('externalcontact/groupchat/get', {}, (_, { chat_id, need_name }) => {
      const room = people.room.get(String(chat_id ?? ''))
      return room?.external ? { group_chat: groupChat(world, room, need_name === 1) } : 90501
    }),
  ]
}

function departments(world: World, id: string | undefined): Record<string, unknown> {
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
    status: 1,
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
    ? { ...common, unionid: `oz${createHash('sha1').update(one.id).digest('base64url').slice(0, 26)}` }
    : { ...common, position: '', ...company, external_profile: { external_attr: [] } }
}

function followUser(follow: Follow): Record<string, unknown> {
  const tags = follow.tags.map(name => ({
    group_name: '客户标签',
    tag_name: name,
    tag_id: tagId(name),
    type: 1,
  }))
  return { ...followInfo(follow), tags }
}

function followInfo(follow: Follow): Record<string, unknown> {
  return {
    userid: follow.userid,
    remark: follow.remark,
    description: '',
    createtime: follow.createtime,
    remark_mobiles: [],
    oper_userid: follow.userid,
    add_way: follow.addWay,
    state: '',
  }
}

function tagId(name: string): string {
  return `etcJ7kDQAA${createHash('sha1').update(name).digest('base64url').slice(0, 22)}`
}

function batch(world: World, body: Record<string, unknown>): Record<string, unknown> | number {
  const users = Array.isArray(body.userid_list) ? body.userid_list.map(String) : []
  const limit = Number(body.limit ?? 50)
  if (users.length === 0 || users.length > 100 || !(limit >= 1 && limit <= 100)) return 40058
  const rows = users.flatMap(userid =>
    world.people.contacts.flatMap(contact =>
      contact.follows.filter(one => one.userid === userid).map(follow => ({ contact, follow })),
    ),
  )
  const { page, next_cursor } = paged(rows, String(body.cursor ?? ''), limit)
  const external_contact_list = page.map(({ contact, follow }) => ({
    external_contact: externalContact(contact),
    follow_info: { ...followInfo(follow), tag_id: follow.tags.map(tagId) },
  }))
  return { external_contact_list, next_cursor }
}

function groupList(world: World, body: Record<string, unknown>): Record<string, unknown> | number {
  const limit = Number(body.limit ?? 0)
  if (!(limit >= 1 && limit <= 1000)) return 40058
  const filter = body.owner_filter as { userid_list?: string[] } | undefined
  const owners = filter?.userid_list ?? []
  const wanted = Number(body.status_filter ?? 0) > 1 ? [] : world.people.rooms.filter(one => one.external)
  const rows = wanted.filter(one => owners.length === 0 || owners.includes(one.owner))
  const { page, next_cursor } = paged(rows, String(body.cursor ?? ''), limit)
  const group_chat_list = page.map(one => ({ chat_id: one.id, status: 0 }))
  return next_cursor === '' ? { group_chat_list } : { group_chat_list, next_cursor }
}

function paged<T>(rows: T[], cursor: string, limit: number): { page: T[]; next_cursor: string } {
  const from = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64url').toString()) || 0
  const next = from + limit
  return {
    page: rows.slice(from, next),
    next_cursor: next < rows.length ? Buffer.from(String(next)).toString('base64url') : '',
  }
}

function groupChat(world: World, room: Room, withNames: boolean): Record<string, unknown> {
  const { people } = world
  const nameOf = (id: string): string => people.employee.get(id)?.name ?? people.contact.get(id)?.name ?? ''
  const member_list = room.members.map(one => ({
    userid: one.id,
    type: one.type,
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
    member_version: createHash('md5')
      .update(room.members.map(one => one.id).join())
      .digest('hex'),
  }
}
