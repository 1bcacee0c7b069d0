/** What WeCom sends, once of every kind (path/90930 … 92130, 91774): the sound beginnings that the fuzzer spoils. */

const cdata = (name: string, value: string): string => `<${name}><![CDATA[${value}]]></${name}>`
const event = (name: string, fields: string, change?: string, from = 'sys'): string =>
  `<xml>${cdata('ToUserName', 'wx5823bf96d3bd56c7')}${cdata('FromUserName', from)}<CreateTime>1403610513</CreateTime>` +
  `${cdata('MsgType', 'event')}${cdata('Event', name)}${change ? cdata('ChangeType', change) : ''}${fields}</xml>`

const PAIR = cdata('UserID', 'zhangsan') + cdata('ExternalUserID', 'woAJ2GCAAAXtWyujaWJHDDGi0mAAAA')
const WELCOME = cdata('State', 'teststate') + cdata('WelcomeCode', 'WELCOMECODE')
const customer = (change: string, more = ''): string => event('change_external_contact', PAIR + more, change)
const CHAT = cdata('ChatId', 'wrx7HUDwAAf5lQ7sDKYj2-ETcEvRAAAA')
const chat = (detail: string, more = ''): string =>
  event('change_external_chat', CHAT + cdata('UpdateDetail', detail) + more, 'update')
const MEMBERS =
  '<MemChangeCnt>2</MemChangeCnt><MemChangeList><Item>zhangsan</Item><Item>wmAJ2GCAAAXtWyujaWJHDDGi0mAAAA</Item></MemChangeList>' +
  cdata('LastMemVer', '9c3f97c2ada667dfb5f6d03308d963e1') +
  cdata('CurMemVer', '71217227bbd112ecfe3a49c482195cb4')
const CARD =
  `${cdata('EventKey', 'ok')}${cdata('TaskId', 'task')}${cdata('CardType', 'multiple_interaction')}${cdata('ResponseCode', 'code')}<AgentID>1000002</AgentID>` +
  `<SelectedItems><SelectedItem>${cdata('QuestionKey', 'q1')}<OptionIds>${cdata('OptionId', 'a')}${cdata('OptionId', 'b')}</OptionIds></SelectedItem></SelectedItems>`
const PERSON =
  cdata('UserID', 'zhangsan') +
  cdata('NewUserID', 'zhangsan001') +
  cdata('Name', '张三 & 李四') +
  '<Department>1,2,3</Department><MainDepartment>1</MainDepartment><IsLeaderInDept>1,0,0</IsLeaderInDept><Mobile>13800000000</Mobile>' +
  `<ExtAttr><Item>${cdata('Name', '爱好')}<Type>0</Type><Text>${cdata('Value', '旅游')}</Text></Item></ExtAttr>`
const PARTY = '<Id>2</Id><Name>A &amp; B &#20998;&#x884C;</Name><ParentId>1</ParentId><Order>1</Order>'

