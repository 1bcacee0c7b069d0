import { oftenUnit } from '../match/frequency.ts'

/** How far a negation reaches, in folded characters (regulation.md §3.0). */
const REACH = 12

/** They look like negations and promise all the more. Longest first. */
const FALSE = (
  '不是不 没有不 不会不 不可能不 不得不 不能不 没有人不 没一个不 没有谁不 不用担心 ' +
  '不必担心 不要担心 别担心 无需担心 不需要担心 不用怕 别怕 不要怕 不用害怕 不怕 不要犹豫 ' +
  '别犹豫 不用犹豫 不用考虑 别考虑 不用多想 别多想 不用想 别想太多 不要错过 别错过 ' +
  '不容错过 不用管 不用看 不用纠结 别纠结 不用紧张 别紧张 不用怀疑 别怀疑 毫无疑问 无疑 ' +
  '没问题 没事 没毛病 没得说 不仅仅 不仅 不但 不光 不只 不单 不止 不骗您 不骗你 不骗 ' +
  '不瞒您 不瞒 不吹牛 不开玩笑 不跟您绕 不管 不论 无论 不然 要不 不如 不妨 不断 不久 ' +
  '不错 不同 不多 不少 不到 不过 不低 不低于 不比 不输 不次于 不亚于 非常 非得 除非 ' +
  '无非 莫非 未来 别人 别家 别的 别急 不急 没几个 没多少 不限 不信您 不信你 不用操心 ' +
  '不操心 不愁 不差 不贵 不难 没关系 不好意思 不说 别说 没说的 不经意 没有比 没有哪 ' +
  '没有什么比 不二 无忧 无敌 特别 级别 分别 区别 个别 告别 性别 识别 别声张 别告诉 ' +
  '别外传 不外传 不要外传 别往外 不对外 没公开 没公告 还没 尚未 未公开 不公开 别跟别人 ' +
  '别和别人 无需 不用 不必 不需要 不麻烦 没风险 没有风险 无风险 零风险 不亏 不会亏 ' +
  '没亏过 没有亏过 从没亏 从来没亏 从未亏 不担风险 不担心 不吃亏 稳赚不赔 只赚不赔 不赔 ' +
  '没时间 没钱 没空 没买 没有买 不知道 不懂 不会操作 不会弄 不熟 不方便 不划算 不来 ' +
  '别给脸 不上 不赚白不赚 不买 没签 没满 不够 不足'
)
  .split(' ')
  .sort((a, b) => b.length - a.length)

/** These govern everything up to the end of the clause. */
const WIDE = (
  '不得 不能 不可 不会 不许 不准 不要 不应 不宜 不允许 禁止 严禁 请勿 切勿 勿 警惕 ' +
  '谨防 严防 提防 远离 防范 杜绝 抵制 拒绝 不构成 不代表 不等于 不意味 不表明 不预示 ' +
  '不承诺 不保证 不存在 不是 并不 并非 绝非 非 没有 没法 没办法 绝不 决不 从不 从未 ' +
  '从来不 从来没 不相信 别信 莫信 勿信 不轻信 不做 不提供 不支持 无法 哪有 何来 不涉及 ' +
  '不属于 不具备 不含 没说过 不敢 没敢 没承诺 没答应 谁说 怎么可能 怎么会 难道 岂能 ' +
  '哪能 不再 不搞 不碰 不参与 不接受 不收 不索要 不索取 不代 不替 不私下 不推荐 不建议 ' +
  '不鼓励 不赞成 不主张 不追求 不以 不该 不作 切忌 忌 避免 停止 取消了 别用 别去 别拿 别找 别碰 别做 别搞 别参与 别把 别给 别点 ' +
  '别加 别转 别轻信 别听 不打听 不传播 不讨论 不谈'
).split(' ')

/** Alone, these negate only what follows at once. */
const NARROW = '不 没 无 别 未 莫 勿 非'.split(' ')

