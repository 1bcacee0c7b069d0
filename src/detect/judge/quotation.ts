import { sighted } from '../match/pattern.ts'
import { type Range, reads } from './reads.ts'

/** How far back an opening mark is looked for; longer quotations are documents. */
const QUOTE = 60
/** In a text longer than this, marks are counted within a line. */
const PARAGRAPH = 2000

const PAIRS: readonly [string, string][] = [
  ['“', '”'],
  ['‘', '’'],
  ['「', '」'],
  ['『', '』'],
]

/** Inside 《》 stands a name: a film, a law, a document. */
export function inTitle(text: string, origin: number): boolean {
  return within(text, origin, '《', '》')
}

function within(text: string, origin: number, opens: string, closes: string): boolean {
  // No further than asked: a long text with many hits would be read through for each of them.
  const from = Math.max(0, origin - QUOTE)
  const open = text.slice(from, origin + 1).lastIndexOf(opens)
  if (open < 0) return false
  const close = text.slice(from + open + 1, origin + PARAGRAPH).indexOf(closes)
  return close >= 0 && from + open + 1 + close >= origin
}

/** Straight marks open and close alike: the count before tells. */
function withinStraight(text: string, origin: number): boolean {
  let from = 0
  if (origin > PARAGRAPH) {
    const line = text.slice(origin - PARAGRAPH, origin).lastIndexOf('\n')
    from = origin - PARAGRAPH + line + 1
  }
  let marks = 0
  for (let i = from; i < origin; i++) if (text.charCodeAt(i) === 34) marks++
  return marks % 2 === 1 && text.slice(origin, origin + PARAGRAPH).includes('"')
}

const OPENING = new Uint8Array(65536)
for (const [opens] of PAIRS) OPENING[opens.charCodeAt(0)] = 1
OPENING[34] = 1

/** Most texts hold no mark at all in front of the words. */
function anyMark(text: string, origin: number): boolean {
  for (let i = Math.max(0, origin - PARAGRAPH); i <= origin; i++)
    if (OPENING[text.charCodeAt(i)] === 1) return true
  return false
}

/** Whose words they are: somebody else's, or a paper's. Superiors and teachers vouch, so they are not among them. */
const speaker = sighted(
  '(他|她|对方|那人|中介|客户|朋友|邻居|网上|有人|文章|传单|海报|宣传(页|单|册)|短信|广告|被告|骗子|假客服|客服|外包人员|所谓老师|亲戚|同行|截图|研报|[您你](刚才|说|转发|朋友|收到|截图))[^。!;]{0,12}(说|讲|喊|写|印|提出|劝|叫|让|要|告诉|骂|称|的|原话是|转)',
)
/** What is said of quoted words: that they are words, that they are wrong, or what was done about them. */
const remark = sighted(
  '这(话|种话|句|个词|种说法|个说法|种|类|是|名字)|那(句|是)|(的|是)?(说法|话|短信|海报|信息|语音|消息|链接|广告|名字|产品名|口头协议|业务类型|旧产品名)|冒充|假的|是假|别(信|点|买|踩|用)|不对|错的|红线|违规|不是(我们|我)|不代表|不等于|没有这个业务|(报|举报|上报|核实|登记|通报|报案|核查|澄清|下架|停岗|停了|举报|保卫|解释|拒绝|回绝|踢|截图|合不合规|警方|公安|派出所)|怎么处理|我(说|让|告诉|劝|建议)(他|她|这|您|客户)?|您千万|引以为戒|诱饵|盯着|不同意|没在|没人|不能|不要|请改|原话|,经查',
)
const AFTER = 60
/** In marks stands what is quoted, unless the speaker offers it: 咱们这款“保本”产品, 我给您开个“影子账户”. */
const own = sighted(
  '(咱们?|我们?)(家|行|公司)?(这|的|认识|有|手上|手里)|(这|那)(款|只|个产品)|(我|咱)(们)?(给|跟|帮|替|教)[您你]|您(就|先)',
)

/**
 * Words of somebody else. In quotation marks it is enough that the speaker does not offer them; without, both a
 * speaker and a remark are asked for: a promise that "my customers all say so" is a promise still.
 */
export function quoted(text: string, origin: number, chars: Uint16Array, view: Range, span: Range): boolean {
  const marked =
    anyMark(text, origin) &&
    (PAIRS.some(([opens, closes]) => within(text, origin, opens, closes)) || withinStraight(text, origin))
  if (marked && !reads(own, chars, Math.max(view[0], span[0] - 12), span[0])) return true
  const to = Math.min(view[1], span[1] + AFTER)
  if (!reads(remark, chars, span[1], to)) return false
  if (marked) return true
  return reads(speaker, chars, Math.max(view[0], span[0] - 40), span[0])
}
