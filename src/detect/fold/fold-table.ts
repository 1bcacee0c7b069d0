import { DROP, EMOJI, HAN, MANY, ONE } from './fold-data.generated.ts'

/** What a code unit is to the folder; the order lets `kind <= ALNUM` mean "keep as it is". */
export const OTHER = 0
export const HANZI = 1
export const ALNUM = 2
/** Never written between two characters of one word by an honest hand; gone next to Han. */
export const ORNAMENT = 3
/** Brackets, quotes, dots, dashes: gone only between two Han. */
const DIVIDER = 4
export const NEWLINE = 5
/** Commas and full stops: gone only when they alternate with single characters (稳,赚,不,赔). */
export const STOP = 6
export const GONE = 7
export const EXPANDS = 8
export const SURROGATE = 9

/** What it takes to read a character, a bit each; from `homophone` on they come from views/kinds.ts. */
export const PATHS = [
  'width',
  'traditional',
  'separator',
  'invisible',
  'repetition',
  'variant',
  'confusable',
  'homophone',
  'near-sound',
  'shape',
  'split',
  'pinyin',
  'initials',
  'digits',
  'slang',
] as const
export const WIDTH = 1
const TRADITIONAL = 2
export const SEPARATOR = 4
export const INVISIBLE = 8
export const REPETITION = 16
export const VARIANT = 32
export const CONFUSABLE = 64
/** Internal: a newline was taken out before this character. */
export const LINE = 1 << 15

const ORNAMENTS =
  ' \t\u3000\u00a0*_~|·•‧∙⋅・^#=`´\u2022\u25cf\u25cb\u25a0\u25a1\u25c6\u25c7\u2605\u2606\u00d7丨丶'
const DIVIDERS = '+@&.-/\\—–―…"\'“”‘’「」『』《》〈〉【】〔〕()[]{}<>'
const STOPS = ',，、。;；:：!！?？'
/** Signs used for the character they look or sound like. Detection only: the search index never sees them. */
const VARIANTS: Record<string, string> = {
  ...{
    〇: '0',
    夲: '本',
    葆: '保',
    '➕': '加',
    ß: 'b',
    '⺝': '月',
    '❌': '不',
    '☓': '不',
    '✈': '飞',
    囯: '国',
    囻: '国',
    圀: '国',
  },
  ...{
    帀: '币',
    仝: '同',
    兌: '兑',
    穏: '稳',
    隠: '隐',
    単: '单',
    収: '收',
    証: '证',
    険: '险',
    帰: '归',
    転: '转',
    売: '卖',
  },
  ...{
    価: '价',
    団: '团',
    図: '图',
    広: '广',
    実: '实',
    対: '对',
    戻: '返',
    軽: '轻',
    銭: '钱',
    処: '处',
    県: '县',
    続: '续',
  },
  ...{
    訁: '讠',
    査: '查',
    カ: '力',
    ロ: '口',
    ム: '私',
    竝: '并',
    厶: '私',
    乚: '以',
    氺: '水',
    笫: '第',
    坃: '元',
    祘: '算',
    吋: '时',
    佂: '征',
    妳: '你',
    伱: '你',
    莪: '我',
  },
  ...{
    '⺁': '厂',
    '⺄': '乙',
    '⺆': '冂',
    '⺈': '刀',
    '⺊': '卜',
    '⺌': '小',
    '⺮': '竹',
    '⺼': '肉',
    '⻅': '见',
    '⻉': '贝',
  },
  ...{
    '⻋': '车',
    '⻓': '长',
    '⻔': '门',
    '⻘': '青',
    '⻙': '韦',
    '⻚': '页',
    '⻛': '风',
    '⻜': '飞',
    '⻝': '食',
    '⻢': '马',
  },
  ...{
    '⻥': '鱼',
    '⻦': '鸟',
    '⻩': '黄',
    '⻬': '齐',
    '⻮': '齿',
    '⻰': '龙',
    '⻳': '龟',
    '⻤': '鬼',
    '⻣': '骨',
    '⿊': '黑',
  },
}
/** Numbers in rings, brackets and with a stop, which compatibility would write out with theirs or does not know: ⑴ ㈠ ⒈ ❶ ➀ ➊ ⓵. */
for (const first of '⑴㈠⒈❶➀➊⓵')
  for (let i = 0; i < 9; i++)
    VARIANTS[String.fromCharCode(first.charCodeAt(0) + i)] = String.fromCharCode(49 + i)
VARIANTS['⓿'] = '0'

/** Letters of other scripts that an eye takes for the Latin one beside them. */
const CONFUSABLES =
  'αaβbγyεeηnιiκkνvѵvлlѡwοoρpτtυuχxωwаaвbсcеeнhкkмmоoрpтtуyхxіiјjѕsԁdԛqԝwɡgһhӏlпnгrбbɑaɩiⅼlʟlᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢzԍgղnօoսuəeɐaʌv'

/** What numbers are written with besides digits, each by its value; -1 for what is no numeral. */
export const VALUE = new Int8Array(65536).fill(-1)
;['零〇洞', '一壹幺弌', '二贰貳', '三叁', '四肆', '五伍', '六陆', '七柒拐', '八捌', '九玖'].forEach(
  (written, value) => {
    for (const char of written) VALUE[char.charCodeAt(0)] = value
    VALUE[48 + value] = value
  },
)

