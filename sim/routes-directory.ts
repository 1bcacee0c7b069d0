import { z } from 'zod'
import { checked, cursor, get, limited, post } from './checked.ts'
import { paged } from './paging.ts'
import type { Employee } from './people.ts'
import type { Route } from './server.ts'
import type { World } from './world.ts'

const EVERYBODY = ['app', 'archive', 'sync'] as const
/** 成员标签 of the directory, which are not customers' tags: the one this world has are its team leaders. */
const LEADERS = { tagid: 1, tagname: '团队负责人' }

/** Departments, members and the application itself (wecom-api.md §2.1, §8.1), beside routes-contacts.ts. */
export function directoryRoutes(world: World): Route[] {
  const { people, office } = world
  const visible = (): Employee[] => people.employees.filter(one => !office.access.hidden.has(one.userid))
  const leaders = (): Employee[] => visible().filter(one => one.leader)
  const addresses = { empty: { ip_list: [] }, permission: EVERYBODY }
  const both = ['app', 'sync'] as const
  return [
    get('getcallbackip', () => ({ ip_list: ['127.0.0.1'] }), addresses),
    get('get_api_domain_ip', () => ({ ip_list: ['127.0.0.1'] }), addresses),
    get(
      'department/simplelist',
      ({ id }) => {
        const wanted = Number(id ?? 1)
        if (!people.departments.some(one => one.id === wanted)) return 60003
        const found = people.departments.filter(one => !id || one.id === wanted || one.parent === wanted)
        const department_id = found.map((one, index) => ({
          id: one.id,
          parentid: one.parent,
          order: 100 - index,
        }))
        return { department_id }
      },
      { empty: { department_id: [] }, permission: both },
    ),
    get(
      'user/simplelist',
      ({ department_id }) => {
        const id = Number(department_id)
        if (!people.departments.some(one => one.id === id)) return 60003
        const found = visible().filter(one => one.department === id)
        return {
          userlist: found.map(({ userid, name, department }) => ({
            userid,
            name,
            department: [department],
            open_userid: '',
          })),
        }
      },
      { empty: { userlist: [] }, permission: both },
    ),
    post(
      'user/list_id',
      checked(z.object({ cursor, limit: limited(10_000, 10_000) }), input => {
        const rows = people.employees.map(({ userid, department }) => ({ userid, department }))
        const { page, next_cursor } = paged(rows, input.cursor, input.limit)
        return { next_cursor, dept_user: page }
      }),
      { empty: { dept_user: [] }, permission: ['sync'] },
    ),
    post(
      'user/get_active_stat',
      checked(z.object({ date: z.iso.date() }), () => ({ active_cnt: people.employees.length })),
      { permission: both },
    ),
    post(
      'user/getuserid',
      checked(z.object({ mobile: z.string().min(5) }), ({ mobile }) => {
        const found = visible().find(one => one.mobile === mobile)
        return found ? { userid: found.userid } : 46004
      }),
      { permission: both },
    ),
    get('tag/list', () => ({ taglist: [LEADERS] }), { empty: { taglist: [] }, permission: both }),
    get(
      'tag/get',
      ({ tagid }) => {
        if (Number(tagid) !== LEADERS.tagid) return 40068
        const userlist = leaders().map(({ userid, name }) => ({ userid, name }))
        return { tagname: LEADERS.tagname, userlist, partylist: [] }
      },
      { empty: { userlist: [], partylist: [] }, permission: both },
    ),
    get('agent/get', ({ agentid }) => (Number(agentid) === office.agentid ? agent(world) : 301002)),
  ]
}

/** The members a directory tag holds; undefined when there is none. */
export function taggedMembers(world: Pick<World, 'people'>, tagid: string): string[] | undefined {
  if (tagid !== String(LEADERS.tagid)) return undefined
  return world.people.employees.filter(one => one.leader).map(one => one.userid)
}

function agent({ office }: World): Record<string, unknown> {
  return {
    agentid: office.agentid,
    name: '合规平台',
    square_logo_url: '',
    description: '会话存档与合规检视',
    allow_userinfos: { user: [] },
    allow_partys: { partyid: [1] },
    allow_tags: { tagid: [] },
    close: 0,
    redirect_domain: office.access.trustedHosts?.[0] ?? '',
    report_location_flag: 0,
    isreportenter: 0,
    home_url: '',
  }
}
