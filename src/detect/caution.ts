import { Pattern } from './pattern.ts'

/**
 * Sentences that speak about a wrong instead of doing it: warnings, statutes, training, questions put to
 * a customer about what others told him. Run on the sentence around a hit, in two halves.
 */
const warnsBefore = new Pattern(
  '(谁|有人|要是有人|不管谁)(要是|如果|若)?(跟|和|对|向)[您你](说|讲|承诺|保证|推)|被骗|受骗|上当|(对方|骗子|网友|那人|那边|他们|人家)(说|称|承诺|告诉|让|跟[您你]说)|某(私募|员工|支行|公司|银行|机构|基金|券商|平台|客户经理|营业部|业务员|男子|女子|经理)|涉嫌|警惕|谨防|严防|提防|当心|防范(非法|诈骗|风险提示|.{0,4}骗)|识破|识别.{0,6}(骗|陷阱|套路)|揭穿|拆穿|揭秘|远离|抵制|打击|杜绝|勿信|莫信|别信|(不要|别|切勿|请勿|不可|不能|勿)(轻易)?(相信|听信|轻信|理会)|轻信|冒充|谎称|声称|宣称|自称|号称|鼓吹|打着.{0,12}(旗号|幌子|名义)|以.{0,12}为(名|由|诱饵|幌子)|骗子|不法分子|诈骗分子|犯罪分子|(严禁|不得|禁止|不准|不允许)[^外转截泄声]|违规(承诺|宣传|使用|推荐|展业|行为|案例)|(如果|如|若|凡是|凡|但凡|一旦|遇到|碰到|接到|收到|看到|听到|任何)(有人|自称|对方|陌生人|任何人|个人|人员|所谓|以|要求|承诺|宣传|机构|平台|群).{0,20}|处罚.{0,10}(原因|案例|决定)|因.{0,20}被(罚|处罚|立案|开除)|(网点|客户|同事|有人).{0,4}投诉',
)
const judgesAfter = new Pattern(
  '(是|属于?|系|为|涉嫌|构成|均|多半|往往|肯定|可能|小心|当心|谨防|警惕|防止|都).{0,8}(骗|诈骗|骗局|陷阱|违规|违法|犯罪|非法|套路|假的|不合规|红线|大忌|误导|禁止)|(不要|切勿|请勿|别|勿|莫|不能|不可)(轻易)?(相信|轻信|理会|参与|上当|信|点击|转账|听信)|(请|要|应|应当|立即|马上|及时|第一时间)(立即|及时|马上|第一时间|果断)?(举报|报警|拨打110|挂断|拒绝|警惕|远离|核实|制止|报告)|(一律|都要|坚决).{0,4}(开除|处罚|拒绝|挂断|禁止|追责|严惩)|被(罚|处罚|立案|开除|追责|通报|判)|的(骗局|陷阱|套路|骗术|诈骗|违规行为|违法行为|谎言|广告|虚假宣传|话术|诱惑|宣传|案例|行为).{0,12}(不|勿|防|警惕|远离|举报|上当|危害|严|罚)|不可信|不靠谱|拉黑(他|她|它|就)|别(碰|买|参与)(了|吧)?|都不(能|要)信|受骗|上当|追究.{0,6}责任|移交|判刑|[您你]?(可|都|千万)?(要|请|得|需)(小心|当心|警惕|谨慎|慎重|留意|提高警惕)',
)
const statute = new Pattern(
  '《.{2,30}》.{0,30}(规定|不得|禁止|要求|应当|明确|第)|第[一二三四五六七八九十百0-9]{1,5}条|(根据|按照?|依据|依照|违反).{0,16}(规定|要求|办法|条例|法律|制度|管理|准则|规范)|(监管|证监会|证监局|总局|央行|人民银行|交易所|协会|公司|我司|我行|本行|总行|分行|机构|合规部?|行里|部门).{0,6}(明确|严格|三令五申|明令|规定|要求|严禁|禁止|不允许|不得|不会|绝不|从不|发文|通报|处罚)',
)
const prohibits = new Pattern(
  '不得|禁止|严禁|不准|不允许|不能|不会|绝不|从不|违反|违规|处罚|罚款|罚|责任|应当|不可|无效|明令',
)
const asksAbout = new Pattern(
  '(是否|有没有|有无|会不会是).{0,14}(人|业务员|员工|经理|销售|专员|顾问|向您|跟您|对您|给您|让您|要求您|承诺|诱导|代替|代您).{0,16}|(您|你|客户)(刚才|刚刚|之前|上次|前面|昨天)?(问|想问|询问|咨询|问到|提到|说的|以为|误以为|理解成|要找|想找|是想要|想买)(的|是不是|是否|有没有|能不能)?',
)
const header = new Pattern(
  '(反诈|防诈|防骗|防非|合规|警示|警戒|案例|负面清单|红线|禁语|禁用语|禁止性|骗术|骗局|套路|话术(自查|识别|整改)|严禁|禁止|不得|不准|违规(行为|话术|用语|表述|案例)|以下行为|下列行为|知识竞赛|判断题|选择题|考题|培训资料|培训材料|消保宣传|宣传月|投教|打非|处罚(通报|决定|信息)|通报|监管动态|法规学习|以案说险|风险提示函).{0,14}(:|】|\\]|》|\n|提醒|提示|学习)',
)

const reads = (pattern: Pattern, chars: Uint16Array, from: number, to: number): boolean =>
  from < to && pattern.test(chars, from, to)

/** How much of a sentence without full stops is looked at on each side. */
const VIEW = 60

/** 【反诈提醒】…, 严禁以下行为:…: everything this far after such a heading is about wrongs. */
const HEADING = 400

export function cautioned(chars: Uint16Array, sentence: [number, number], hit: [number, number]): boolean {
  const from = Math.max(sentence[0], hit[0] - VIEW)
  const to = Math.min(sentence[1], hit[1] + VIEW)
  if (reads(judgesAfter, chars, hit[1], to)) return true
  if (reads(warnsBefore, chars, from, hit[0])) return true
  if (reads(statute, chars, from, hit[0]) && reads(prohibits, chars, from, to)) return true
  if (reads(asksAbout, chars, Math.max(from, hit[0] - 24), hit[0])) return true
  return reads(header, chars, Math.max(0, hit[0] - HEADING), hit[0])
}