/** Said after the words themselves. */
const AFTER = (
  '是不可能 不可能的 不现实 不允许 是违规 属违规 属于违规 都违规 是违法 属于违法 是骗 ' +
  '都是骗 是假的 都是假 是诈骗 是骗局 做不到 办不到 是不存在 不存在的 是不合规 不合规 ' +
  '的话不能信 都不能信 不要信 别信 不可信 行不通 早就取消 已经取消 取消了 早就没有 早没了 要坐牢 会坐牢 影响征信 我们不碰 行不碰 我不能要 不能要 不能收 我们不收 谢绝 ' +
  '不能给 给不了 不敢保证 保证不了 不能保证 没法保证 很难说 说不准 是禁止 是被禁止 ' +
  '被明令禁止 是不对的 是错误 这种话 之类的话 等字眼 等字样 等用语 等词 等表述 等话术 ' +
  '等说法 等承诺 的说法 这样的承诺 等违规 等行为 等违法 是红线 没有的 没有了 不可以 不行 ' +
  '这个词 这句话 这几个字 两个字 四个字 字样'
).split(' ')

/**
 * Every word of a list holds one of these signs, so that a text without them is passed by at a glance. The sign of
 * a word is the one that most words of the list share.
 */
function signsOf(words: readonly string[]): Uint8Array {
  const count = new Map<string, number>()
  for (const word of words) for (const char of new Set(word)) count.set(char, (count.get(char) ?? 0) + 1)
  const table = new Uint8Array(65536)
  for (const word of words) {
    // Characters of every other line make poor signs.
    const worth = (char: string) => (count.get(char) ?? 0) / (1 + oftenUnit(char))
    const best = [...word].reduce((a, b) => (worth(b) > worth(a) ? b : a))
    table[best.charCodeAt(0)] = 1
  }
  return table
}

const holds = (table: Uint8Array, chars: Uint16Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (table[chars[i] as number] === 1) return true
  return false
}

function slice(chars: Uint16Array, from: number, to: number): string {
  let out = ''
  for (let i = from; i < to; i++) out += String.fromCharCode(chars[i] as number)
  return out
}

/** Denied twice is promised: 没有哪个产品不稳赚, 难道不保本, 怎么可能不赚. At most a dozen characters are looked at. */
const TWICE = /(没有?(哪|谁|人|一|任何)|难道|怎么可能|怎么会|哪有|哪能|岂能|岂会).{0,8}[不没]会?$/

const SIGNS_BEFORE = signsOf([...WIDE, ...NARROW])
const SIGNS_AFTER = signsOf(AFTER)
const AFTER_REACH = 10

/** Is the hit taken back by its clause, before it or behind it? All folded. */
export function negated(chars: Uint16Array, clause: [number, number], hit: [number, number]): boolean {
  const to = Math.min(clause[1], hit[1] + AFTER_REACH)
  if (holds(SIGNS_AFTER, chars, hit[1], to)) {
    const tail = slice(chars, hit[1], to)
    if (AFTER.some(word => tail.includes(word))) return true
  }
  const from = Math.max(clause[0], hit[0] - REACH)
  if (!holds(SIGNS_BEFORE, chars, from, hit[0])) return false
  let window = slice(chars, from, hit[0])
  if (TWICE.test(window)) return false
  for (const word of FALSE) {
    if (window.includes(word)) window = window.replaceAll(word, '~'.repeat(word.length))
  }
  return WIDE.some(word => window.includes(word)) || NARROW.some(word => window.endsWith(word))
}

/** In the gap of a pattern, unless the pattern itself asks for the word. */
const INSIDE = (
  '不敢 不得 禁止 严禁 不保证 不承诺 不是 并不 并非 不代表 不构成 不等于 请勿 切勿 ' +
  '不应 不宜 不会 不能 不一定 未必 无法 没法 难以 不确定 不固定 没有保证 不可以 不提供 ' +
  '不支持 不推荐 不建议 不要 自行 自担 您自己 客户自己'
).split(' ')

const SIGNS_INSIDE = signsOf(INSIDE)

export function deniedInside(chars: Uint16Array, hit: [number, number], source: string): boolean {
  if (!holds(SIGNS_INSIDE, chars, hit[0], hit[1])) return false
  const matched = slice(chars, hit[0], hit[1])
  return INSIDE.some(word => matched.includes(word) && !source.includes(word))
}
