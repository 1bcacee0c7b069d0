import type { Outgoing, Stored } from './message.ts'
import type { World } from './world.ts'

type Payload = Record<string, unknown> & { msgtype: string }

/**
 * One message of every type and variant of wecom-api.md §3.5, in the reference's order, said by an adviser to a
 * customer, in a group or by the customer; then a type nobody has published. The same each time but for ids and time.
 */
export function emitEveryType(world: World): Stored[] {
  const contact = world.people.contacts.find(one => one.follows[0]?.consent === 'Agree')
  const room = world.people.rooms.find(one => !one.external)
  const adviser = contact?.follows[0]?.userid
  if (!contact || !adviser || !room) return []
  const say = (payload: Payload): Stored =>
    world.emit({ from: adviser, tolist: [contact.id], roomid: '', ...payload })
  const hear = (payload: Payload): Stored =>
    world.emit({ from: contact.id, tolist: [adviser], roomid: '', ...payload })
  const members = room.members.map(one => one.id)
  const inRoom = (payload: Payload): Stored =>
    world.emit({ from: members[0] ?? '', tolist: members.slice(1), roomid: room.id, ...payload })
  const at = world.now()
  const first = say({ msgtype: 'text', text: { content: '您好，今天的净值已经发给您。' } })
  return [
    first,
    say({
      msgtype: 'text',
      text: { content: '这是一条引用/回复消息：\n"林女士:\n收到了吗"\n------\n收到了' },
    }),
    hear({ msgtype: 'text', text: { content: '「林悦：您好」\n- - - - - - - - - - - - - - -\n好的' } }),
    ...withMedia(world, at).map(say),
    ...[world.recall(first.msgid)].filter(one => one !== undefined),
    hear({ msgtype: 'agree', agree: { userid: contact.id, agree_time: at } }),
    hear({ msgtype: 'disagree', disagree: { userid: contact.id, disagree_time: at } }),
    // Back to what it was: later messages of this pair are lawful again.
    hear({ msgtype: 'agree', agree: { userid: contact.id, agree_time: at } }),
    ...plain(adviser, at).map(say),
    ...ofGroups(adviser, at).map(inRoom),
    world.emit({ action: 'switch', time: at, user: adviser }),
    world.emit(call(world, adviser, contact.id, at)),
    world.emit(shared(world, adviser, contact.id)),
    ...uncertain().map(say),
  ]
}

function withMedia(world: World, at: number): Payload[] {
  const { media } = world
  const [image, voice, video, gif, png, file, mixed, forwarded] = [
    media.photo(),
    media.voice(10),
    media.video(12),
    media.photo(),
    media.chart(),
    media.document(['产品说明书', '本产品不保证本金']),
    media.chart(),
    media.document(['转发的附件']),
  ]
  const of = (blob: typeof image) => ({ md5sum: blob.md5sum, sdkfileid: blob.sdkfileid })
  const json = JSON.stringify
  return [
    { msgtype: 'image', image: { ...of(image), filesize: image.size } },
    { msgtype: 'voice', voice: { ...of(voice), voice_size: voice.size, play_length: 10 } },
    { msgtype: 'video', video: { ...of(video), filesize: video.size, play_length: 12 } },
    { msgtype: 'emotion', emotion: { type: 1, width: 290, height: 290, imagesize: gif.size, ...of(gif) } },
    { msgtype: 'emotion', emotion: { type: 2, width: 320, height: 240, imagesize: png.size, ...of(png) } },
    {
      msgtype: 'file',
      file: { ...of(file), filename: '产品说明书.docx', fileext: 'docx', filesize: file.size },
    },
    {
      msgtype: 'mixed',
      mixed: {
        item: [
          { type: 'text', content: json({ content: '请看图[微笑]\n' }) },
          { type: 'image', content: json({ ...of(mixed), filesize: mixed.size }) },
        ],
      },
    },
    {
      msgtype: 'chatrecord',
      chatrecord: {
        title: '群聊',
        item: [
          item('ChatRecordText', Math.floor(at / 1000), { content: '这款能保本吗' }),
          item('ChatRecordImage', at, { ...of(image), filesize: image.size }),
          item('ChatRecordFile', at, {
            ...of(forwarded),
            filename: '附件.docx',
            fileext: 'docx',
            filesize: forwarded.size,
          }),
          item('ChatRecordVideo', at, { ...of(video), filesize: video.size, play_length: 12 }),
          item('ChatRecordLink', at, {
            title: '公告',
            description: '',
            link_url: 'https://m.cjbank.example/n',
            image_url: '',
          }),
          item('ChatRecordLocation', at, {
            longitude: 120.2,
            latitude: 31.9,
            address: '澄江路 1 号',
            title: '澄江银行',
            zoom: 15,
          }),
          item('ChatRecordMixed', at, { item: [{ type: 'text', content: json({ content: '图文' }) }] }),
          item('chatrecord', at, {
            title: '里层',
            item: [item('ChatRecordText', at, { content: '再转一层' })],
          }),
        ],
      },
    },
  ]
}

function item(type: string, msgtime: number, content: Record<string, unknown>): Record<string, unknown> {
  return { type, msgtime, content: JSON.stringify(content), from_chatroom: false }
}

