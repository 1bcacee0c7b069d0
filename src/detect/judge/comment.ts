import type { Range } from './reads.ts'

/**
 * Chinese names a thing first and says of it afterwards what to think: 稳赚不赔的理财,世界上没有 · 替客户登录…这几样,
 * 我们行是一条都不准碰. The verb at the end has no object of its own, for the thing stands before it. No more than
 * VIEW characters are read, so that these expressions cannot run away.
 */
const VIEW = 64

const WHO =
  '(?:我们?|咱们?|俺们?|(?:我们|咱们?|本|我)?(?:行|司|公司|单位|部门|网点)里?|银行|谁|(?:世界|世|市面|市场|现实)[上中里]|天底下|天下|国内|监管|法律|合规|制度|现在|目前|如今|早就|早已|早|已经|从来|一直|向来|根本|压根|绝对|坚决|一律|一概|统统|通通|全都|全|都|也|可|是|真的?|确实|实在|的确|万万|一[条样个次句分]|半点|一般|正规的?(?:机构|平台|银行|公司)?)'
const REFUSES =
  '(?:不(?:准|许|让|允许|能|可以?|得|敢|会)?(?:听|传|碰|做|办|搞|沾|接|卖|推|参与|提供|承诺|代办|代做|支持|推荐|赞成|认可)(?:也不[听传碰做办搞沾接卖推信看])?|没有|没(?:这|有)(?:回事|一说|这种|这样的|过)|不存在|不(?:允许|可以|行|可能|可信|合规|合法|算数|现实|可取)|打破|取消|禁止|叫停|万万不可|绝不可能|行不通|办不到|做不到)'
const YOU = '[您你大家各位请都也千万务必最好一律可还是尽量]{0,8}'
const WARNS =
  '(?:别|不要|勿|莫|切勿|不能|不可)(?:再|轻易|随便)?去?(?:信|碰|理会?|点|参与|听|当真|搭理|沾|试|上当|相信|轻信|触碰)'
/** A verb with an object speaks of something else: 别信他们那套 · 不支持提前赎回. */
const CLOSES = '(?=[,。!?;\\n了的吧啊呀哦哈呢]|$)'
const comments: readonly RegExp[] = [
  new RegExp(`,(?:这种事?|这类|这样的|这个|那种)?${WHO}*${REFUSES}${CLOSES}`),
  new RegExp(`,${YOU}${WARNS}${CLOSES}`),
  // Without a comma there is room for the rest of a noun, and somebody must be named who refuses.
  new RegExp(`^[^,。!?;]{0,10}?${WHO}+${REFUSES}${CLOSES}`),
  new RegExp(`^[^,。!?;]{0,10}?(?:一律|都|请|千万|万万)${YOU}${WARNS}${CLOSES}`),
]
/** A turn, or a promise of one's own, and what is said of the thing is no longer the last word. */
const turns =
  /但|不过|可是|只是|除了|除非|而是|反正|放心|照样|所以|悄悄|偷偷|私下|单独|我(?:就|给|保证|帮|替|敢|负责|兜|补|教)/

/** What stands behind the words says of them, as its last word, that there is no such thing or that nobody may. */
export function commented(chars: Uint16Array, view: Range, span: Range): boolean {
  const to = Math.min(view[1], span[1] + VIEW)
  if (to <= span[1]) return false
  const tail = String.fromCharCode(...chars.subarray(span[1], to))
  return !turns.test(tail) && comments.some(comment => comment.test(tail))
}
