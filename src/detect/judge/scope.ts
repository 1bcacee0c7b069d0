import { sighted } from '../match/pattern.ts'
import { type Range, reads } from './reads.ts'

/** Who does not do it: the speaker, his house, nobody, or the matter itself. */
const WHO = '(我|咱|俺|我们|咱们|公司|我行|我司|行里|本行|谁|银行|正规机构|平台)?(这里|这边|这儿|这)?(们)?'
const HOW = '(真|都|也|是|可|实在|一律|一概|坚决|绝对|肯定|早就|从来|从|根本|压根|确实|千万|现在){0,2}(的)?'
/** What is refused by these is refused whatever stands before: no 不 of an adjective (不错, 不亏). */
const CANNOT =
  '(不(行|能(讲|提|聊|这么)|可以|允许|许|准|做|干|碰|接|办|搞|签|推|参与|参加|介绍|合作|存在|合法|合规|可能|现实|同意|用的|会给|会说|会做|打听|提倡|是我们|收|敢说|敢讲|保证)|没有(的|这|过|没有|办法|牌照|任何依据|拿过|说过|见过)|没(这|那|见过|有的)|(做|办|讲|说|给|打|干|保证|答应|接受|承诺|定)不(了|到|出|来|起)|说不出口|删不得|干不得|是(红线|违规|违法|犯法|假的|骗|诈骗|无效|错)|都是(假|骗|违规|违法|诱饵)|违规的|违法的|犯法|无效|想都别想|别信|不在我|不能(动|收|给|接|做|写|说|碰|要|办|帮)|劝您别|不是那样|不怎么合适)'

const TOPIC = '(这|那)(个|种|事|事儿|话|类|些|样|款|块|一套|回事|里|称号|说法|做法|约定|建议|要求){0,2}(的)?'

/** 保本?这个真没有 · 带单这种我不干 · 把客户信息发给合作方,不签协议一律不行. */
const refusals = [
  `(${TOPIC})[^,。但]{0,8}${HOW}${CANNOT}`,
  `(的)?(事|话|业务|情形|情况|说法|做法|活儿|字眼|交易|行为|要求|想法|制度|奖励)(儿|情)?,?${WHO}${HOW}${CANNOT}`,
  `,(我|咱|咱们|我们|公司|我行|我司|谁)(这里|这边|这)?${HOW}${CANNOT}`,
  `(的)?话${WHO}(讲|说)不(了|出)|(一律|一概|坚决|根本)${HOW}(不|没)`,
  '(我|咱|咱们|我们|公司|我行|我司)(也|都|可|真|这里|这边)?(不(做|办|碰|干|接|用|参加|参与|合作|介绍)|(打|做|办|给|讲)不了)',
].map(source => sighted(source))
/** Between the words and their refusal there is room for the rest of a noun, and no turn. */
const ROOM = 14
const answers = [
  `(\\?|吗\\?|啊,|呀,)(${TOPIC})?,?(抱歉|对不起|不好意思)?,?${WHO}${HOW}(没有|没|不行|不存在|别信|不可能|不能|不做|不允许|做不到|犯法|违法|想都别想|这种产品不)`,
  `,(抱歉|对不起|不好意思),?${WHO}${HOW}(不|没)`,
  `,(${TOPIC}),?${WHO}${HOW}(没有|没|不行|不存在|不可能|不能|不做|不允许|做不到)`,
  ',没有的',
].map(source => sighted(source))

/** After a negation like these the whole sentence is denied, however long it is. */
const denies = sighted(
  '(没有|没)(哪|任何|委托|授权|说过|写过|承诺|答应|听说)(家|个|位|款|人|过)?|并(没有|没|不是说|不是|非)|从(来)?(没有|没|不|未)(说|讲|承诺|写|做|向|让|有)|不可能(出现|有|存在)|不会因为|没人(能|会|敢)(保证|说)|谁(也|都)(不能|不敢|没法|不会|不许)|别指望|不会(跟|向|对|让|要求|承诺|替|代)',
)
/** 但 and its like end what was denied; so does a promise of one's own. */
const turns = sighted('但|不过|可是|只有|除了|而是|就是|反正|放心|照样|所以|我(可|就|给|保证|帮)')
const DOUBLE = '不没无非未'

/** Things a member of staff asks a customer about, or asks a colleague. */
const asksBefore = sighted(
  '([您你](是)?(在|从|听|看到|收到|截图里|转发|之前)|哪(里|儿|位|个)|有(人|同事|业务员|没有人|没人)|之前(是|有)|刚才?(群里|有|那)|那(张|条|个|位)|这(张|条)|客户(想|主动|在|提|问|说|要))',
)
const asksAfter = sighted(
  '(是谁|谁(发|说|讲|给)|哪(里|儿|位|个)(看|发|听|收|的|弹)?|在哪|能用|可以.{0,8}|算.{0,8}|怎么(办|处理|回)|要(补|记录|登记|上报)|请发|截图|(说|讲|答应|承诺|操作)过?)[^。]{0,24}(\\?|吗)|吗\\?|的吗|要记录|我(来)?核查|不是我们(的|投)',
)

