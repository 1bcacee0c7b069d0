/** Characters that an eye takes for the first of each group; what is written → what is meant. */
const LOOKS =
  '保堡葆褓煲 本夲木末苯笨 息恩熄媳 赚嫌谦歉廉 稳隐 赔陪培倍 返反板贩 点占贞奌 佣拥甬 金全釜 收攻牧 益盆盖 微徽薇溦徵 信佶 转传砖专 账帐胀 卡卞咔 密蜜宓 ' +
  '码玛妈 验险捡 证怔诬 股肢 票漂飘瞟 内肉丙 幕墓暮慕幂 消悄逍削 征徵怔 现视 币市巾 比此 特恃持 贷货赁 代伐弋 客容 操躁噪燥澡 盘盆 理埋狸 财材 户卢尸沪 ' +
  '风凤冈夙 险检捡验 低底抵氐 停仃亭 涨张胀 必心 翻番 倍陪培 分纷汾 成戍戌咸 利刹刊 亏于亐 损捐 推椎锥 老考 师帅 骗偏编 子孑 司同 删册 记纪 录彔 合含 规视 ' +
  '场埸汤 资咨姿 杠扛 杆扦 私厶 募幕墓暮 担坦但 额颜 测侧 评坪抨 级极 激邀 进迸 型刑 全仝金 国囯圀 第笫弟 业亚 无元旡 门冂 口囗 给绐 道遒逍 等荨 时吋 到倒 ' +
  '做倣 填慎 选迭 签笺 字宇 申由甲 泰秦 抄吵炒 底低抵 买卖 卖买 入人八 人入 己已巳 已己巳 末未 未末 日曰 千干 天夭 大太犬 力刀 王玉 目日 兑说兊 圾极 垃拉 告吉 ' +
  '单草 垫热 赢嬴羸 银根 行衍 款欸 汇江 兜兠 刚钢岗 性牲 付什 承丞 诺偌 安按 绝艳 对对 旱早 涝劳 零雳 跌趺 拉垃 升开 仓仑 庄压 主住 炒抄吵 牛午 翻番 暴爆曝 ' +
  '爆暴曝 雷蕾 跑袍 路赂 流硫 水氷 逾愈 期斯 修俢 复夏 洗冼 白百 黑墨 可叮 网冈 平苹 台合 首百 期斯 限根 赎续 缴激 卷券 券卷 答荅 案桉 稽嵇 私和 名各 单単 加咖伽枷珈 聊柳卿 报抜 删珊栅姗 流沭 同冋 交茭 群裙 电甩 机肌 募蓦 钱浅残 比仳 微徴癓 佣俑 停婷 杆秆'
const DIRECT = LOOKS.split(' ')

