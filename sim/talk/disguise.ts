import type { Rng } from '../rng.ts'
import type { Disguise } from '../truth.ts'

/** Words that get a person into trouble, with what people write instead. */
const WORDS: readonly { word: string; homophone?: string[]; pinyin?: string; wide?: string }[] = [
  { word: '保本保息', homophone: ['宝本宝息', '葆本葆息'], pinyin: 'baoben baoxi' },
  { word: '保本', homophone: ['宝本', '保夲', '葆本'], pinyin: 'baoben' },
  { word: '保底', homophone: ['宝底', '保低'], pinyin: 'baodi' },
  { word: '稳赚不赔', homophone: ['稳zhuan不pei', '稳賺不陪', '文赚不赔'], pinyin: 'wenzhuan bupei' },
  { word: '稳赚', homophone: ['稳撰', '文赚'], pinyin: 'wenzhuan' },
  { word: '零风险', homophone: ['0风险', '零疯险', '〇风险'], pinyin: 'ling fengxian' },
  { word: '没风险', homophone: ['没疯险', '莓风险'], pinyin: 'mei fengxian' },
  { word: '刚兑', homophone: ['刚对', '钢兑'], pinyin: 'gangdui' },
  { word: '内幕', homophone: ['内木', '内募'], pinyin: 'neimu' },
  { word: '内部消息', homophone: ['内部肖息', '内bu消息'], pinyin: 'neibu xiaoxi' },
  { word: '微信', homophone: ['薇信', '威信', '徽信', '薇❤'], pinyin: 'weixin', wide: 'ＶＸ' },
  { word: '返点', homophone: ['反点', '返奌'], pinyin: 'fandian' },
  { word: '返佣', homophone: ['反佣', '返拥'], pinyin: 'fanyong' },
  { word: '返现', homophone: ['反现', '返線'], pinyin: 'fanxian' },
  { word: '配资', homophone: ['配姿', '佩资'], pinyin: 'peizi' },
  { word: '荐股', homophone: ['荐谷', '建股'], pinyin: 'jiangu' },
  { word: '分成', homophone: ['分城', '汾成'], pinyin: 'fencheng' },
  { word: '验证码', homophone: ['验正码', '验证吗'], pinyin: 'yanzhengma' },
  { word: '密码', homophone: ['密马', '蜜码'], pinyin: 'mima' },
  { word: '翻倍', homophone: ['翻贝', '番倍'], pinyin: 'fanbei' },
  { word: '转账', homophone: ['转帐', '砖账'], pinyin: 'zhuanzhang' },
  { word: '收款码', homophone: ['收宽码', '收款马'], pinyin: 'shoukuanma' },
  { word: '帮您操作', homophone: ['帮您艹作', '帮您操做'], pinyin: 'bangnin caozuo' },
  { word: '征信', homophone: ['正信', '征芯'], pinyin: 'zhengxin' },
  { word: '套现', homophone: ['套线', '淘现'], pinyin: 'taoxian' },
  { word: '兜底', homophone: ['兜低', '兜邸'], pinyin: 'doudi' },
  { word: '代操作', homophone: ['代艹作'], pinyin: 'dai caozuo' },
  { word: '加仓', homophone: ['加苍', '加倉'], pinyin: 'jiacang' },
  { word: '目标价', homophone: ['目标介', '木标价'], pinyin: 'mubiaojia' },
  { word: '重组', homophone: ['重祖', '虫组'], pinyin: 'chongzu' },
  { word: '流水', homophone: ['琉水', '流氵'], pinyin: 'liushui' },
  { word: '测评', homophone: ['测平', '侧评'], pinyin: 'ceping' },
  { word: '私募', homophone: ['私幕', '思募'], pinyin: 'simu' },
  { word: '删了', homophone: ['山了', '册刂了'], pinyin: 'shan le' },
  { word: '拆开转', homophone: ['拆开砖'], pinyin: 'chaikai zhuan' },
  { word: '提成', homophone: ['提城', '题成'], pinyin: 'ticheng' },
  { word: '炒币', homophone: ['炒比', '抄币'], pinyin: 'chaobi' },
  { word: '好处费', homophone: ['好处废', '郝处费'], pinyin: 'haochufei' },
  { word: 'USDT', wide: 'ＵＳＤＴ' },
  { word: 'vx', homophone: ['v❤', 'v信'], wide: 'ｖｘ' },
]

