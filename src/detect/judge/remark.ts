import { type Pattern, sighted } from '../match/pattern.ts'
import { type Range, reads } from './reads.ts'

/**
 * What is said about the words behind them. Counted over 3300 violations and 900 right lines that hold the words
 * of a rule, each of these stands behind at most two violations and behind 5 to 40 right lines.
 */
type Remark = { pattern: Pattern; within: number }
const remark = (within: number, source: string): Remark => ({ pattern: sighted(source), within })

const WE =
  '(我|我们|咱们?|公司|[我本]行|[我本]司|行里|银行|正规.{0,4})(这边|这里|可|也|都|真|从来|从|根本|绝对|一概|一律){0,2}'

const remarks: readonly Remark[] = [
  // 稳赚不赔,这种话您别信: the words are looked at, not said.
  remark(
    12,
    '(这种|这类|这样的?|此类)(话|事|说法|做法|招|套路|东西|忙|群|平台|软件|字眼|词|表述|情况|行为|要求|案|广告|短信|业务|都?(是|不|没|别|骗)|您别|操作|模式|生意|制度)|(这|那)(些|几|两|四|五|六|七)个?(招|词|字|话)|字(样|眼)',
  ),
  remark(
    36,
    '报警|报案|打110|举报了?(他|她|谁|就)|已经?举报|判了|被抓|罚没|血本无归|钱进去就|出不来|骗(钱|人|子|局)|收割|黑产|黑贷款|虚拟盘|老?套路|误解|反例|糊弄(您|客户|人|老)|商业贿赂|传销|碰?红线|一票否决|扣.{0,3}分|罚了|冒充|假冒|仿冒|杀猪盘|内幕交易|冒牌|造假|广告词|联系不上|退不了|要收回|害[您你]|对不上|当没听见|(叔叔|阿姨|大家|各位|街坊).{0,4}当心',
  ),
  remark(
    16,
    `${WE}(不能|不敢|不做|不办|不碰|碰都不碰|不支持|不认同|不赞成|不提供|不推荐|不评价|不参与|不介绍|不接|没答应|不答应|不沾|不替|不写|不该|不收|没写|没发|没收|没同意|拒绝|回绝|谢绝|退回|答应不了|做不来|做不了|帮不了|给不了|办不了|没有(这|敢|任何|派|权)|没派|不喊|不教|不会(,|。)|可没这么|从来不往|(通通|一概)没有|(一单|一张|一个)都不|不知道,|说不出口|讲不出口|不开|不做|不代理|得去掉|一分不沾)`,
  ),
  remark(
    20,
    '改掉|改成(合规|具备)|去掉再|撤下来|绝对不行|真不行|这个不成|万万不可|千万(不|别)|不合规|不允许的?|不算数|不作数|是?无效|要不得|使不得',
  ),
  remark(
    30,
    '(您可|大家|您|都|一个|赶紧)(可|都|也|千万)?(别|不要|勿)(学|信|碰|沾|签|参与|急着|传|入金|理他)|别(学|信|照着|沾|签委托|拿这|删,|这么|这样)',
  ),
  remark(12, '(早就|早已|早|已经)(被)?(禁止|取消|不让|没了|没有了|不允许|停了|叫停)'),
  remark(
    14,
    '(干|做)了.{1,4}年(还|也)?没见|不是真的|未必|不一定(适合|能)|还没见(着|过)|有问题!|不代理|咱别|一(分|张|单)都不|谁(这么|再)?(跟|要|让|对)[您你](这么|这样)?(说|讲|喊)|(世|市面)上(没有|哪有)|天底下|哪有这|(没有|没)(敢|哪家|谁家)',
  ),
  remark(30, '请?撤回(了|吧|去)|退群|直接挂|挂电话|直接划走|扔了吧|绕开|扭头就走|请您扔'),
  remark(16, '打错|写错|开玩笑|口误'),
  remark(24, '不保证(一直|以后|,|。)|不是承诺|未来的?不|(跟|和|与).{0,8}(没关系|无关|两回事|两码事|不相干)'),
]

