/** Who I am here, what is kept of what I say, and pages that are not mine. */
export const own = {
  'denied.title': '没有权限',
  'denied.why':
    '您的角色是{role}，不能打开这个页面；没有读取任何内容。工作确有需要的，请联系本机构合规负责人。',
  'me.role': '角色',
  'me.departments': '可见部门',
  'me.pages': '可用页面',
  'me.noPages': '客户经理目前没有需要在这里处理的工作，本页供您了解会话存档。',
  'me.told': '关于会话内容存档',
  'me.what': '存档什么',
  'me.what.say':
    '本机构已开通企业微信会话内容存档。在存档范围内的员工，用企业微信与客户、客户群和同事的会话会保存下来，包括文字、图片、语音和文件；撤回的消息也保留原文。个人微信不在存档之内。',
  'me.why': '为什么存档',
  'me.why.say':
    '金融机构要对员工的销售与服务言行负责，发生纠纷时要能还原当时说了什么。这份记录保护客户，也保护按规矩办事的员工。',
  'me.customer': '客户是否知情',
  'me.customer.say': '客户会被告知会话存档，可以同意，也可以拒绝；客户的表态与时间一并记录。',
  'me.judged': '谁来判断',
  'me.judged.say':
    '系统按本机构的规则提示可能违规的话，是否违规由合规人员看过上下文后判断，并写明理由。系统不会自动处分任何人。',
  'me.seen': '谁能查看',
  'me.seen.say': '只有获得授权的合规、审计等人员可以查看。每一次查看、检索和结论都会留下记录，记录不能更改。',
  'me.ask': '有疑问',
  'me.ask.say': '对存档范围、某次预警或处理结果有疑问，请联系本机构合规部门。',
} as const satisfies Record<string, string>
