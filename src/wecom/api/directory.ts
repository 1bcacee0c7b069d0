import { z } from 'zod'
import { cursor, empty, endpoint, list, numbers, RIGHTS, text, whole } from './endpoint.ts'

const own = { method: 'GET', secret: 'app', idempotent: true, permission: RIGHTS.contact } as const

/** A member; without the right to read names and mobiles the platform leaves them out (§8.1). */
const member = z.looseObject({
  userid: text,
  name: text.optional(),
  department: numbers.optional(),
  order: numbers.optional(),
  position: text.optional(),
  is_leader_in_dept: numbers.optional(),
  direct_leader: list.optional(),
  alias: text.optional(),
  main_department: whole.optional(),
  // 1 active, 2 disabled, 4 not activated, 5 left.
  status: whole.optional(),
})

/** Departments and employees (wecom-api.md §8.1). */
export const directory = {
  departments: endpoint({
    ...own,
    name: '获取部门列表',
    path: 'department/list',
    request: z.looseObject({ id: whole.optional() }),
    reply: z.looseObject({
      department: z.array(
        z.looseObject({
          id: whole,
          name: text.optional(),
          name_en: text.optional(),
          department_leader: list.optional(),
          parentid: whole.optional(),
          order: whole.optional(),
        }),
      ),
    }),
    doc: 90208,
    data: '读取部门名称、上级与负责人',
    why: '预警按部门分派，报表按部门汇总（M9、M15）',
  }),
  departmentIds: endpoint({
    ...own,
    name: '获取子部门 ID 列表',
    path: 'department/simplelist',
    request: z.looseObject({ id: whole.optional() }),
    reply: z.looseObject({
      department_id: z.array(
        z.looseObject({ id: whole, parentid: whole.optional(), order: whole.optional() }),
      ),
    }),
    doc: 90208,
    data: '读取部门 ID 与上级',
    why: '没有读取详情的权限时仍能核对组织架构（M15）',
  }),
  member: endpoint({
    ...own,
    name: '读取成员',
    path: 'user/get',
    request: z.looseObject({ userid: text.min(1) }),
    reply: member,
    doc: 90196,
    data: '读取一名成员的姓名、部门、职务、账号状态',
    why: '登录人员与离职人员的状态核对（M1、M13）',
  }),
  members: endpoint({
    ...own,
    name: '获取部门成员详情',
    path: 'user/list',
    request: z.looseObject({ department_id: whole }),
    reply: z.looseObject({ userlist: z.array(member).optional() }),
    doc: 90196,
    data: '读取部门内成员的姓名、部门、职务、账号状态',
    why: '归档与预警显示责任人及其部门（M8、M9）',
  }),
  memberNames: endpoint({
    ...own,
    name: '获取部门成员',
    path: 'user/simplelist',
    request: z.looseObject({ department_id: whole }),
    reply: z.looseObject({ userlist: z.array(member).optional() }),
    doc: 90196,
    data: '读取部门内成员的 userid 与姓名',
    why: '没有读取详情的权限时仍能核对人员（M8）',
  }),
  memberIds: endpoint({
    ...own,
    method: 'POST',
    name: '获取成员 ID 列表',
    path: 'user/list_id',
    paging: 'cursor',
    request: z.looseObject({ cursor, limit: whole.min(1).max(10_000).optional() }),
    reply: z.looseObject({
      dept_user: z.array(z.looseObject({ userid: text, department: whole })).optional(),
      next_cursor: cursor,
    }),
    secret: 'sync',
    permission: '通讯录同步',
    doc: 96067,
    data: '读取全部成员的 userid 与部门 ID',
    why: '核对存档席位与在册人员（M8）',
  }),
  activeStat: endpoint({
    ...own,
    method: 'POST',
    name: '获取企业活跃成员数',
    path: 'user/get_active_stat',
    request: z.looseObject({ date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/) }),
    reply: z.looseObject({ active_cnt: whole }),
    doc: 90196,
    data: '读取某日活跃成员数',
    why: '账号活跃度进入机构运营概览（M3、M15）',
  }),
  useridByMobile: endpoint({
    ...own,
    method: 'POST',
    name: '手机号获取 userid',
    path: 'user/getuserid',
    request: z.looseObject({ mobile: text.min(1) }),
    reply: z.looseObject({ userid: text }),
    doc: 90196,
    data: '发送手机号，取得成员 userid',
    why: '把人事系统中的从业人员对应到企业微信账号（M1、M16）',
  }),
  tags: endpoint({
    ...own,
    name: '获取成员标签列表',
    path: 'tag/list',
    request: empty,
    reply: z.looseObject({
      taglist: z.array(z.looseObject({ tagid: whole, tagname: text.optional() })).optional(),
    }),
    doc: 90196,
    data: '读取成员标签',
    why: '按标签划定制度与规则的适用人员（M4、M15）',
  }),
  tagMembers: endpoint({
    ...own,
    name: '获取标签成员',
    path: 'tag/get',
    request: z.looseObject({ tagid: whole }),
    reply: z.looseObject({
      tagname: text.optional(),
      userlist: z.array(z.looseObject({ userid: text, name: text.optional() })).optional(),
      partylist: numbers.optional(),
    }),
    doc: 90196,
    data: '读取标签下的成员与部门',
    why: '按标签划定制度与规则的适用人员（M4、M15）',
  }),
} as const
