import type { Rule } from '../contract.ts'
import { oftenWord } from '../match/frequency.ts'
import { GLUE } from './glue.ts'
import { wordChance } from './lexicon.ts'
import { TRADE } from './trade.ts'

/** Letters that stand for a word by custom. Two letters only where nobody writes them for something else. */
const INITIALS: Record<string, string> = Object.fromEntries(
  (
    'wxh微信号 jwx加微信 tjwx添加微信 bbbx保本保息 bbb保本 yzm验证码 mm密码 sfz身份证 sjh手机号 khzl客户资料 khmd客户名单 fy返佣 fd返点 fx返现 hk回扣 ' +
    'pz配资 cwpz场外配资 jgg加杠杆 nm内幕 nmxx内幕消息 nbxx内部消息 zz转账 zh账户 dk贷款 wd网贷 zx征信 zxxf征信修复 wszx无视征信 hh黑户 tx套现 tc提成 yq逾期 ' +
    'dcp代操盘 dkcp代客操盘 dklc代客理财 qqwt全权委托 cp测评 bs背书 ba备案 bz暴涨 zt涨停 ztb涨停板 gp股票 jg荐股 xg选股 gd跟单 dd带单 cg炒股 bbz保本 wzbp稳赚不赔 lfx零风险 ' +
    'wfx无风险 gsy高收益 dmk低门槛 zq赚钱 sm私募 smjj私募基金 fxq反洗钱 xq洗钱 ky可疑 pf跑分 dm代码 zs止损 mb目标 pzgs骗子公司 hg合规 dh电话 lc留痕 yl盈利 fc分成 ks亏损 ' +
    'jkgz健康告知 zd最低 mk门槛 zjp资金盘 sb傻逼 nmd你妈的 xj现金 sy收益 bj本金 lx利息 vxh微信号 jvx加微信 jv加微信 vxin微信 wxin微信 wxhao微信号 vxhao微信号 skm收款码 ewm二维码 grk个人卡 srk私人卡 yhk银行卡 jhy加好友 qywx企业微信 ' +
    'bd兜底 gdt兜底 bx保息 gxy高收益 ljb垃圾 cx存续 ndsd宁德时代 xx下线 dy抵押'
  )
    .split(' ')
    .map(entry => {
      const letters = /^[a-z]+/.exec(entry)?.[0] ?? ''
      return [letters, entry.slice(letters.length)]
    }),
)

/** What the trade says for a word it does not want to say; whole, next to nothing else but what stands here. */
const SLANG = (
  '加薇=加微信 加v=加微信 加威=加微信 加围=加微信 加卫星=加微信 加我卫星=加我微信 加我薇=加我微信 加我v=加我微信 我的薇=我的微信 我薇=我微信 薇❤=微信 威❤=微信 v❤=微信 微❤=微信 ' +
  'wx=微信 vx=微信 tg=飞机 加ux=加微信 薇上=微信上 薇聊=微信聊 薇号=微信号 v号=微信号 v上=微信上 v聊=微信聊 小v=微信 私v=私人微信 我v=我微信 薇我=微信我 葳我=微信我 换薇=换微信 加葳=加微信 ' +
  '薇芯=微信 绿泡泡=微信 绿色软件=微信 小绿聊=微信聊 +v=加微信 +薇=加微信 +卫星=加微信 加个v=加个微信 加個v=加个微信 换v聊=换微信聊 v信=微信 v我=微信我 v里聊=微信里聊 ' +
  '扣扣=qq 企鹅号=qq号 小企鹅=qq 纸飞机=飞机 二饼=以太坊 姨太=以太坊 以太饼=以太坊 大饼二饼=比特币以太坊 买大饼=买比特币 优盾=usdt ' +
  '抽屉协议=兜底协议 焊死=写死 带你飞=带你赚钱 车队缺料=跑分缺卡 四件套借=银行卡借 跑分车队=跑分 老地方聊=微信聊 隔墙有耳=这里说话不方便 加油站加满=配资 吃肉按股=盈利分成'
)
  .split(' ')
  .map(entry => entry.split('=') as [string, string])

