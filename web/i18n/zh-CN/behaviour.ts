/** Behaviour rules: on the desk and on the page of rules. */
export const behaviour = {
  'behaviour.ground': '行为依据',
  'behaviour.found': '实际发现：{found}',
  'behaviour.rule': '条件：{words}',
  'behaviour.version': '规则 {rule} 第 {version} 版 · {threshold}',
  'behaviour.members': '涉及的消息（{n}）',
  'behaviour.more': '其余 {n} 条',
  'behaviour.open': '在会话中查看',
  'behaviour.event': '平台事件，没有消息',
  'behaviour.step.on': '计入',
  'behaviour.step.then': '随后',
  'behaviour.step.unless': '已补',
  'behaviour.title': '行为规则（{n}）',
  'behaviour.what':
    '逐句检测看不到的事：多名员工同时发同一段话、说完即撤、投诉没人答、推荐产品不提风险、客户成批流失。按消息的发送时间计算，同一对象同一天只预警一次。',
  'behaviour.hits': '近 30 天 {n} 次',
  'behaviour.noHits': '近 30 天没有命中',
  'behaviour.examples': '用例（{n}）',
  'behaviour.fires': '应预警',
  'behaviour.clean': '应放行',
  'behaviour.failed': '行为规则没有读到',
} as const