/** 全网最低?这四个字…: asked as a rhetoric question and denied. Nothing that vouches for it. */
const rhetoric = sighted(
  '\\?[^。!]{0,14}(没有(敢|这|谁|人|,)|没(这|敢)|哪有|谁也|谁敢|不能|不行|不成|不许|违法|违规|骗|假的|早就|早没|找不出|要(真)?有|做不|给不|不存在|打错|必查|叫什么|哪(里|儿)?错|那(更|叫)|(这|那)(是|叫)|也就)',
)
/** Room between the words and the question mark: 董秘说的? */
const NEAR_MARK = 3
const vouches = sighted('放心|没问题|有我在|包在|我(给|帮|替|保|敢|负责|兜)|当然|肯定|绝对|那还用')
/** 亏了公司给您补,没这个事 · 躺着赚钱的路子,我真没有: the next clause is a short denial. */
const DENIAL =
  '(没(这|有(的|这|那|过)|那个)|没有,|不(可以|行|允许|让,|对,|做(这|,)|碰|代理|接|受理|成,|敢|开,|能(返|做|给|收|办|替))|(让|做|办|给|返|买|算|讲|收|帮)不(了|出)|别(这么|这样|问我|拿这|删,|学)|咱别|哪(敢|能)(讲|说|做)|不是(真|我们|咱|这|那)|真(没|不(能|行|敢|做|接|会)|做不了)|未必|一(分|张|单|个)都不)'
const TURNED =
  '(这|那|可|可是|算了|我们?|咱们?|公司|对不起|抱歉|它|真|现在|这个|那个|从来|一律|绝对|肯定|早|都|也){0,3}'
const nextClause = sighted(`[,?]${TURNED}${DENIAL}`)
/** Room for the rest of a noun: 的路子 · 的课. */
const NEAR_CLAUSE = 5

/** Told by somebody else: 他跟我妈讲…, 中介拍胸脯说…; no violation of 3300 has it. */
const told = sighted(
  '(他|她|骗子|中介|主播|那人|对方|那边的?人|人家|邻居|亲戚|老公|老婆|表[哥姐]|外甥|大爷|太太|老同学|客服|网红|业务员|电话销售|前一家|算命的|网友|网恋对象|小伙子|代理人|口播|新闻里|电视上|太太|案例里|讲座|老师|大哥|朋友|有个代理人)(跟|对|给)?(我妈|我爸|我|他|她|客户|人|老人)?[^,。!?;]{0,5}(说到?|讲|喊|吹|劝|叫|教[您你]|骂|写着|供述|炫耀|嘀咕|打包票)(的|是|着|过|了)?[^,。!?;]{0,8}',
)
const TOLD = 26

/** Behind the sentence these still speak of it: 那家已经立案了. */
const aftermath = sighted(
  '请走了?|停了合作|解约|立案|判了|不受保护|传销|(属于|这就?是)(违规|合同外)|不合规|反诈中心|劝(他|她|您)别|穿帮|做不到',
)
const FAR = 70

/** A clause of one's own behind the words turns them back: 公司不让说,不过我单独补给您. */
const turns = sighted('但|不过|可是|放心|悄悄|偷偷|私下|单独|照样|我(给|帮|替|保证|敢|负责|兜|补|教)')

/** 别怕是骗子,… · 不是什么犯法的事,…: who takes a fear away in front of the words does not warn of them. */
const soothes = sighted(
  '(不是|又不是|不算|别怕是|别怕|别担心是|不用怕|没啥|没什么|没有)[^,。!?]{0,6}(骗|违法|犯法|违规|犯罪|见不得人|操纵|造假|威胁)[^,。!?]{0,6}[,。!]|别(听|信)[^,。!?]{0,8}(骗局|骗子|骗人)',
)
export const soothed = (chars: Uint16Array, sentence: Range, span: Range): boolean =>
  reads(soothes, chars, sentence[0], span[0])

/** Somebody else said it, right before the words. */
export function toldByOthers(chars: Uint16Array, sentence: Range, span: Range): boolean {
  const from = Math.max(sentence[0], span[0] - TOLD)
  const found = told.find(chars, from, span[0])
  return found !== undefined && found.end === span[0]
}

/** What follows later in the text speaks of a wrong. */
export const followed = (chars: Uint16Array, n: number, span: Range): boolean =>
  reads(aftermath, chars, span[1], Math.min(n, span[1] + FAR))

/** What follows the words says that they are wrong, refused or only looked at. `view` ends with the sentence. */
export function remarked(chars: Uint16Array, view: Range, span: Range): boolean {
  const to = view[1]
  for (const { pattern, within } of remarks) {
    const found = pattern.find(chars, span[1], Math.min(to, span[1] + within + 12))
    if (!found || found.start - span[1] > within) continue
    if (!reads(turns, chars, span[1], found.start) && !reads(turns, chars, found.end, to)) return true
  }
  const denial = nextClause.find(chars, span[1], Math.min(to, span[1] + 24))
  if (denial && denial.start - span[1] <= NEAR_CLAUSE && !reads(turns, chars, denial.end, to)) return true
  const found = rhetoric.find(chars, span[1], Math.min(to, span[1] + 40))
  if (!found || found.start - span[1] > NEAR_MARK) return false
  return !reads(vouches, chars, found.start, Math.min(to, found.end + 12))
}
