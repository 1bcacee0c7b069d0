import type { Node, Ranges } from './pattern-syntax.ts'

const MOST_LITERALS = 48
const MOST_LENGTH = 6
const MOST_UNITS = 12
/** Characters and words that stand in every other line of a bank's chat: watching for them wakes everything. */
const COMMON = new Set(
  '的一是不了我你您在有他这个们来到时大为上要会可能就对下去说那也得里后没给吗好和人保行点买卖钱元万月日年天分收家公本卡号出入发看做用转存取汇打加换留扫付划替帮代把退还走过选填写点答投交放带别年周笔次批级返领拿报查开真假病超弄完送块千几两三全先',
)
/** And these in nearly every line. */
const EVERYWHERE = new Set('的一是不了我你您在有个这就来到要会可能对给人')
const COMMON_WORDS = new Set(
  (
    '可以 就行 就能 我们 客户 公司 产品 基金 理财 保险 收益 利率 银行 账户 账号 手机 电话 系统 今天 现在 明天 马上 贷款 审批 理赔 额度 信用卡 申请 存款 定期 ' +
    '资料 合同 材料 发票 流水 社保 这款 这个 这只 保单 手续费 保费 管理费 密码 验证码 微信 朋友 个人 经理 老师 告诉 介绍 推荐 团队 投资 本金 资金 赎回 到期 ' +
    '自动 不用 不要 别人 需要 什么 多少 随便 系统 上报 领导 总部 监管 合规 记录 消息 这条 刚才 年化 利息 回报 公告 季报 风险 等级 测评 问卷 协议 签字 签名 回访'
  ).split(' '),
)

/** Groups of strings: each group holds one string that every match contains. Empty when there is none. */
export function requiredLiterals(node: Node): string[][] {
  return pick(groups(node))
}

function members(ranges: Ranges): string[] | undefined {
  const out: string[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [ranges[i] as number, ranges[i + 1] as number]
    if (out.length + to - from >= MOST_UNITS) return undefined
    for (let unit = from; unit <= to; unit++) out.push(String.fromCharCode(unit))
  }
  return out
}

/** Every string the node can read, when they are few and short. */
function exact(node: Node): string[] | undefined {
  if (node.type === 'set') return members(node.ranges)
  if (node.type === 'cat')
    return node.items.reduce<string[] | undefined>((all, item) => cross(all, exact(item)), [''])
  if (node.type === 'alt') {
    const parts = node.items.map(exact)
    if (parts.some(part => !part)) return undefined
    const all = [...new Set(parts.flatMap(part => part ?? []))]
    return all.length <= MOST_LITERALS ? all : undefined
  }
  if (node.max > 3) return undefined
  const one = exact(node.item)
  if (!one) return undefined
  let power: string[] | undefined = ['']
  let all: string[] = node.min === 0 ? [''] : []
  for (let i = 1; i <= node.max; i++) {
    power = cross(power, one)
    if (!power) return undefined
    if (i >= node.min) all = all.concat(power)
  }
  return all.length <= MOST_LITERALS ? [...new Set(all)] : undefined
}

function cross(a: string[] | undefined, b: string[] | undefined): string[] | undefined {
  if (!a || !b || a.length * b.length > MOST_LITERALS) return undefined
  const out = a.flatMap(x => b.map(y => x + y))
  return out.some(s => s.length > MOST_LENGTH) ? undefined : [...new Set(out)]
}

function groups(node: Node): string[][] {
  const whole = exact(node)
  if (whole && !whole.includes('')) return [whole]
  if (node.type === 'set') return []
  if (node.type === 'repeat') return node.min > 0 ? groups(node.item) : []
  if (node.type === 'alt') {
    const best = node.items.map(item => pick(groups(item))[0])
    return best.every(group => group) ? [[...new Set(best.flatMap(group => group ?? []))]] : []
  }
  return sequence(node.items)
}

/** Neighbours whose strings are known are read together: (收益|利息)(保证) gives 收益保证, 利息保证. */
function sequence(items: Node[]): string[][] {
  const found: string[][] = []
  let run: string[] = ['']
  const close = () => {
    if (!run.includes('')) found.push(run)
    run = ['']
  }
  for (const item of items) {
    const own = exact(item)
    if (own && !own.includes('')) {
      const longer = cross(run, own)
      if (longer) {
        run = longer
        continue
      }
      close()
      run = own.length <= MOST_LITERALS ? own : ['']
      continue
    }
    close()
    found.push(...groups(item))
  }
  close()
  return found
}

/** How often, roughly, an ordinary line holds it. */
function wakes(literal: string): number {
  if (/^\d+$/.test(literal)) return 40 / literal.length
  if (literal.length === 1) return EVERYWHERE.has(literal) ? 400 : COMMON.has(literal) ? 50 : 8
  return COMMON_WORDS.has(literal) ? 30 : 1
}

/** The character of a word that ordinary lines hold least. */
export function rarest(literal: string): string {
  let best = literal.charAt(0)
  for (let i = 1; i < literal.length; i++)
    if (wakes(literal.charAt(i)) < wakes(best)) best = literal.charAt(i)
  return best
}

const cost = (group: string[]): number => group.reduce((sum, literal) => sum + wakes(literal), 0)

/** Best first: the automaton watches for that one, the others are looked for when it was seen. */
function pick(found: string[][]): string[][] {
  const unique = new Map(
    found.filter(group => group.length > 0).map(group => [group.toSorted().join(), group]),
  )
  return [...unique.values()].sort((a, b) => cost(a) - cost(b))
}