/** Every event of wecom-api.md §2.3, by the type it must be read as. */
export const EVENTS: [type: string, xml: string][] = [
  ['change_external_contact.add_external_contact', customer('add_external_contact', WELCOME)],
  ['change_external_contact.edit_external_contact', customer('edit_external_contact')],
  ['change_external_contact.add_half_external_contact', customer('add_half_external_contact', WELCOME)],
  [
    'change_external_contact.del_external_contact',
    customer('del_external_contact', cdata('Source', 'DELETE_BY_TRANSFER')),
  ],
  ['change_external_contact.del_follow_user', customer('del_follow_user')],
  [
    'change_external_contact.transfer_fail',
    customer('transfer_fail', cdata('FailReason', 'customer_refused')),
  ],
  [
    'change_external_contact.msg_audit_approved',
    customer('msg_audit_approved', cdata('WelcomeCode', 'CODE')),
  ],
  ['change_external_chat.create', event('change_external_chat', CHAT, 'create')],
  ['change_external_chat.dismiss', event('change_external_chat', CHAT, 'dismiss')],
  ['change_external_chat.update', chat('add_member', `<JoinScene>1</JoinScene>${MEMBERS}`)],
  ['change_external_chat.update', chat('del_member', `<QuitScene>0</QuitScene>${MEMBERS}`)],
  ['change_external_chat.update', chat('change_owner')],
  ['change_external_chat.update', chat('change_name')],
  ['change_external_chat.update', chat('change_notice')],
  ...['create', 'update', 'delete', 'shuffle'].map((change): [string, string] => [
    `change_external_tag.${change}`,
    event(
      'change_external_tag',
      cdata('Id', 'etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA') +
        cdata('TagType', 'tag') +
        '<StrategyId>0</StrategyId>',
      change,
    ),
  ]),
  ...['create_user', 'update_user', 'delete_user'].map((change): [string, string] => [
    `change_contact.${change}`,
    event('change_contact', PERSON, change),
  ]),
  ...['create_party', 'update_party', 'delete_party'].map((change): [string, string] => [
    `change_contact.${change}`,
    event('change_contact', PARTY, change),
  ]),
  [
    'change_contact.update_tag',
    event(
      'change_contact',
      `<TagId>1</TagId>${cdata('AddUserItems', 'zhangsan,lisi')}${cdata('DelUserItems', 'wangwu')}<AddPartyItems>1,2</AddPartyItems><DelPartyItems></DelPartyItems>`,
      'update_tag',
    ),
  ],
  ['msgaudit_notify', event('msgaudit_notify', '<AgentID>2000004</AgentID>')],
  ['template_card_event', event('template_card_event', CARD, undefined, 'zhangsan')],
  ['template_card_menu_event', event('template_card_menu_event', CARD, undefined, 'zhangsan')],
  [
    'batch_job_result',
    event(
      'batch_job_result',
      `<BatchJob>${cdata('JobId', 'S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4')}${cdata('JobType', 'sync_user')}<ErrCode>0</ErrCode>${cdata('ErrMsg', 'ok')}</BatchJob>`,
    ),
  ],
  ['subscribe', event('subscribe', '<AgentID>1</AgentID>', undefined, 'zhangsan')],
  ['unsubscribe', event('unsubscribe', '<AgentID>1</AgentID>', undefined, 'zhangsan')],
  [
    'enter_agent',
    event('enter_agent', `${cdata('EventKey', '')}<AgentID>1</AgentID>`, undefined, 'zhangsan'),
  ],
  [
    'message.text',
    `<xml>${cdata('ToUserName', 'wx5823bf96d3bd56c7')}\n${cdata('FromUserName', 'mycreate')}\n<CreateTime>1409659813</CreateTime>\n${cdata('MsgType', 'text')}\n${cdata('Content', 'hello')}\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>`,
  ],
]

const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
const message = (msgtype: string, fields: object): object => ({
  msgid: '15775510700152506326_1603875615_external',
  action: 'send',
  from: 'kenshin',
  tolist: [CUSTOMER, 'icefog'],
  roomid: '',
  msgtime: 1603875615723,
  msgtype,
  ...fields,
})
const file = { md5sum: '50de8e5ae8ffe4f1df7a93841f71993a', filesize: 70961, sdkfileid: 'CtYBMzA2OTAyMDEw' }
const inner = (content: object): string => JSON.stringify(content)
const nested = { item: [{ type: 'ChatRecordText', content: inner({ content: '最里面' }) }] }