/** v.x, Q~Q, w x: what stands between the letters of a name that nobody spells out honestly. */
for (const [letters, name] of ['vx微信', 'wx微信', 'qqqq', 'tg飞机'].map(one => [
  one.slice(0, 2),
  one.slice(2),
]))
  for (const sign of ' .·-_*~|/,、。+') SLANG.push([`${letters?.[0]}${sign}${letters?.[1]}`, name as string])

/** Words that initials of four letters and more must not be taken for. */
const LATIN = new Set(
  'http https html xml json pdf docx xlsx pptx app www com cctv yyds hhhh jpeg mpeg bmw ktv'.split(' '),
)

const TRADE_WORDS = new Set(TRADE)
const HAN = /^[\u4e00-\u9fa5]+$/
/** Everyday words: rewriting into them says nothing. Words of expressions are mostly glue, so they must be rarer. */
const EVERYDAY = -6.4
const COMMON = -11
const LONGEST = 8
/** A rule of so many terms is a list brought along: its words of two characters sound like everything. */
export const LEXICON = 500

/** The words written out in an expression: 收益|利息 gives both, 一点儿? gives 一点. */
function literals(source: string): string[] {
  const plain = source.replace(/\[[^\]]*\]/g, ' ').replace(/\\./g, ' ')
  return [...plain.matchAll(/[\u4e00-\u9fa5]{2,}[?{*]?/g)].map(([run]) =>
    /[?{*]$/.test(run) ? run.slice(0, -2) : run,
  )
}

/** From which ordinary talk says a word often (match/frequency.ts). */
const OFTEN = 0.3

/** Says something by itself: two characters side by side of which neither is glue. */
function telling(word: string): boolean {
  if (oftenWord(word) > OFTEN) return false
  for (let i = 0; i + 1 < word.length; i++)
    if (!GLUE.has(word.charAt(i)) && !GLUE.has(word.charAt(i + 1))) return true
  return false
}

/** The words worth seeing through: those of the rules that let themselves be read so, and the trade's own. */
export function watchedWords(rules: Rule[], fold: (text: string) => string): string[] {
  const words = new Set(TRADE)
  const take = (word: string, least: number, often = EVERYDAY): void => {
    if (word.length < least || word.length > LONGEST || !HAN.test(word)) return
    if (word.length === 2 && (wordChance(word) ?? -20) > often) return
    words.add(word)
  }
  for (const rule of rules) {
    if (!rule.disguise) continue
    for (const word of rule.masked ?? []) if (HAN.test(word)) words.add(word)
    const least = rule.terms.length > LEXICON ? 3 : 2
    for (const { term } of rule.terms) if (telling(fold(term))) take(fold(term), least)
    for (const source of rule.patterns)
      for (const word of literals(source))
        if (telling(word) && (word.length > 2 || wordChance(word) !== undefined)) take(word, 2, COMMON)
  }
  return [...words]
}

/** Spellings that the automaton watches for beside the words themselves. */
export type Mark = { kind: 'initials' | 'slang' | 'reversed'; to: string }

export function marks(words: string[], initialsOf: (word: string) => string): Map<string, Mark> {
  const out = new Map<string, Mark>()
  for (const word of words) {
    // A rule's every word of two turned round stands in ordinary text by chance: only the trade's own.
    if (word.length < 3 && !TRADE_WORDS.has(word)) continue
    const backwards = [...word].reverse().join('')
    if (backwards !== word) out.set(backwards, { kind: 'reversed', to: word })
  }
  for (const word of words) {
    const letters = word.length >= 4 ? initialsOf(word) : ''
    if (letters.length >= 4 && !LATIN.has(letters)) out.set(letters, { kind: 'initials', to: word })
  }
  for (const [letters, to] of Object.entries(INITIALS)) out.set(letters, { kind: 'initials', to })
  for (const [from, to] of SLANG) out.set(from, { kind: 'slang', to })
  return out
}