function plain(adviser: string, at: number): Payload[] {
  const second = Math.floor(at / 1000)
  const packet = (type: number, totalcnt: number, totalamount: number) => ({
    type,
    wish: '恭喜发财，大吉大利',
    totalcnt,
    totalamount,
  })
  return [
    { msgtype: 'card', card: { corpname: '澄江银行', userid: adviser } },
    {
      msgtype: 'location',
      location: {
        longitude: 116.586285899,
        latitude: 39.911125799,
        address: '澄江路 1 号',
        title: '城东支行',
        zoom: 15,
      },
    },
    {
      msgtype: 'link',
      link: {
        title: '邀请你加入群聊',
        description: '服务群',
        link_url: 'https://work.weixin.qq.com/x',
        image_url: '',
      },
    },
    {
      msgtype: 'weapp',
      weapp: {
        title: '服务须知',
        description: '请阅读',
        username: 'gh_cj0demo@app',
        displayname: '服务须知',
      },
    },
    ...[1, 2, 3].map(type => ({ msgtype: 'redpacket', redpacket: packet(type, 1, 3000) })),
    ...[1, 2].map(type => ({ msgtype: 'external_redpacket', redpacket: packet(type, 2, 20) })),
    ...[2, 4, 9].map(feed_type => ({
      msgtype: 'sphfeed',
      sphfeed: { feed_type, sph_name: '澄江财富课堂', feed_desc: '资产配置三问' },
    })),
    {
      msgtype: 'calendar',
      calendar: {
        title: '业绩复盘会',
        creatorname: adviser,
        attendeename: ['aaa', 'bbb'],
        starttime: second + 3600,
        endtime: second + 7200,
        place: '',
        remarks: '',
      },
    },
  ]
}

function ofGroups(adviser: string, at: number): Payload[] {
  const second = Math.floor(at / 1000)
  const meeting = { topic: '夕会', starttime: second + 60, endtime: second + 3660, address: '', remarks: '' }
  const vote = { votetitle: '投票', voteitem: ['A', 'B'], voteid: '157603448234400001' }
  const answer = (status: number): Payload => ({
    msgtype: 'meeting',
    meeting: { ...meeting, meetingtype: 102, meetingid: 1_210_342_560, status },
  })
  return [
    { msgtype: 'todo', todo: { title: '群待办', content: '请确认' } },
    { msgtype: 'vote', vote: { ...vote, votetype: 101 } },
    // The other nesting that readers in the field have seen (§3.5).
    { msgtype: 'vote', ...vote, votetype: 102 },
    {
      msgtype: 'collect',
      collect: {
        room_name: '财富管理部通知群',
        creator: adviser,
        create_time: '2019-12-11 11:21:22',
        title: '周报填表',
        details: ['Text', 'Number', 'Date', 'Time'].map((type, i) => ({
          id: i + 1,
          ques: `表项${i + 1}`,
          type,
        })),
      },
    },
    { msgtype: 'meeting', meeting: { ...meeting, meetingtype: 101, meetingid: 1_210_342_560 } },
    ...[1, 2, 3, 4, 5, 6, 7].map(answer),
    {
      msgtype: 'docmsg',
      doc: { title: '客户名单', doc_creator: adviser, link_url: 'https://doc.weixin.qq.com/x' },
    },
    { msgtype: 'markdown', info: { content: '请前往系统查看，谢谢。' } },
    {
      msgtype: 'news',
      info: { item: [{ title: '服务', description: '公告', url: 'https://x.example', picurl: '' }] },
    },
  ]
}

/** Without roomid, and with an id of its own beside the envelope. */
function call(world: World, from: string, to: string, at: number): Outgoing {
  const end = Math.floor(at / 1000)
  const document = { filename: '65eb1cdd3e7a3c1740ecd74220b6c627.docx', demooperator: from }
  return {
    from,
    tolist: [to],
    msgtype: 'meeting_voice_call',
    voiceid: 'grb8a4c48a3c094a70982c518d55e40557',
    meeting_voice_call: {
      endtime: end,
      sdkfileid: world.media.voice(20).sdkfileid,
      demofiledata: [{ ...document, starttime: end - 30, endtime: end - 20 }],
      sharescreendata: [{ share: from, starttime: end - 10, endtime: end }],
    },
  }
}

function shared(world: World, from: string, to: string): Outgoing {
  const { md5sum, size, sdkfileid } = world.media.document(['共享的文档'])
  const voip_doc_share = { filename: '产品介绍.docx', md5sum, filesize: size, sdkfileid }
  return {
    from,
    tolist: [to],
    msgtype: 'voip_doc_share',
    voipid: 'gr2751c98b19300571f8afb3b74514bd32',
    voip_doc_share,
  }
}

/** Their fields are known from programs in the field, or not at all; the last is nobody's. */
function uncertain(): Payload[] {
  return [
    ...[1, 2, 3, 4].map(invitetype => ({ msgtype: 'voiptext', info: { callduration: 10, invitetype } })),
    { msgtype: 'qydiskfile', info: { filename: '产品库.docx' } },
    {
      msgtype: 'meeting_notification',
      info: { content: '会议开始', meeting_id: '1210342560', notification_type: 1 },
    },
    { msgtype: 'solitaire', solitaire: { title: '接龙', entries: ['一', '二'] } },
    { msgtype: 'note', info: { content: '笔记正文' } },
    {
      msgtype: 'hologram',
      hologram: { caption: '没有公布过的类型', depth: { layers: [1, 2, { text: '里层文字' }] } },
    },
  ]
}
