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
/** Forwards may nest; deeper than this nobody reads on. */
const RECORD_DEPTH = 5

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

/** ChatRecordText → text; the other names follow the same pattern. */
function itemKind(type: string): string {
  return type.replace(/^ChatRecord/, '').toLowerCase() || 'text'
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

export type Fact = { label: string; value: string }

const RED_PACKET = ['', '普通红包', '拼手气红包', '激励红包']
const MEETING = ['', '参加', '拒绝', '待定', '未被邀请', '已取消', '已过期', '不在房间']
const CALLS = ['', '单人视频', '单人语音', '多人视频', '多人语音']

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
      return [{ label: '名片', value: textAt(payload, 'userid') }]
    case 'meeting':
      return number('meetingtype') === 102
        ? [{ label: '回应', value: MEETING[number('status')] ?? '未知' }]
        : [{ label: '类型', value: '会议邀请' }]
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

export type Media = {
  part: string
  sdkfileid: string
  name: string | null
  /** What the message promises of the file, to hold it against; null when it promises nothing. */
  md5: string | null
  size: number | null
}
const NAMED = new Set(['file', 'voip_doc_share'])

/** Files a message points at; they are fetched by a job of their own, so messages never wait for media. */
export function mediaOf(message: Normal): Media[] {
  const { kind, payload } = message
  const own = textAt(payload, 'sdkfileid')
  const found: Media[] =
    own === ''
      ? []
      : [
          {
            part: 'body',
            sdkfileid: own,
            name: NAMED.has(kind) ? textAt(payload, 'filename') : null,
            ...promised(payload),
          },
        ]
  if (kind === 'chatrecord' || kind === 'mixed') {
    listAt(payload, 'item').forEach((row, index) => {
      const inner = isObject(row)
        ? isObject(row.content)
          ? row.content
          : parseInner(textAt(row, 'content'))
        : {}
      const id = textAt(inner, 'sdkfileid')
      if (id !== '')
        found.push({
          part: `item.${index}`,
          sdkfileid: id,
          name: textAt(inner, 'filename') || null,
          ...promised(inner),
        })
    })
  }
  return found
}

/** md5sum may be empty; the size stands under another name for voice and stickers (wecom-api.md §3.4, §3.5). */
function promised(payload: JsonObject): { md5: string | null; size: number | null } {
  const md5 = textAt(payload, 'md5sum').trim().toLowerCase()
  const size = wholeAt(payload, 'filesize') ?? wholeAt(payload, 'voice_size') ?? wholeAt(payload, 'imagesize')
  return { md5: md5 === '' ? null : md5, size: size !== null && size > 0 ? size : null }
}