/** These ask by themselves: somebody is looked for who said or did it. */
const seeks = sighted(
  '有没有人(叫|让|跟|要|教)[您你]|有(人|同事|业务员|员工)(答应|说|讲|跟|给|替|向|让|承诺)|(请问|之前|是|刚才?)(是)?(哪位|哪个|谁)(同事|经理|人)?(跟|给|向|说|讲)|客户(想|问|要).{0,12}(可以|能)',
)
const ends = sighted('吗|\\?|呀|的,我(要|来|去)(记录|核查|登记)')

/** What only somebody says who shows the trick for what it is. */
const trick = sighted(
  '(假冒|冒充|冒用)(我|本|公司|银行|客服|员工|某)|杀猪盘|木马|十有八九|没跑了|有鬼|(后面|最后)就?收割|绕着走|听听就算|(钱|多|就)(也)?提不出来|(都请?|请|就)(直接|立刻|马上)?(挂电话|挂断|拉黑)|(链接|短信|海报|电话|软件)(就|都|千万)?(不要|别|勿)(点|信|接|碰)|(会|要)坐牢|(都|一律|一概)(别|不要|莫)(要|碰|信|点|理)|案(件)?高发|谁(跟|让|叫|找|借).{0,16}(就|都)(拉黑|别|是骗)|偷[您你]卡|被冒用|不受(法律)?保护|(天底下|世上|哪)(没|有)(这|那)(种|么)?好事|没一句(真|实|靠|能)|(就)?当(没|作没)(听|看)见|一个都别|(都|千万|可)?别(沾|理他|理会)|不是我们(的人|公司|行)|对不上号?|我让(他|她|您)(去)?(投诉|报警|举报)|压根(没|不)(这|有|存)|没有牌照|骗局|诈骗',
)

/** Lessons, tests and films: what is said in them is said as an example. */
const lesson = sighted(
  '(新人|新员工|新来的?同事|新同事)(注意|考|测|课|培训|提问|第|,)|(今天|本周|周.)学习|最高判|教大家(看|认)|晨会(内容|学习)|考试(题|第|:)?|小测|测试(题|:)|改错题|情景演练|判例|讲课|讲师|课堂(笔记|提问|练习)|小课堂|警示(片|教育)|合规(课|培训)|培训(要点|内容|重点|题|提纲|里|中|识别)|第[0-9一二三四五六七八九十]{1,3}题|质检标准|误导清单|(片子|电影|小说|讲座题目)|(下列|以下)哪|哪些(属于|算|是)|(法院|判决|庭审|通报|处罚)(里|中|书|认定|认为|说)|禁用(词|语)|什么叫|为什么不能|(通报|罚|警示)案例|(佣|息|盘|贷|金|易|单)案例|各位改掉|(同事|各位|大家|朋友圈|千万).{0,14}(不能|别|不许|不要)(说|写|用|发)',
)

const VIEW = 44
const FAR = 70

/** The speaker, his house or the matter itself refuses what the hit names, behind it. */
export function refused(chars: Uint16Array, view: Range, span: Range): boolean {
  const to = Math.min(view[1], span[1] + VIEW)
  if (to <= span[1]) return false
  for (const refusal of refusals) {
    // A pattern with a gap may have run into the refusal itself.
    const found = refusal.find(chars, Math.min(span[1], span[0] + 3), to)
    if (
      found &&
      found.end > span[1] - 1 &&
      found.start - span[1] <= ROOM &&
      !reads(turns, chars, span[1], Math.max(span[1], found.start))
    )
      return true
  }
  for (const answer of answers) {
    const found = answer.find(chars, span[1], Math.min(to, span[1] + 24))
    if (found && found.start - span[1] <= 4) return true
  }
  return false
}

/** A denial at the head of the sentence reaches the hit, unless the sentence turns in between or denies twice. */
export function ruledOutFar(chars: Uint16Array, sentence: Range, span: Range): boolean {
  const from = Math.max(sentence[0], span[0] - FAR)
  if (from >= span[0]) return false
  const found = denies.find(chars, from, span[0])
  if (!found || DOUBLE.includes(String.fromCharCode(chars[span[0] - 1] as number))) return false
  if (DOUBLE.includes(String.fromCharCode(chars[span[0]] as number))) return false
  return !reads(turns, chars, found.end, span[0])
}

/** A question that asks who said it, not one that offers it. */
export function asked(chars: Uint16Array, sentence: Range, span: Range): boolean {
  const from = Math.max(sentence[0], span[0] - 26)
  const end = Math.min(sentence[1], span[1] + VIEW)
  if (reads(seeks, chars, from, span[0]) && reads(ends, chars, span[1], end)) return true
  if (!reads(asksBefore, chars, from, span[0])) return false
  return reads(asksAfter, chars, span[1], end)
}

/** In a lesson everything is an example, wherever in the text the lesson is named. */
export function rehearsed(chars: Uint16Array, n: number, span: Range): boolean {
  return reads(lesson, chars, Math.max(0, span[0] - 60), Math.min(n, span[1] + 12))
}

/** The sentence shows a trick for what it is, on either side of the words. */
export function unmasked(chars: Uint16Array, sentence: Range, span: Range): boolean {
  const from = Math.max(sentence[0], span[0] - VIEW)
  return reads(trick, chars, from, Math.min(sentence[1], span[1] + VIEW))
}
