/**
 * How often characters and pairs of them stand in the chat of banks, in thousandths, counted over simulated talk
 * and the ordinary samples, in steps of two. Only speed depends on it: it says which word of a pattern to watch for.
 */
const UNITS: [number, string][] = [
  [22, ',的。您我'],
  [11, '不了一是有到好以要'],
  [5.6, '看可个能下人点在行期p天这上吗款就谢1保0收金里那日'],
  [
    2.8,
    '前提用没来本时说会户取么证年理发单2请a给存分额还和?周费号支开定们先险账回你资明份大现问也网自想家息需动后信经月卡两带面对5约过哈方多事万帮公改预新',
  ],
  [
    1.4,
    '产再次值记务手转买话客身业三同利工益限小、作午老合钱都按已柜办内率去3码品等怎准电什知为出机换打告二银少意实活查度评.9通边他子财今着吧净每更风核投留如门己赎债店6系跟场别接做调红国之贷得付交急件扣续道位类元半把认哦8便测报计生短4',
  ],
  [
    0.7,
    ':-承部基比价果外主间停受澄书笔入哪页讲料第法选或%地消写示服安心代条规~最当几体晚持录算管确加醒高诉登官刚候汇班]商骗太城荐签正随股听成推路者全般十排名表直免波由员重情任数馆假整注群滨结让司流稳女养领酒关反近微五孩申清诺中变传7季起购级走线型台于影白章找拿化包烦验完r呢嗯否址统东格社响途量呀操配才护营只决北材税效市车供跌兑式批识景士缴解真聊样友总',
  ],
]
const RARE = 0.25

const PAIRS: [number, string][] = [
  [2.8, '可以 好的 一下 需要 谢谢 不能 您的 提前'],
  [
    1.4,
    '网点 到期 存款 身份 本人 怎么 什么 份证 产品 我们 预约 没有 看看 收到 收益 净值 这个 个人 风险 一个 不要 客户 就行 银行 手机 已经 今天 给您 柜面 支行 自己 支取 为准 工作 业务 利率 下午 额度 帮您 发您 好了',
  ],
  [
    0.7,
    '合同 可能 电话 保本 理财 到了 保险 赎回 带身 我的 现在 以在 哈哈 测评 资金 不是 经理 作日 更新 基金 您本 账户 时间 的话 多少 提醒 个工 时候 是不 也不 部分 活期 限额 说明 帮我 自动 官方 你们 扣款 一般 之前 到柜 方便 点半 波动 或者 不用 您看 同事 养老 小时 分红 这是 您可 转账 如果 消息 承诺 两个 孩子 就能 上午 酒店 告诉 核实 通知 现金 给我 确认 不会 类户 国债 以后 就是 登记 前支 晚上 着急 持有 证到 公司 个月 不着 能取 地址 一天 主要 看您 能不 您自 一次 上次 信用 要您 系统 影响 用途 单位 机银 操作 有的 还有 贷款 明白 我帮 服务 材料 没事 那我 就好 您好 证码 验证 款保 存单 有人 女士 是否 推荐 请您 续费 明书 我发 一份 明天 号码',
  ],
  [
    0.35,
    '一年 这款 前一 有一 人带 短信 严禁 说的 周边 那就 社保 有没 联系 麻烦 景点 您带 到账 不到 比较 出来 密码 如实 么时 大概 我看 那个 户的 信息 大额 老金 政策 日到 也可 决定 昨天 我不 先生 三年 机号 柜台 还款 北京 湖滨 要本 公告 以吗 的产 我也 我这 任何 看到 直接 注意 您要 建议 工资 单日 值班 开户 情况 用卡 保护 餐馆 问题 记录 知道 账单 以提 匹配 还是 家人 安全 两小 债券 投资 下周 群里 首页 里有 到您 等您 大家 是一 资产 管理 资料 等级 有效 定期 储蓄 蓄国 澄稳 我记 累计 也是 安排 的收 介绍 下来 具体 日内 的卡 申请 调整 险揭 揭示 其他 计息 那您 先看 意思 以上 每年 分钟 我没 活动 证明 单独 一些 随时 不好 能买 对公 说一 告为 点开 的风 我查 客服 人养 提交 朋友 保卡 收入 了一 这边 哪个 客气 看下 过期 微信 这笔 一类 要提 期可 线上 停车 记得 要不 了吗 您先 要看 人员 效期 防骗 的自 渠道 都是 办理 期了 不行 结果 健康 险测 手续 问我 有什 多久 记下 挂失 微笑 周三 周二 我在 分按 上的 家里 规定 交易 个客 清楚 以改 评分 价格 何人 人到 咱们 动续 到网 左右 的保 里能 下一 点有 以看 领取 我想 诉我 您预 您有 有空 人在 业绩 我是 科创 天可 那笔 周五 过往 来源 二类 能承 范围 个我 我再 前还 来网',
  ],
]
/** Two characters that are not among them stand side by side at most this often. */
const RARE_PAIR = 0.1

const UNIT = new Map(UNITS.flatMap(([often, chars]) => [...chars].map(char => [char, often] as const)))
const PAIR = new Map(PAIRS.flatMap(([often, words]) => words.split(' ').map(word => [word, often] as const)))

export const oftenUnit = (char: string): number => UNIT.get(char) ?? RARE

/** How often a word begins in a thousand characters. */
export function oftenWord(word: string): number {
  if (word.length === 1) return oftenUnit(word)
  let rarest = Number.POSITIVE_INFINITY
  for (let i = 0; i + 1 < word.length; i++) {
    const pair = word.slice(i, i + 2)
    // Digits follow digits.
    const often = /^\d+$/.test(pair) ? oftenUnit(word.charAt(i)) / 2 : (PAIR.get(pair) ?? RARE_PAIR)
    rarest = Math.min(rarest, often, oftenUnit(pair.charAt(0)) / 2, oftenUnit(pair.charAt(1)) / 2)
  }
  return rarest
}
