import type { MediaStore } from '../media.ts'
import type { Rng } from '../rng.ts'

export type Scene = { rng: Rng; media: MediaStore; at: number; from: string; to: string[]; names: string[] }
type Payload = Record<string, unknown> & { msgtype: string }
type Build = (parts: string[], scene: Scene) => Payload

/** Builds what stands beside the envelope, msgtype included (wecom-api.md §3.5). */
export function payloadOf(kind: string, text: string, scene: Scene): Payload {
  const build = BUILD[kind]
  if (!build) return { msgtype: 'text', text: { content: text } }
  return build(text.split('::'), scene)
}

const BUILD: Record<string, Build> = {
  image: (_, { media }) => picture(media.chart()),
  drawing: ([name = 'official'], { media }) => picture(media.drawing(name)),
  photo: (_, { media }) => picture(media.photo()),
  bigimage: (_, { media }) => picture(media.largePicture()),
  voice: ([seconds], { media }) => {
    const length = Number(seconds) || 6
    const { md5sum, size, sdkfileid } = media.voice(length)
    return { msgtype: 'voice', voice: { md5sum, voice_size: size, play_length: length, sdkfileid } }
  },
  video: ([seconds], { media }) => {
    const play_length = Number(seconds) || 15
    const { md5sum, size, sdkfileid } = media.video(play_length)
    return { msgtype: 'video', video: { md5sum, filesize: size, play_length, sdkfileid } }
  },
  file: ([name = '资料.docx', ...paragraphs], { media }) => file(name, media.document(paragraphs)),
  bigfile: ([name = '合同.docx'], { media }) => file(name, media.largeDocument()),
  emotion: (_, { media }) => {
    const { md5sum, size, sdkfileid } = media.photo()
    return {
      msgtype: 'emotion',
      emotion: { type: 2, width: 320, height: 240, imagesize: size, md5sum, sdkfileid },
    }
  },
  mixed: ([words = ''], { media }) => {
    const { md5sum, size, sdkfileid } = media.chart()
    const item = [
      { type: 'text', content: JSON.stringify({ content: words }) },
      { type: 'image', content: JSON.stringify({ md5sum, filesize: size, sdkfileid }) },
    ]
    return { msgtype: 'mixed', mixed: { item } }
  },
  link: ([title = '', description = '', url], { rng }) => {
    const link_url = url ?? `https://m.cjbank.example/p/${rng.digits(6)}`
    return {
      msgtype: 'link',
      link: { title, description, link_url, image_url: 'https://m.cjbank.example/i/cover.png' },
    }
  },
  weapp: ([title = '', displayname = '']) => ({
    msgtype: 'weapp',
    weapp: { title, description: displayname, username: 'gh_cj0demo@app', displayname },
  }),
  card: ([userid = '', corpname = '澄江银行']) => ({ msgtype: 'card', card: { corpname, userid } }),
  location: ([title = '', address = ''], { rng }) => {
    const longitude = 120.2 + rng.int(0, 900_000) / 10_000_000
    const latitude = 31.9 + rng.int(0, 900_000) / 10_000_000
    return { msgtype: 'location', location: { longitude, latitude, address, title, zoom: 15 } }
  },
  redpacket: ([wish = '', amount]) => ({ msgtype: 'redpacket', redpacket: packet(wish, amount, 1) }),
  externalredpacket: ([wish = '', amount]) => ({
    msgtype: 'external_redpacket',
    redpacket: packet(wish, amount, 1),
  }),
  chatrecord: ([title = '聊天记录', ...said], { at }) => {
    const item = said.map((content, index) => ({
      type: 'ChatRecordText',
      msgtime: Math.floor(at / 1000) - (said.length - index) * 40,
      content: JSON.stringify({ content }),
      from_chatroom: title === '群聊',
    }))
    return { msgtype: 'chatrecord', chatrecord: { title, item } }
  },
  todo: ([title = '', content = '']) => ({ msgtype: 'todo', todo: { title, content } }),
  vote: ([votetitle = '', ...voteitem], { rng }) => ({
    msgtype: 'vote',
    vote: { votetitle, voteitem, votetype: 101, voteid: rng.digits(18) },
  }),
  collect: ([title = '', ...questions], { from, at, names }) => {
    const details = questions.map((ques, index) => ({ id: index + 1, ques, type: 'Text' }))
    const create_time = beijing(at)
    return {
      msgtype: 'collect',
      collect: { room_name: names[0] ?? '', creator: from, create_time, title, details },
    }
  },
  meeting: ([topic = '', minutes], { rng, at }) => {
    const starttime = Math.floor(at / 1000) + 1800
    const meeting = {
      topic,
      starttime,
      endtime: starttime + (Number(minutes) || 45) * 60,
      address: '',
      remarks: '',
    }
    return {
      msgtype: 'meeting',
      meeting: { ...meeting, meetingtype: 101, meetingid: Number(rng.digits(10)) },
    }
  },
  calendar: ([title = '', place = ''], { at, from, to }) => {
    const starttime = Math.floor(at / 1000) + 86_400
    const calendar = {
      title,
      creatorname: from,
      attendeename: to.slice(0, 8),
      starttime,
      endtime: starttime + 3600,
    }
    return { msgtype: 'calendar', calendar: { ...calendar, place, remarks: '' } }
  },
  markdown: ([content = '']) => ({ msgtype: 'markdown', info: { content } }),
  news: ([title = '', description = '']) => ({
    msgtype: 'news',
    info: { item: [{ title, description, url: 'https://m.cjbank.example/news', picurl: '' }] },
  }),
  docmsg: ([title = ''], { from, rng }) => ({
    msgtype: 'docmsg',
    doc: { title, doc_creator: from, link_url: `https://doc.weixin.qq.com/sheet/${rng.id(20)}` },
  }),
  sphfeed: ([sph_name = '', feed_desc = '']) => ({
    msgtype: 'sphfeed',
    sphfeed: { feed_type: 4, sph_name, feed_desc },
  }),
  call: ([seconds], { media, at, rng }) => {
    const length = Number(seconds) || 60
    const end = Math.floor(at / 1000)
    const call = { endtime: end, sdkfileid: media.voice(Math.min(length, 20)).sdkfileid }
    const voiceid = `grb${rng.digits(12)}`
    return {
      msgtype: 'meeting_voice_call',
      voiceid,
      meeting_voice_call: { ...call, demofiledata: [], sharescreendata: [] },
    }
  },
  voiptext: ([seconds]) => ({
    msgtype: 'voiptext',
    info: { callduration: Number(seconds) || 45, invitetype: 2 },
  }),
  // A type the published list has no fields for: it must be kept raw, never dropped.
  unknown: ([title = '', ...entries]) => ({ msgtype: 'solitaire', solitaire: { title, entries } }),
}

function picture(blob: { md5sum: string; size: number; sdkfileid: string }): Payload {
  return { msgtype: 'image', image: { md5sum: blob.md5sum, filesize: blob.size, sdkfileid: blob.sdkfileid } }
}

function file(filename: string, blob: { md5sum: string; size: number; sdkfileid: string }): Payload {
  const fileext = filename.split('.').at(-1) ?? ''
  const body = { md5sum: blob.md5sum, filename, fileext, filesize: blob.size, sdkfileid: blob.sdkfileid }
  return { msgtype: 'file', file: body }
}

function packet(wish: string, amount: string | undefined, totalcnt: number): Record<string, unknown> {
  return { type: 1, wish, totalcnt, totalamount: Number(amount) || 800 }
}

function beijing(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}
