import type { MediaStore } from '../media.ts'
import { type Draft, newMsgid } from '../message.ts'
import type { Rng } from '../rng.ts'
import type { Disguise } from '../truth.ts'
import { disguise, splitOver } from './disguise.ts'
import { payloadOf, type Scene } from './payload.ts'
import type { Line, Script, Who } from './script.ts'
import { type Cast, createSlots } from './slots.ts'
import { customerVoice, staffVoice } from './style.ts'

export type Stage = { rng: Rng; media: MediaStore; at: number; nameOf: (id: string) => string }
type Said = { who: Who; id: string; text: string }
type Bubble = { text: string; disguise: Disguise | null }

/** Half of what is planted wears a disguise, as people who know they are archived do. */
const DISGUISED = 0.45

/** Turns a script into messages by these people. */
export function perform(script: Script, cast: Cast, stage: Stage): Draft[] {
  const fill = createSlots(stage.rng, cast, stage.at)
  const drafts: Draft[] = []
  let before: Said | undefined
  for (const line of script.lines) {
    if (line.maybe && stage.rng.chance(0.5)) continue
    const id = speaker(line.who, cast)
    const text = fill(stage.rng.pick(line.texts))
    const said: Said = { who: line.who, id, text }
    const { sent, last } = deliver(line, said, before, cast, stage)
    drafts.push(...sent)
    if (line.kind === 'text') before = { ...said, text: last }
  }
  return drafts
}

function speaker(who: Who, cast: Cast): string {
  if (who === 's') return cast.staff.userid
  if (who === 't') return cast.colleague.userid
  return (who === 'd' ? (cast.other ?? cast.customer) : cast.customer)?.id ?? cast.colleague.userid
}

function deliver(
  line: Line,
  said: Said,
  before: Said | undefined,
  cast: Cast,
  stage: Stage,
): { sent: Draft[]; last: string } {
  const { rng } = stage
  const bubbles = bubblesOf(line, said, cast, rng)
  const to = cast.parties.filter(party => party !== said.id)
  const drafts: Draft[] = []
  for (const [index, bubble] of bubbles.entries()) {
    const scene: Scene = { rng, media: stage.media, at: stage.at, from: said.id, to, names: [cast.roomName] }
    const body =
      index === 0 && line.quote && before ? quoted(line.quote, before, bubble.text, stage) : bubble.text
    const msgid = newMsgid(rng.digits(19), stage.at, [said.id, ...to])
    const wait = index > 0 ? rng.int(1500, 6000) : pause(line, said, before, rng)
    const envelope = { msgid, action: 'send' as const, from: said.id, tolist: to, roomid: cast.roomId }
    drafts.push({ wait, message: { ...envelope, ...payloadOf(line.kind, body, scene) } })
  }
  plant(line, said, bubbles, drafts)
  if (line.recall) drafts.push(revoke(drafts.at(-1)?.message.msgid ?? '', said.id, to, cast, stage))
  return { sent: drafts, last: bubbles.at(-1)?.text ?? said.text }
}

function bubblesOf(line: Line, said: Said, cast: Cast, rng: Rng): Bubble[] {
  const { text } = said
  if (line.mark?.sign === '#' && !line.bare) {
    const parts = line.split && line.kind === 'text' && rng.chance(0.35) ? splitOver(text, rng) : undefined
    if (parts) return parts.map(part => ({ text: part, disguise: 'split' }))
    const hidden = rng.chance(DISGUISED) ? disguise(text, rng) : undefined
    if (hidden) return [hidden]
  }
  if (line.mark || line.kind !== 'text') return [{ text, disguise: null }]
  const staff = said.who === 's' || said.who === 't'
  const person = said.who === 'd' ? cast.other : cast.customer
  const style = said.who === 't' ? cast.colleague.style : cast.staff.style
  return [
    {
      text: staff ? staffVoice(text, style, rng) : customerVoice(text, person?.style ?? 'plain', rng),
      disguise: null,
    },
  ]
}

/** The last bubble carries the truth; the ones before it are its siblings. */
function plant(line: Line, said: Said, bubbles: Bubble[], drafts: Draft[]): void {
  const last = drafts.at(-1)
  if (!line.mark || !last) return
  const hidden = bubbles[0]?.disguise ?? null
  const siblings = drafts.slice(0, -1).map(draft => draft.message.msgid)
  last.plant = {
    categories: line.mark.categories,
    severity: line.mark.severity,
    disguise: hidden,
    alert: line.mark.sign === '#',
    text: (bubbles.length > 1 ? said.text : (bubbles[0]?.text ?? '')).replaceAll('::', ' '),
    ...(siblings.length > 0 ? { siblings } : {}),
  }
}

function revoke(pre_msgid: string, from: string, tolist: string[], cast: Cast, stage: Stage): Draft {
  const msgid = newMsgid(stage.rng.digits(19), stage.at, [from, ...tolist])
  const envelope = { msgid, action: 'recall' as const, from, tolist, roomid: cast.roomId }
  return {
    wait: stage.rng.int(7000, 70_000),
    message: { ...envelope, msgtype: 'revoke', revoke: { pre_msgid } },
  }
}

/** Both forms a quotation takes in the archive: WeCom's own and WeChat's. */
function quoted(form: 'quote' | 'wxquote', before: Said, text: string, stage: Stage): string {
  const name = stage.nameOf(before.id)
  return form === 'quote'
    ? `这是一条引用/回复消息：\n"${name}:\n${before.text}"\n------\n${text}`
    : `「${name}：${before.text}」\n- - - - - - - - - - - - - - -\n${text}`
}

/** Reading, thinking, typing; now and then somebody is away for a while. */
function pause(line: Line, said: Said, before: Said | undefined, rng: Rng): number {
  const typing = 1500 + said.text.length * rng.int(90, 260)
  const away = line.afterMinutes * 60_000 * (0.7 + rng.next() * 0.6)
  if (before?.id === said.id) return typing + away
  const thinking = rng.chance(0.08) ? rng.int(240_000, 1_500_000) : rng.int(8000, 110_000)
  return typing + thinking + away
}