/** Every message type of wecom-api.md §3.5. */
export const MESSAGES: string[] = [
  message('text', { text: { content: '这是一条引用/回复消息：\n"USER:\nQUOTE"\n------\nCONTENT 😀' } }),
  message('image', { image: file }),
  message('revoke', { action: 'recall', revoke: { pre_msgid: '14822339130656386894_1603875600' } }),
  message('agree', { from: CUSTOMER, agree: { userid: CUSTOMER, agree_time: 1603875826656 } }),
  message('disagree', { from: CUSTOMER, disagree: { userid: CUSTOMER, disagree_time: 1603875944122 } }),
  message('voice', { voice: { ...file, voice_size: 6810, play_length: 10 } }),
  message('video', { video: { ...file, play_length: 108 } }),
  message('card', { card: { corpname: '微信联系人', userid: CUSTOMER } }),
  message('location', {
    location: {
      longitude: 116.586285899,
      latitude: 39.911125799,
      address: '北京市',
      title: '中心',
      zoom: 15,
    },
  }),
  message('emotion', { emotion: { ...file, type: 1, width: 290, height: 290, imagesize: 962604 } }),
  message('file', { file: { ...file, filename: '资料.docx', fileext: 'docx' } }),
  message('link', {
    link: {
      title: '邀请',
      description: '技术支持群',
      link_url: 'https://work.weixin.qq.com/',
      image_url: '',
    },
  }),
  message('weapp', {
    weapp: { title: '须知', description: '客户需同意', username: 'x@app', displayname: '服务' },
  }),
  message('chatrecord', {
    chatrecord: {
      title: '群聊',
      item: [
        {
          type: 'ChatRecordText',
          msgtime: 1603875610,
          content: inner({ content: 'test' }),
          from_chatroom: false,
        },
        { type: 'ChatRecordFile', msgtime: 1603875610, content: inner({ ...file, filename: '附件.pdf' }) },
        { type: 'ChatRecordMixed', content: inner({ item: [{ type: 'text', content: 'x' }] }) },
        { type: 'chatrecord', content: inner(nested) },
      ],
    },
  }),
  message('mixed', {
    mixed: {
      item: [
        { type: 'text', content: inner({ content: '你好[微笑]\n' }) },
        { type: 'image', content: inner(file) },
      ],
    },
  }),
  message('todo', { todo: { title: '群待办', content: '请确认' } }),
  message('vote', { vote: { votetitle: '投票', voteitem: ['A', 'B'], votetype: 101, voteid: '15' } }),
  message('vote', { vote: { votetitle: '投票', voteitem: ['A'], votetype: 102, voteid: '15' } }),
  message('collect', {
    collect: {
      room_name: '群',
      creator: 'nick',
      title: '填表',
      details: [{ id: 1, ques: '表项1', type: 'Text' }],
    },
  }),
  message('redpacket', { redpacket: { type: 1, wish: '恭喜发财', totalcnt: 1, totalamount: 3000 } }),
  message('external_redpacket', { redpacket: { type: 2, wish: '大吉大利', totalcnt: 2, totalamount: 20 } }),
  message('meeting', {
    roomid: 'wr2vOpDgAAN4zVWKbS',
    meeting: {
      topic: '夕会',
      starttime: 1603877400,
      remarks: 'r',
      meetingtype: 102,
      meetingid: 1210342560,
      status: 1,
    },
  }),
  message('meeting', { meeting: { topic: '夕会', address: '会议室', meetingtype: 101 } }),
  { msgid: '125289002219525886280', action: 'switch', time: 1554119421840, user: 'XuJinSheng' },
  message('docmsg', {
    doc: { title: '测试&演示', doc_creator: 'test', link_url: 'https://doc.weixin.qq.com/' },
  }),
  message('markdown', { info: { content: '请前往系统查看，谢谢。' } }),
  message('news', {
    info: { item: [{ title: 'service ', description: 'test', url: 'http://xxx', picurl: 'x' }] },
  }),
  message('calendar', {
    calendar: {
      title: '复盘会',
      creatorname: 'test',
      attendeename: ['aaa'],
      place: '三楼',
      remarks: '带电脑',
    },
  }),
  message('meeting_voice_call', {
    voiceid: 'grb8a4c48a3c094a',
    meeting_voice_call: { endtime: 1594197635, sdkfileid: 'CpsB', demofiledata: [{ filename: 'a.docx' }] },
  }),
  message('voip_doc_share', { voipid: 'gr2751', voip_doc_share: { ...file, filename: '欢迎.pdf' } }),
  message('sphfeed', { sphfeed: { feed_type: 4, sph_name: '旅行家', feed_desc: '缆车~\n\n#旅行' } }),
  message('voiptext', { info: { callduration: 10, invitetype: 2 } }),
  message('qydiskfile', { info: { filename: 'xxx.docx' } }),
  message('meeting_notification', { info: { content: '会议开始', meeting_id: 1, notification_type: 1 } }),
  message('solitaire', { solitaire: { title: '接龙', list: [{ name: '甲', deep: { note: ['乙'] } }] } }),
  message('note', { info: { title: '笔记', items: ['一', '二'] } }),
].map(value => JSON.stringify(value))
