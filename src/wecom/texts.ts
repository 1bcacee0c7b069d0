import { itemKind, RECORD_DEPTH } from './inside.ts'
import type { Normal } from './message.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  parseInner,
  textAt,
  textLeaves,
  wholeAt,
} from './payload.ts'

/** A readable text of a message. `part` is stable and stored with hits; `label` is for the screen. */
export type Text = { part: string; label: string | null; text: string }

type Field = [key: string, label: string | null]
/** Text fields by message type, in reading order (path/91774). */
const FIELDS: Record<string, Field[]> = {
  text: [['content', null]],
  markdown: [['content', null]],
  file: [['filename', '文件名']],
  link: [
    ['title', '链接标题'],
    ['description', '链接描述'],
    ['link_url', '链接地址'],
  ],
  weapp: [
    ['title', '小程序标题'],
    ['description', '小程序描述'],
    ['displayname', '小程序'],
  ],
  location: [
    ['title', '位置'],
    ['address', '地址'],
  ],
  card: [['corpname', '名片企业']],
  todo: [
    ['title', '待办'],
    ['content', '待办内容'],
  ],
  vote: [['votetitle', '投票']],
  collect: [
    ['title', '填表'],
    ['room_name', '群名'],
  ],
  redpacket: [['wish', '红包祝福语']],
  external_redpacket: [['wish', '红包祝福语']],
  meeting: [
    ['topic', '会议主题'],
    ['remarks', '会议备注'],
    ['address', '会议地点'],
  ],
  docmsg: [
    ['title', '在线文档'],
    ['link_url', '文档地址'],
  ],
  calendar: [
    ['title', '日程'],
    ['place', '地点'],
    ['remarks', '日程备注'],
  ],
  voip_doc_share: [['filename', '共享文件名']],
  sphfeed: [
    ['sph_name', '视频号'],
    ['feed_desc', '视频号描述'],
  ],
  qydiskfile: [['filename', '微盘文件名']],
}
/** A type may be called like something every object has from its prototype (`constructor`). */
function fieldsOf(kind: string): Field[] | undefined {
  return Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined
}

/** Types that hold no words of their own. */
const WORDLESS = new Set([
  'image',
  'voice',
  'video',
  'emotion',
  'revoke',
  'agree',
  'disagree',
  'switch',
  'voiptext',
  'meeting_voice_call',
])
/** Every readable text of a message, file names, titles and forwarded records included. */
export function textsOf(message: Normal): Text[] {
  const { kind, payload } = message
  if (WORDLESS.has(kind)) return []
  if (kind === 'chatrecord') return [...fields(payload, [['title', '聊天记录']]), ...items(payload, 1)]
  if (kind === 'mixed') return items(payload, 1)
  if (kind === 'news') return newsTexts(payload)
  if (kind === 'vote')
    return [...fields(payload, FIELDS.vote ?? []), ...options(listAt(payload, 'voteitem'), '选项')]
  if (kind === 'collect') return [...fields(payload, FIELDS.collect ?? []), ...questions(payload)]
  const known = fieldsOf(kind)
  return known
    ? fields(payload, known)
    : textLeaves(message.raw).map(leaf => ({ part: leaf.path, label: '未识别类型', text: leaf.text }))
}

function fields(payload: JsonObject, wanted: Field[]): Text[] {
  return wanted.flatMap(([key, label]) => {
    const text = textAt(payload, key)
    return text.trim() === '' ? [] : [{ part: label === null ? 'body' : key, label, text }]
  })
}

function options(values: Json[], label: string): Text[] {
  return values.flatMap((value, index) =>
    typeof value === 'string' && value !== '' ? [{ part: `option.${index}`, label, text: value }] : [],
  )
}

function questions(payload: JsonObject): Text[] {
  return listAt(payload, 'details').flatMap((row, index) => {
    const text = isObject(row) ? textAt(row, 'ques') : ''
    return text === '' ? [] : [{ part: `ques.${index}`, label: '表项', text }]
  })
}

function newsTexts(payload: JsonObject): Text[] {
  return listAt(payload, 'item').flatMap((row, index) =>
    isObject(row)
      ? fields(row, [
          ['title', '图文标题'],
          ['description', '图文描述'],
          ['url', '图文地址'],
        ]).map(t => ({ ...t, part: `item.${index}.${t.part}` }))
      : [],
  )
}

