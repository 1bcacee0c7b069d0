import {
  COMPANIES,
  COMPLIANCE,
  DEPARTMENTS,
  GIVEN_F,
  GIVEN_M,
  MANAGERS,
  NICKNAMES,
  STAFF,
  SURNAMES,
} from './names.ts'
import type { Rng } from './rng.ts'
import { createRooms, type Room } from './rooms.ts'

export type StaffStyle = 'warm' | 'formal' | 'brisk' | 'plain'
export type CustomerStyle = 'terse' | 'elder' | 'business' | 'chatty' | 'plain'
export type Consent = 'Agree' | 'Disagree' | 'Default_Agree'

export type Employee = {
  userid: string
  name: string
  gender: 'f' | 'm'
  department: number
  position: string
  leader: boolean
  /** Has the customer-contact function and a paid archive seat. */
  adviser: boolean
  style: StaffStyle
  /** 1 active, when left out; 2 disabled, 4 not activated. Who left the company is gone from the list. */
  status?: 1 | 2 | 4
  /** false: not real-name verified, so nobody can be handed over to them (40098). */
  verified?: boolean
  mobile?: string
}

/** One employee's friendship with one outside person. Times in seconds, as the API gives them. */
export type Follow = {
  userid: string
  remark: string
  createtime: number
  addWay: number
  tags: string[]
  consent: Consent
  consentAt: number
  description?: string
  remarkCompany?: string
  remarkMobiles?: string[]
  /** Who made it, when not the member. */
  operator?: string
  /** Of the contact way or link it came by. */
  state?: string
}

export type Contact = {
  id: string
  /** What WeChat shows. */
  name: string
  surname: string
  realName: string
  gender: 'f' | 'm'
  age: number
  style: CustomerStyle
  type: 1 | 2
  company?: string
  follows: Follow[]
}

export type People = {
  departments: { id: number; name: string; parent: number }[]
  employees: Employee[]
  advisers: Employee[]
  contacts: Contact[]
  rooms: Room[]
  employee: Map<string, Employee>
  contact: Map<string, Contact>
  room: Map<string, Room>
}

const CONTACTS = 600
const DAY = 86_400
const TAGS = [
  'R2稳健',
  'R3平衡',
  'R1保守',
  'R4进取',
  '存款客户',
  '理财客户',
  '代发工资',
  '退休',
  '企业主',
  '到期跟进',
]

export function createPeople(rng: Rng, nowMs: number): People {
  const now = Math.floor(nowMs / 1000)
  const employees = [...createManagers(MANAGERS, true), ...createAdvisers(rng)]
  const advisers = employees.filter(one => one.adviser)
  const contacts = Array.from({ length: CONTACTS }, () => createContact(rng, advisers, now))
  const rooms = createRooms(rng, employees, contacts, now)
  employees.push(...createManagers(COMPLIANCE, false))
  return {
    departments: DEPARTMENTS.map(one => ({ ...one })),
    employees,
    advisers,
    contacts,
    rooms,
    employee: new Map(employees.map(one => [one.userid, one])),
    contact: new Map(contacts.map(one => [one.id, one])),
    room: new Map(rooms.map(one => [one.id, one])),
  }
}

function createManagers(list: typeof MANAGERS, led: boolean): Employee[] {
  return list.map(([name, userid, gender, position], index) => ({
    userid,
    name,
    gender,
    department: 2,
    position,
    leader: led && index === 0,
    adviser: false,
    style: 'formal',
  }))
}

function createAdvisers(rng: Rng): Employee[] {
  const centres = DEPARTMENTS.filter(one => one.id > 10)
  return STAFF.map(([name, userid, gender], index) => {
    const department = centres[index % centres.length]?.id ?? 11
    const leader = index < centres.length
    const position = leader ? '团队负责人' : rng.pick(['理财经理', '高级理财经理', '财富顾问', '私行顾问'])
    const style = rng.pick(['warm', 'formal', 'brisk', 'plain', 'warm'] as const)
    return { userid, name, gender, department, position, leader, adviser: true, style }
  })
}

function createContact(rng: Rng, advisers: Employee[], now: number): Contact {
  const gender = rng.chance(0.54) ? 'f' : 'm'
  const surname = rng.pick(SURNAMES)
  const realName = surname + rng.pick(gender === 'f' ? GIVEN_F : GIVEN_M)
  const age = Math.min(84, Math.max(22, Math.round(30 + rng.next() * 25 + rng.next() * 25 - 6)))
  const type = rng.chance(0.04) ? 2 : 1
  const style = age > 62 ? 'elder' : rng.pick(['terse', 'business', 'chatty', 'plain', 'plain'] as const)
  const first = rng.pick(advisers)
  const followers = rng.chance(0.1) ? [first, rng.pick(advisers.filter(one => one !== first))] : [first]
  return {
    id: `${type === 1 ? 'wm' : 'wo'}cJ7kDQAA${rng.id(22)}`,
    name: rng.chance(0.45) ? rng.pick(NICKNAMES) : realName,
    surname,
    realName,
    gender,
    age,
    style,
    type,
    ...(type === 2 ? { company: rng.pick(COMPANIES) } : {}),
    follows: followers.map(one => createFollow(rng, one, realName, now)),
  }
}

function createFollow(rng: Rng, follower: Employee, realName: string, now: number): Follow {
  const createtime = now - rng.int(20 * DAY, 900 * DAY)
  const tags = [...new Set([rng.pick(TAGS), rng.pick(TAGS)])]
  const fate = rng.next()
  return {
    userid: follower.userid,
    remark: rng.chance(0.6) ? realName : `${realName}-${tags[0]}`,
    createtime,
    addWay: rng.pick([1, 1, 1, 2, 3, 4, 16, 202]),
    tags,
    consent: fate < 0.86 ? 'Agree' : fate < 0.95 ? 'Default_Agree' : 'Disagree',
    consentAt: createtime + rng.int(3, 3600),
  }
}