const TRADITIONAL: Record<string, string> = Object.fromEntries(
  '赚賺险險资資转轉账賬买買卖賣亏虧赔賠稳穩证證码碼荐薦个個贷貸帮幫内內实實没沒万萬财財兑兌诺諾产產过過钱錢销銷组組间間这這发發给給红紅单單员員会會删刪录錄卫衛签簽阴陰绝絕对對带帶盘盤从從点點动動说說让讓话話风風门門槛檻轻輕松鬆开開户戶额額亲親长長现現时時题題听聽还還认認报報业業专專价價优優关關别別头頭导導师師应應当當总總换換数數无無权權样樣标標汇匯测測终終经經续續网網联聯评評请請质質连連选選达達银銀闭閉随隨须須预預领領验驗'
    .match(/../gu)
    ?.map(pair => [...pair]) ?? [],
)

const ZERO_WIDTH = ['\u200b', '\u200d', '\ufeff', '\u2060']
const SEPARATORS = ['·', '.', ' ', '-', '*', '／', '_', '丨']
const EMOJI = ['🙂', '💰', '🌹', '👍', '✨', '[强]', '[玫瑰]']

/** Disguises the text as people do; undefined when no form fits it. */
export function disguise(text: string, rng: Rng): { text: string; disguise: Disguise } | undefined {
  const found = WORDS.filter(one => text.includes(one.word)).sort((a, b) => b.word.length - a.word.length)
  const target = found[0]
  const ways: [Disguise, () => string | undefined][] = [
    ...(target && !target.wide && rng.chance(0.6)
      ? []
      : ([['full-width', () => fullWidth(text, target?.word, target?.wide)]] as [
          Disguise,
          () => string | undefined,
        ][])),
  ]
  if (!target || rng.chance(0.5)) ways.push(['traditional', () => traditional(text)])
  if (target) {
    const swap = (by: string | undefined): string | undefined => by && text.replaceAll(target.word, by)
    ways.push(
      ['zero-width', () => swap(join(target.word, () => rng.pick(ZERO_WIDTH)))],
      ['separator', () => swap(joinWith(target.word, rng.pick(SEPARATORS)))],
      ['emoji', () => swap(joinWith(target.word, rng.pick(EMOJI)))],
      ['homophone', () => swap(target.homophone && rng.pick(target.homophone))],
      ['pinyin', () => swap(target.pinyin)],
    )
  }
  for (let turn = 0; turn < 6; turn++) {
    const [name, apply] = rng.pick(ways)
    const changed = apply()
    if (changed && changed !== text) return { text: changed, disguise: name }
  }
  return undefined
}

function join(word: string, glue: () => string): string {
  return [...word].reduce((out, character) => (out === '' ? character : out + glue() + character), '')
}

function joinWith(word: string, glue: string): string {
  return join(word, () => glue)
}

function traditional(text: string): string | undefined {
  const changed = [...text].map(character => TRADITIONAL[character] ?? character)
  const count = changed.filter((character, i) => character !== [...text][i]).length
  return count >= 2 ? changed.join('') : undefined
}

function fullWidth(text: string, word: string | undefined, wide: string | undefined): string | undefined {
  if (word && wide) return text.replaceAll(word, wide)
  return /[A-Za-z0-9%]{2,}/.test(text)
    ? text.replace(/[!-~]/g, character => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
    : undefined
}

/** Cuts a sentence over two or three bubbles, in the middle of what matters. */
export function splitOver(text: string, rng: Rng): string[] | undefined {
  const characters = [...text]
  if (characters.length < 8) return undefined
  const target = WORDS.find(one => text.includes(one.word))
  const at = target
    ? [...text.slice(0, text.indexOf(target.word))].length + 1
    : rng.int(3, characters.length - 3)
  const first = characters.slice(0, at).join('')
  const second = characters.slice(at).join('')
  return first && second ? [first, second] : undefined
}
