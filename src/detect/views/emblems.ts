/**
 * Pictures that stand for a word: 🈚抵押, 加我🛰️, 稳💰不赔. The first meaning is read first, the second in a reading of
 * its own. A picture that hides no word (保🔥本) has been taken out by folding already.
 */
const MEANINGS =
  '➕加 ✚加 ➖减 ✖不 ❌不 🚫不 🙅不 ⛔禁 🈲禁 🈚无 🈶有 🈳空 🈵满 🈴合 🈹割 🈯指 🉐得 🈺营 🉑可 🆓免费 🈁这里 ㊙密 🆗好 🆔身份证 ' +
  '💰钱/赚 💵钱/现金 💸钱/转账 💴钱 💶钱 🤑赚钱/钱 🪙币 ₿比特币 💎钻 🧧红包 🎁礼品/礼 🎰抽奖/抽 🎲赌 🏦银行 💳卡 🪪身份证 🔑密码/钥匙 🗝密码 🔐密码/锁 🔒锁 🔓解 🔢验证码 ' +
  '📈涨/股票 📉跌 🚀飞/涨 🌕翻倍 🌙月 💹涨 🔝顶 🥇黄金/第一 🏆第一 👑第一 🐮牛/牛股 🐂牛/牛股 🐎码/马 🐴码/马 🐔基/机 🐣基 🐟余 🐧企鹅 🟢微信/绿 🐍蛇 🐰宝 🐷猪 🐶狗 🐒侯 ' +
  '✈飞 🛩飞 🕊飞 🛰卫星 📱手机/微信 ☎电话 📞电话 📲电话 💬微信/聊 🗨聊 ✉信 📧信/邮件 📩信 📮信 🔗链接 🌐网 📷照 📸截图 🎫票 🎟票 🧾票 📋单 📄资料 📑资料 🗂资料 📒名单 📇名单 ' +
  '🤖机器人/智能 👤人 👥群 👨人 👨‍🏫老师 👩‍🏫老师 🧑‍🏫老师 🎓老师 👔领导 🕴领导 🤫保密/私 🤐保密 🙊不说 🙈不看 🗑删 🧹清 ✂割 🔪割 🔥火/烧 💣爆 💥爆 🌋爆 ⚡雷/快 🌩雷 ⛈雷 ' +
  '🚗车 🚙车 🚌车 🚄车 🏃跑 🏃‍♂️跑 🚶走 🛫飞 🍖肉 🥩肉 🍚饭 🍲汤 🥣汤 🍵茶 ☕茶 🍰蛋糕 🧱砖 ⛏挖矿 🛡保/保本 ☂保 🤝合作/共担 🀄中 🎯中 💯百分百/百 ✅保证/对 👍好 🏴黑 ⚫黑 ⬛黑 🟥红 🔴红 💊药 ' +
  '➡到/转 🔄转/换 ♻换 📤发/转 📥收 👉到 👈来 🔙返/回 ↩返 🔁返/循环 🤲给 🙏求 🕐点 ⏰时间 🔞18 👶儿 👵老 🏠房 🏡房 🏥医院 ☀日 🌞日 💤躺 🛌躺 😴躺 🛏躺 🐭鼠 🐀鼠 🕳坑 🩸血 🖊签 ✍签 ✏签 🖋签 👀看 👂听 👄说 🗣说 ✋手 👋手 🦶脚 🦷牙 🌲木 🌊水 💧水 🧊冻 ❄冻 🔧修 🛠修 🧺篮 🎣钓 🐏羊 🐑羊 🪢绑 📦包 🎒包 👜包 👛包 🍞包 🥟包 🧨爆 🪜梯 💼私募/公'
const ONE = '\ufe0f'

const meanings = new Map<string, string[]>()
for (const entry of MEANINGS.split(' ')) {
  const sign =
    /^(\p{Extended_Pictographic}(\u200d\p{Extended_Pictographic}|\u200d[♂♀]\ufe0f?)*|.)/u.exec(entry)?.[0] ??
    ''
  const means = entry.slice(sign.length).replace(ONE, '')
  if (means !== '') meanings.set(sign.replaceAll(ONE, ''), means.split('/'))
}
/** First code units of the signs: most texts hold none. */
const BEGINS = new Uint8Array(65536)
for (const sign of meanings.keys()) BEGINS[sign.charCodeAt(0)] = 1
const NOTHING: Spoken[] = []

/** The text with words for its pictures; unit i of it stands for text.slice(start[i], end[i]). */
export type Spoken = { text: string; start: number[]; end: number[]; from: number[]; to: number[] }

/** One reading for the first meanings, one more where a picture has a second; none without pictures. */
export function spokenPictures(text: string, from: number, to: number): Spoken[] {
  let first = from
  while (first < to && BEGINS[text.charCodeAt(first)] === 0) first++
  if (first === to) return NOTHING
  const found: { at: number; end: number; means: string[] }[] = []
  for (let i = first; i < to; i++) {
    if (BEGINS[text.charCodeAt(i)] === 0) continue
    const sign = signAt(text, i, to)
    if (!sign) continue
    found.push({ at: i, end: sign.end, means: sign.means })
    i = sign.end - 1
  }
  if (found.length === 0) return []
  const second = found.some(({ means }) => means.length > 1)
  return (second ? [0, 1] : [0]).map(which => written(text, from, to, found, which))
}

function signAt(text: string, i: number, to: number): { end: number; means: string[] } | undefined {
  // The longest sign first: 👨‍🏫 is a teacher, 👨 a man.
  for (const length of [5, 4, 3, 2, 1]) {
    if (i + length > to) continue
    const means = meanings.get(text.slice(i, i + length))
    if (!means) continue
    const end = i + length
    return { end: text[end] === ONE && end < to ? end + 1 : end, means }
  }
  return undefined
}

type Sign = { at: number; end: number; means: string[] }

function written(text: string, from: number, to: number, signs: Sign[], which: number): Spoken {
  const out: Spoken = { text: '', start: [], end: [], from: [], to: [] }
  let i = from
  const keep = (until: number): void => {
    for (; i < until; i++) {
      out.text += text[i]
      out.start.push(i)
      out.end.push(i + 1)
    }
  }
  let last = ''
  for (const { at, end, means } of signs) {
    keep(at)
    const word = means[Math.min(which, means.length - 1)] as string
    // 💰💰💰 is said once.
    const again = word === last && out.end.at(-1) === at
    if (!again) {
      out.from.push(out.text.length)
      out.text += word
      out.to.push(out.text.length)
      for (const _ of word) {
        out.start.push(at)
        out.end.push(end)
      }
    } else for (let k = out.from.at(-1) as number; k < out.text.length; k++) out.end[k] = end
    last = word
    i = end
  }
  keep(to)
  return out
}