function items(payload: JsonObject, depth: number, prefix = 'item'): Text[] {
  return listAt(payload, 'item').flatMap((row, index) => {
    if (!isObject(row)) return []
    const part = `${prefix}.${index}`
    const kind = itemKind(textAt(row, 'type'))
    const inner = isObject(row.content) ? row.content : parseInner(textAt(row, 'content'))
    if ((kind === 'chatrecord' || kind === 'mixed' || kind === 'record') && depth < RECORD_DEPTH)
      return items(inner, depth + 1, part)
    const found = fields(inner, fieldsOf(kind) ?? [['content', null]])
    return found.map(text => ({
      part: text.part === 'body' ? part : `${part}.${text.part}`,
      label: text.label ?? '转发记录',
      text: text.text,
    }))
  })
}

/**
 * `at` (epoch ms) where the value is a time, which a screen writes in its own zone and language; `ids` where it names
 * people, by their ids or by names as the sender's screen showed them.
 */
export type Fact = { label: string; value: string; at?: number; ids?: string[] }

const RED_PACKET = ['', '普通红包', '拼手气红包', '激励红包']
const MEETING = ['', '参加', '拒绝', '待定', '未被邀请', '已取消', '已过期', '不在房间']
const CALLS = ['', '单人视频', '单人语音', '多人视频', '多人语音']

/** 视频号 (wecom-api.md §3.5). */
const FEEDS: Record<number, string> = { 2: '图片', 4: '视频', 9: '直播' }

/** The year 9999: what lies beyond is no time. */
const LAST_SECOND = 253_402_300_800

const told = (label: string, value: string): Fact[] => (value === '' ? [] : [{ label, value }])
const people = (label: string, named: Json[]): Fact[] => {
  const ids = named.filter((one): one is string => typeof one === 'string' && one !== '')
  return ids.length === 0 ? [] : [{ label, value: ids.join('、'), ids }]
}
const time = (label: string, seconds: number): Fact[] =>
  seconds > 0 && seconds < LAST_SECOND
    ? [{ label, value: new Date(seconds * 1000).toISOString(), at: seconds * 1000 }]
    : []
const span = (payload: JsonObject): Fact[] => [
  ...time('开始', wholeAt(payload, 'starttime') ?? 0),
  ...time('结束', wholeAt(payload, 'endtime') ?? 0),
]

/** What a card shows beside its texts: amounts, coordinates, answers. */
export function factsOf(message: Normal): Fact[] {
  const { kind, payload } = message
  const number = (key: string): number => wholeAt(payload, key) ?? 0
  switch (kind) {
    case 'redpacket':
    case 'external_redpacket':
      return [
        { label: '类型', value: RED_PACKET[number('type')] || '红包' },
        // totalamount is in 分 (path/91774)
        { label: '金额', value: `${(number('totalamount') / 100).toFixed(2)} 元` },
        { label: '个数', value: String(number('totalcnt')) },
      ]
    case 'card':
      return people('名片', [textAt(payload, 'userid')])
    case 'meeting':
      return [
        number('meetingtype') === 102
          ? { label: '回应', value: MEETING[number('status')] ?? '未知' }
          : { label: '类型', value: '会议邀请' },
        ...span(payload),
      ]
    case 'calendar':
      return [
        ...span(payload),
        ...people('发起人', [textAt(payload, 'creatorname')]),
        ...people('参与人', listAt(payload, 'attendeename')),
      ]
    case 'collect':
      return [
        ...people('发起人', [textAt(payload, 'creator')]),
        ...told('创建时间', textAt(payload, 'create_time')),
      ]
    case 'docmsg':
      return people('创建人', [textAt(payload, 'doc_creator')])
    case 'sphfeed':
      return told('类型', FEEDS[number('feed_type')] ?? '')
    case 'meeting_voice_call':
      return time('结束', number('endtime'))
    case 'voiptext':
      return [
        { label: '通话', value: CALLS[number('invitetype')] ?? '音视频通话' },
        { label: '时长', value: `${number('callduration')} 秒` },
      ]
    case 'vote':
      return [{ label: '动作', value: number('votetype') === 102 ? '参与投票' : '发起投票' }]
    case 'location':
      return [{ label: '坐标', value: `${textAt(payload, 'latitude')}, ${textAt(payload, 'longitude')}` }]
    case 'agree':
      return [{ label: '会话存档', value: '客户同意' }]
    case 'disagree':
      return [{ label: '会话存档', value: '客户不同意' }]
    default:
      return []
  }
}
