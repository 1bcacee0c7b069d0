import type { Severity } from '../truth.ts'

/*
 * A thread is a list of lines, `who tokens:text | another way to say it`.
 *   who    c customer · d another customer (groups) · s adviser · t colleague
 *   tokens #GUAR/P0 planted violation · ~GUAR planted hard-clean line · !COMPLAINT/P2 a customer's own signal ·
 *          recall (taken back shortly after) · split (may be cut over bubbles) · bare (never disguised) ·
 *          quote / wxquote (answers the other side's last words) · ? (said half of the time) · +20 (after 20 minutes) ·
 *          am (a thread for the early hours) ·
 *          or a message kind such as image, voice, file, link; its parts are parted by `::`
 *   {slot} stays the same through the thread.
 */
export type Who = 'c' | 'd' | 's' | 't'
export type Place = 'pair' | 'room' | 'colleague' | 'team'
type Mark = { sign: '#' | '~' | '!'; categories: string[]; severity: Severity }
export type Line = {
  who: Who
  kind: string
  mark?: Mark
  recall: boolean
  split: boolean
  bare: boolean
  quote?: 'quote' | 'wxquote'
  maybe: boolean
  am: boolean
  afterMinutes: number
  texts: string[]
}
export type Script = { place: Place; planted: boolean; morning: boolean; weight?: number; lines: Line[] }

const KINDS = new Set(
  'image photo drawing bigimage voice video file bigfile link weapp card location redpacket externalredpacket emotion chatrecord mixed todo vote collect meeting calendar markdown docmsg news sphfeed call voiptext unknown'.split(
    ' ',
  ),
)

export function threads(place: Place, list: readonly (readonly string[])[], weight = 1): Script[] {
  return list.map(lines => {
    const parsed = lines.map(parseLine)
    const planted = parsed.some(line => line.mark?.sign === '#')
    return { place, planted, morning: parsed.some(line => line.am), weight, lines: parsed }
  })
}

function parseLine(source: string): Line {
  const head = /^([cdst])((?: [^:\s]+)*):([\s\S]*)$/.exec(source)
  if (!head) throw new Error(`not a line of a thread: ${source}`)
  const line: Line = {
    who: head[1] as Who,
    kind: 'text',
    recall: false,
    split: false,
    bare: false,
    maybe: false,
    am: false,
    afterMinutes: 0,
    texts: (head[3] ?? '').split(' | '),
  }
  for (const token of (head[2] ?? '').split(' ').filter(Boolean)) applyToken(line, token, source)
  return line
}

function applyToken(line: Line, token: string, source: string): void {
  const mark = /^([#~!])([A-Z_,]+)(?:\/(P[0-3]))?$/.exec(token)
  if (mark) {
    line.mark = {
      sign: mark[1] as Mark['sign'],
      categories: (mark[2] ?? '').split(','),
      severity: (mark[3] ?? 'P3') as Severity,
    }
  } else if (token === 'recall' || token === 'split' || token === 'bare' || token === 'am') line[token] = true
  else if (token === 'quote' || token === 'wxquote') line.quote = token
  else if (token === '?') line.maybe = true
  else if (/^\+\d+$/.test(token)) line.afterMinutes = Number(token.slice(1))
  else if (KINDS.has(token)) line.kind = token
  else throw new Error(`unknown token ${token} in: ${source}`)
}