/** Characters written in pieces. */
const PIECES =
  '保亻呆 保人呆 息自心 稳禾急 赚贝兼 赔贝咅 赔贝立口 返辶反 返反辶 佣亻用 信亻言 信人言 微彳敉 微彳攵 微彳山 转车专 账贝长 帐巾长 卡上下 码石马 验马佥 证讠正 股月殳 股肉殳 票西示 ' +
  '内冂人 幕莫巾 消氵肖 征彳正 现王见 币丿巾 特牛寺 特牜寺 贷代贝 贷弋贝 代亻弋 操扌喿 理王里 财贝才 险阝佥 低亻氐 停亻亭 涨氵张 涨氵弓长 翻番羽 翻羽番 倍亻咅 分八刀 利禾刂 利禾刀 损扌员 ' +
  '推扌隹 骗马扁 删册刂 删刂册 记讠己 规夫见 规见夫 场土汤 配酉己 资次贝 杠木工 杆木干 私禾厶 募莫力 担扌旦 额客页 测氵则 评讠平 级纟及 激氵敫 进辶井 进井辶 国囗玉 第竹弟 给纟合 道辶首 道首辶 等竹寺 ' +
  '时日寸 到至刂 做亻故 填土真 选辶先 选先辶 泰木氺 抄扌少 炒火少 底广氐 圾土及 垃土立 赢亡口 银钅艮 银金艮 钱钅戋 钱金戋 款士示欠 汇氵匚 刚冈刂 刚冈刀 性忄生 付亻寸 诺讠若 绝纟色 对又寸 跌足失 跌𧾷失 ' +
  '拉扌立 胀月长 爆火暴 跑足包 路足各 流氵㐬 逾辶俞 洗氵先 黑里灬 限阝艮 如女口 好女子 加力口 讯讠卂 话讠舌 说讠兑 请讠青 诱讠秀 诈讠乍 谈讠炎 课讠果 认讠人 识讠只 许讠午 订讠丁 讨讠寸 让讠上 议讠义 设讠殳 ' +
  '组纟且 红纟工 纳纟内 约纟勺 线纟戋 绿纟录 终纟冬 结纟吉 缴纟敫 续纟卖 经纟圣 他亻也 你亻尔 您你心 们亻门 位亻立 优亻尤 任亻壬 份亻分 但亻旦 件亻牛 伙亻火 偿亻尝 债亻责 值亻直 借亻昔 传亻专 假亻叚 倒亻到 ' +
  '打扌丁 扣扌口 托扌乇 投扌殳 抢扌仓 抛扌九力 拆扌斥 招扌召 押扌甲 抵扌氐 持扌寺 换扌奂 提扌是 搞扌高 摊扌难 接扌妾 报扌卩又 把扌巴 找扌戈 护扌户 扫扌彐 撤扌育攵 拥扌用 披扌皮 ' +
  '法氵去 没氵殳 活氵舌 海氵每 清氵青 游氵斿 滚氵衮 注氵主 洽氵合 浮氵孚 港氵巷 江氵工 沪氵户 汰氵太 油氵由 泄氵世 渠氵巨木 湖氵胡 温氵昷 ' +
  '钓钅勾 铁钅失 铺钅甫 锁钅肖 销钅肖 错钅昔 针钅十 钟钅中 购贝勾 财贝才 贿贝有 赂贝各 赌贝者 贴贝占 赊贝佘 败贝攵 则贝刂 贩贝反 责主贝 货化贝 费弗贝 贸卯贝 赁任贝 质斤贝 ' +
  '机木几 杆木干 权木又 林木木 板木反 构木勾 标木示 样木羊 校木交 格木各 桥木乔 档木当 极木及 相木目 村木寸 材木才 松木公 枪木仓 根木艮 检木佥 核木亥 欠木欠 株木朱 ' +
  '科禾斗 种禾中 秒禾少 租禾且 积禾只 程禾呈 税禾兑 移禾多 和禾口 秘禾必 福礻畐 视礻见 祝礻兄 礼礻乚 神礻申 社礻土 祥礻羊 禄礻录 视见礻 初衤刀 补衤卜 被衤皮 ' +
  '期其月 朋月月 服月卩 胜月生 肥月巴 脏月庄 腾月券 明日月 暗日音 昨日乍 晚日免 暴日共水 旺日王 映日央 ' +
  '加力口 动云力 助且力 劝又力 功工力 劲力 效交攵 收丩攵 放方攵 政正攵 教孝攵 敢攵 故古攵 数娄攵 散攵 ' +
  '别另刂 剩乘刂 刷尸巾刂 判半刂 刊干刂 创仓刂 刻亥刂 剧居刂 割害刂 副畐刂 ' +
  '门门口 问门口 间门日 闭门才 闪门人 闲门木 闹门市 阅门兑 ' +
  '邮由阝 部咅阝 都者阝 队阝人 阶阝介 陪阝咅 除阝余 阴阝月 阳阝日 际阝示 陈阝东 降阝夅 ' +
  '息自心 想相心 忘亡心 忠中心 志士心 态太心 怎乍心 恩因心 意音心 感咸心 惩征心 愿原心 忙忄亡 快忄夬 怕忄白 恒忄亘 惊忄京 懂忄董 情忄青 悄忄肖 ' +
  '狗犭句 猪犭者 狠犭艮 独犭虫 猫犭苗 狂犭王 犯犭卩 ' +
  '钱金戋 钱戋钅 饭饣反 饱饣包 饼饣并 馆饣官 饿饣我 ' +
  '过辶寸 过寸辶 还辶不 还不辶 运辶云 运云辶 这辶文 这文辶 近辶斤 送辶关 送关辶 通辶甬 通甬辶 速辶束 速束辶 连辶车 连车辶 远辶元 远元辶 逃辶兆 退辶艮 退艮辶 遇辶禺 违辶韦 违韦辶 迅辶卂 适辶舌 达辶大 达大辶 ' +
  '项工页 顶丁页 预予页 领令页 颜彦页 顾厄页 频步页 须彡页 顺川页 ' +
  '朝十日月 张弓长 强弓虽 引弓丨 弘弓厶 射身寸 躺身尚 赔贝音 尘小土 盖羊皿 盈乃又皿 盘舟皿 岁山夕 男田力 奶女乃 妈女马 她女也 姐女且 妹女未 娘女良 姑女古 始女台 奸女干 ' +
  '跟足艮 蹲足尊 跳足兆 距足巨 踩足采 赶走干 起走己 超走召 趋走刍 趁走㐱 越走戉 ' +
  '听口斤 吃口乞 吗口马 吧口巴 呢口尼 哈口合 啊口阿 喊口咸 叫口丩 唱口昌 吹口欠 咨次口 群君羊 豪亠口 品口口口 ' +
  '炒火少 烧火尧 烟火因 灯火丁 炸火乍 灿火山 烦火页 爆火暴 燥火喿 庄广土 店广占 库广车 应广一 府广付 废广发 ' +
  '封圭寸 坏土不 块土夬 地土也 均土匀 坑土亢 址土止 坦土旦 城土成 垫执土 培土咅 增土曾 堆土隹 ' +
  '短矢豆 知矢口 矫矢乔 硬石更 破石皮 砸石匝 研石开 确石角 础石出 矿石广 碰石并 ' +
  '眼目艮 睡目垂 盯目丁 瞒目满 瞎目害 盼目分 睛目青 ' +
  '班王文王 球王求 玩王元 环王不 珠王朱 ' +
  '轻车圣 辅车甫 输车俞 软车欠 轮车仑 ' +
  '鸡又鸟 鸭甲鸟 鸿江鸟 观又见 欢又欠 双又又 叔又 取耳又 职耳只 联耳关 聊耳卯 聪耳总 ' +
  '粮米良 粉米分 精米青 粗米且 糊米胡 ' +
  '微彳山攵 微彳山王攵 微彳山几攵 微彳山文 套大镸 户丶尸 户尸丶 私禾私 私禾么 我手戈 我扌戈 幕巾莫 人亻亽 零雨令 票覀示 飞乙飞 机木九 电曰乚 电日乚 卖十买 定宀疋 肯止月 最日取 外夕卜 号口丂 号口亏 名夕口 ' +
  '客宀各 密宀必山 薇艹微 员口贝 安宀女 全人王 逼辶畐 催亻崔 砍石欠 补衤卜 差羊工 兑丷兄 兑八兄 回囗口 本木一 验马金 险阝金 信亻訁 信亻讠 返又辶 场土昜 骂口口马 ' +
  '贷代贝 资次贝 货化贝 承手了 收丩攵 扫扌彐 码王马 赔贝立口 稳禾刍心 股月又 佣亻甬 单丷甲 倍亻立口 顶丁页 级纟及 唯口隹 比匕匕 强弓虽 暴日共水 作亻乍 亏二丂 签竹佥 签⺮佥 ' +
  '群君羊 聊耳卯 聊耳卬 维纟隹 威戌女 围囗韦 卫卩一 星日生 扫扌ヨ 加カ口 钉钅丁 友又友 频步页 音立日 语讠吾 告牛口 诉讠斥 保亻保 偷亻俞 匿匚若 隐阝急 秘禾必 存才子 款士示欠'

