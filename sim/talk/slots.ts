import type { Contact, Employee } from '../people.ts'
import type { Rng } from '../rng.ts'

/** Who speaks in a thread. `roomId` empty: between two. */
export type Cast = {
  staff: Employee
  colleague: Employee
  customer?: Contact
  other?: Contact
  roomId: string
  roomName: string
  /** Everybody in the room, or the two. */
  parties: string[]
}

const PRODUCTS = [
  ['澄稳·日日盈', 'R1', '1.6%-2.0%', '每个交易日可申赎'],
  ['澄稳·季季享90天', 'R2', '2.3%-2.8%', '最短持有90天'],
  ['澄稳·半年开', 'R2', '2.5%-3.0%', '每六个月开放一次'],
  ['澄益·固收增强一年', 'R2', '2.8%-3.3%', '最短持有一年'],
  ['澄益·双月鑫', 'R2', '2.2%-2.7%', '最短持有60天'],
  ['澄和·均衡配置18个月', 'R3', '3.0%-4.0%', '封闭18个月'],
  ['澄和·股债平衡两年', 'R3', '3.2%-4.2%', '封闭两年'],
] as const
/** Those that end on a day, or are shut until one. */
const TERMED = ['澄稳·季季享90天', '澄益·固收增强一年', '澄和·均衡配置18个月', '澄和·股债平衡两年']
const BRANCHES = ['城东支行', '滨江支行', '湖滨路支行', '城西大道支行', '科创园支行']
const TIMES = ['上午10点', '下午2点半', '下午3点', '上午9点半', '下午4点']
const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
const FAMILY = ['老伴', '女儿', '儿子', '我妈', '我爱人', '我爸']
const INDUSTRIES = ['新能源', '医药', '消费', '半导体', '红利', '债券', '黄金']
const AMOUNTS = [2, 3, 5, 8, 10, 15, 20, 30, 50, 80, 100, 200]

/** Values of one thread: the same slot says the same thing until the thread ends. */
export function createSlots(rng: Rng, cast: Cast, at: number): (text: string) => string {
  const [product, risk, bench, rule] = rng.pick(PRODUCTS)
  const [product2, risk2, bench2, rule2] = rng.pick(PRODUCTS.filter(one => one[0] !== product))
  const values: Record<string, string> = {
    product,
    risk,
    bench,
    rule,
    product2,
    risk2,
    bench2,
    rule2,
    term: rng.pick(TERMED),
    code: `CJ${rng.digits(6)}`,
    amount: `${rng.pick(AMOUNTS)}万`,
    amount2: `${rng.pick(AMOUNTS)}万`,
    last4: rng.digits(4),
    date: dayAfter(at, rng.int(3, 24)),
    date2: dayAfter(at, rng.int(25, 60)),
    soon: dayAfter(at, rng.int(1, 3)),
    past: dayAfter(at, -rng.int(2, 20)),
    weekday: WEEKDAYS[new Date(at + rng.int(1, 4) * 86_400_000 + 8 * 3_600_000).getUTCDay()] ?? '周三',
    time: rng.pick(TIMES),
    branch: rng.pick(BRANCHES),
    nav: `1.0${rng.int(102, 689)}`,
    nav2: `1.0${rng.int(102, 689)}`,
    family: rng.pick(FAMILY),
    industry: rng.pick(INDUSTRIES),
    queue: String(rng.int(3, 14)),
    minutes: String(rng.int(5, 30)),
    pct: `0.${rng.int(12, 98)}%`,
    me: `小${cast.staff.name.charAt(0)}`,
    name: cast.staff.name,
    title: `${cast.staff.name.charAt(0)}经理`,
    mate: cast.colleague.name,
    mateid: cast.colleague.userid,
    adv: addressStaff(rng, cast.staff),
    call: cast.customer ? addressCustomer(rng, cast.customer) : '您',
    call2: cast.other ? addressCustomer(rng, cast.other) : '您',
    surname: cast.customer?.surname ?? '王',
    wx: `${rng.pick(['lcj', 'cf', 'xl'])}${rng.digits(6)}`,
    wmid: `wmcJ7kDQAA${rng.id(22)}`,
    stock: `${rng.pick(['60', '00', '30'])}${rng.digits(4)}`,
  }
  return text => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}

function addressStaff(rng: Rng, staff: Employee): string {
  const surname = staff.name.charAt(0)
  return rng.pick([`小${surname}`, `${surname}经理`, `${surname}经理`])
}

function addressCustomer(rng: Rng, customer: Contact): string {
  const { surname, gender, age, style } = customer
  if (style === 'business')
    return rng.pick([`${surname}总`, `${surname}总`, `${surname}${gender === 'f' ? '女士' : '先生'}`])
  if (age > 60) return surname + rng.pick(gender === 'f' ? ['阿姨', '阿姨', '老师'] : ['叔叔', '叔', '老师'])
  if (age < 32) return surname + (gender === 'f' ? '女士' : '先生')
  return surname + rng.pick(gender === 'f' ? ['姐', '女士', '女士'] : ['哥', '先生', '先生'])
}

function dayAfter(at: number, days: number): string {
  const day = new Date(at + days * 86_400_000 + 8 * 3_600_000)
  return `${day.getUTCMonth() + 1}月${day.getUTCDate()}日`
}