/** Width, case, traditional → simplified: one code unit to one code unit, 0 when it vanishes or expands. */
export const BASE = new Uint16Array(65536)
/** BASE with the look-alikes. */
export const MAP = new Uint16Array(65536)
export const KIND = new Uint8Array(65536)
export const PATH = new Uint8Array(65536)

const isHan = (cp: number): boolean => {
  for (let i = 0; i < HAN.length; i += 2)
    if (cp >= (HAN[i] as number) && cp <= (HAN[i + 1] as number)) return true
  return false
}

const alnum = (unit: number): boolean => (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 122)

const pair = (code: string): boolean => code.length === 2

function fillBase(): void {
  for (let i = 0; i < 65536; i++) BASE[i] = i
  for (let i = 0; i < ONE.length; i += 2) BASE[ONE.charCodeAt(i)] = ONE.charCodeAt(i + 1)
  for (let i = 0; i < DROP.length; i++) BASE[DROP.charCodeAt(i)] = 0
  for (const code of Object.keys(MANY)) if (!pair(code)) BASE[code.charCodeAt(0)] = 0
}

function fillKinds(): void {
  for (let i = 0; i < HAN.length; i += 2) {
    if ((HAN[i] as number) > 0xffff) break
    KIND.fill(HANZI, HAN[i], (HAN[i + 1] as number) + 1)
  }
  for (let i = 0; i < 65536; i++) {
    const to = BASE[i] as number
    if (alnum(to)) KIND[i] = ALNUM
    else if (to !== i && KIND[to] === HANZI) KIND[i] = HANZI
  }
  for (let i = 0; i < EMOJI.length; i += 2) {
    const [from, to] = [EMOJI[i] as number, EMOJI[i + 1] as number]
    for (let cp = from; cp <= to && cp <= 0xffff; cp++) KIND[cp] = ORNAMENT
  }
  for (const c of ORNAMENTS) KIND[c.charCodeAt(0)] = ORNAMENT
  for (const c of DIVIDERS) KIND[c.charCodeAt(0)] = DIVIDER
  for (const c of STOPS) KIND[c.charCodeAt(0)] = STOP
  for (let i = 0; i < 65536; i++) {
    const to = BASE[i] as number
    const kind = KIND[to] as number
    if (to !== i && to !== 0 && kind >= ORNAMENT && kind <= STOP) KIND[i] = kind
  }
  for (const c of '\n\r\u2028\u2029\u0085') KIND[c.charCodeAt(0)] = NEWLINE
}

function fillRest(): void {
  for (const code of Object.keys(MANY))
    if (!pair(code) && (KIND[code.charCodeAt(0)] as number) < ORNAMENT) KIND[code.charCodeAt(0)] = EXPANDS
  for (let i = 0; i < DROP.length; i++) KIND[DROP.charCodeAt(i)] = GONE
  // The box of 7️⃣.
  KIND[0x20e3] = GONE
  KIND.fill(SURROGATE, 0xd800, 0xdc00)
  MAP.set(BASE)
  for (let i = 0; i < 65536; i++) {
    const to = BASE[i] as number
    if (to === i || to === 0) continue
    const upper = String.fromCharCode(i).toLowerCase() === String.fromCharCode(to)
    if (!upper) PATH[i] = isHan(i) ? TRADITIONAL : WIDTH
  }
  for (const [from, to] of Object.entries(VARIANTS)) {
    const unit = from.charCodeAt(0)
    MAP[unit] = to.charCodeAt(0)
    KIND[unit] = alnum(to.charCodeAt(0)) ? ALNUM : HANZI
    PATH[unit] = VARIANT
  }
  const latin = new Map<number, number>()
  for (let i = 0; i < CONFUSABLES.length; i += 2)
    latin.set(CONFUSABLES.charCodeAt(i), CONFUSABLES.charCodeAt(i + 1))
  for (let i = 0; i < 65536; i++) {
    const to = latin.get(i) ?? latin.get(BASE[i] as number)
    if (to === undefined) continue
    MAP[i] = to
    KIND[i] = ALNUM
    PATH[i] = CONFUSABLE
  }
}

fillBase()
fillKinds()
fillRest()

/** Kinds of the first plane beyond 65535: emoji, Han, what expands. */
const ASTRAL = new Uint8Array(65536)
for (const code of Object.keys(MANY)) {
  const cp = code.codePointAt(0) as number
  if (cp > 0xffff && cp < 0x20000) ASTRAL[cp - 0x10000] = EXPANDS
}
for (let i = 0; i < EMOJI.length; i += 2) {
  for (let cp = Math.max(0x10000, EMOJI[i] as number); cp <= Math.min(0x1ffff, EMOJI[i + 1] as number); cp++)
    if (ASTRAL[cp - 0x10000] === 0) ASTRAL[cp - 0x10000] = ORNAMENT
}

/** Something that is known to be an emoji and nothing else, without a search. */
export const plainlyEmoji = (cp: number): boolean => cp < 0x20000 && ASTRAL[cp - 0x10000] === ORNAMENT

export function isEmoji(cp: number): boolean {
  for (let i = 0; i < EMOJI.length; i += 2) {
    if (cp < (EMOJI[i] as number)) return false
    if (cp <= (EMOJI[i + 1] as number)) return true
  }
  return false
}

export const expansion = (char: string): string | undefined => MANY[char]
export const isHanPoint = isHan