/** Radicals that stand in no honest text by themselves: whatever follows one is the rest of a character. */
const RADICALS = new Set([...'亻彳氵扌讠钅忄犭礻衤辶阝纟饣艹宀疒'].map(char => char.charCodeAt(0)))

const own = (list: string): string[] => list.split(' ').filter(Boolean)

/** Written character → what it may have been taken for. */
export const LOOKALIKES = new Map<string, string>()
for (const group of DIRECT) {
  const meant = group.charAt(0)
  for (const written of group.slice(1))
    if (written !== meant) LOOKALIKES.set(written, (LOOKALIKES.get(written) ?? '') + meant)
}

type Split = { pieces: string; meant: string }
/** First piece → the characters that begin with it, the longest first. */
export const SPLITS = new Map<string, Split[]>()
for (const entry of new Set(own(PIECES))) {
  const pieces = entry.slice(1)
  const meant = entry.charAt(0)
  if (pieces.length < 2 || /[\ud800-\udfff]/.test(pieces)) continue
  const known = SPLITS.get(pieces.charAt(0)) ?? []
  known.push({ pieces, meant })
  SPLITS.set(pieces.charAt(0), known)
}
for (const list of SPLITS.values()) list.sort((a, b) => b.pieces.length - a.pieces.length)

/** Do these pieces stand one behind another from `at` on, within the first n characters? */
export function standAt(chars: Uint16Array, n: number, at: number, pieces: string): boolean {
  if (at + pieces.length > n) return false
  for (let k = 0; k < pieces.length; k++) if (chars[at + k] !== pieces.charCodeAt(k)) return false
  return true
}

/** A radical → the characters with it, for pieces that only look like the right ones: 彳敚 for 微. */
export const WITH_RADICAL = new Map<number, number[]>()
for (const [first, list] of SPLITS)
  if (RADICALS.has(first.charCodeAt(0)))
    WITH_RADICAL.set(first.charCodeAt(0), [...new Set(list.map(({ meant }) => meant.charCodeAt(0)))])
