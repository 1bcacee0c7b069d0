import { dayOf, minuteOfDay } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'
import type { CardButton, CardFace } from '../../wecom/index.ts'
import { type PressOutcome, STEP } from './contract.ts'

/** All that is told of an alert outside: no text of the conversation, names masked. */
export type Facts = {
  id: string
  number: string
  severity: Severity
  rules: string[]
  staff: string
  counterpart: string
  raisedAt: number
  dueAt: number
  /** Masked characters around the hit, when the institution wants them. */
  quote: string | null
}

const SHAPE: Record<Severity, string> = { P0: '■', P1: '▲', P2: '◆', P3: '●' }
const WORD: Record<Severity, string> = { P0: '紧急', P1: '重要', P2: '一般', P3: '提示' }

/** `11月30日 16:05`, by the institution's clock. */
export function clockWords(at: number, zone: string): string {
  const [, month = '', day = ''] = dayOf(at, zone).split('-')
  const minute = minuteOfDay(at, zone)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${Number(month)}月${Number(day)}日 ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** Why somebody is told who was not told at first: for the title, and as a sentence. */
function why(step: number): { short: string; long: string } | null {
  if (step === 0) return null
  if (step === STEP.assigned) return { short: '已分派给您', long: '这条预警已分派给您处理。' }
  if (step === STEP.stepIn) return { short: '请您介入', long: '合规请您介入这条会话，并回报处理情况。' }
  if (step === STEP.handedUp) return { short: '已上报给您', long: '处理人把这条预警上报给您。' }
  return { short: '无人受理', long: '到时无人受理，已升级到您。' }
}

export function subjectLine(facts: Facts, step: number): string {
  const told = why(step)
  const waits = told ? `${told.short} · ` : ''
  return `${SHAPE[facts.severity]} ${facts.severity} ${WORD[facts.severity]} · ${waits}${facts.rules[0] ?? '待研判'}`
}

function linesOf(facts: Facts, zone: string): { name: string; value: string }[] {
  return [
    { name: '编号', value: facts.number },
    { name: '规则', value: facts.rules.join('、') },
    { name: '员工', value: facts.staff },
    { name: '对方', value: facts.counterpart },
    { name: '初判时限', value: clockWords(facts.dueAt, zone) },
    ...(facts.quote === null ? [] : [{ name: '片段', value: facts.quote }]),
  ].map(({ name, value }) => ({ name: [...name].slice(0, 4).join(''), value }))
}

const BUTTONS: CardButton[] = [
  { text: '受理', style: 1, key: 'take' },
  { text: '误报', style: 2, key: 'false_positive' },
]
const NO_TEXT = '卡片不含会话原文，请在通鉴中查看。'
const NO_WORDS = '卡片不含会话原文。'

export function alertFace(facts: Facts, step: number, url: string, zone: string): CardFace {
  const told = why(step)
  return {
    title: subjectLine(facts, step),
    subtitle: `${clockWords(facts.raisedAt, zone)} 产生`,
    text: told ? `${told.long}${NO_WORDS}` : NO_TEXT,
    lines: linesOf(facts, zone),
    url,
    buttons: [...BUTTONS, { text: '打开', url }],
  }
}

/** The same card once somebody took it: it leads to the alert and asks nothing any more. */
export function takenFace(facts: Facts, words: string, url: string, zone: string): CardFace {
  return { ...alertFace(facts, 0, url, zone), text: words, buttons: [] }
}

/** What a press came to, in the words that stand on the card afterwards. */
export function pressWords(
  outcome: PressOutcome,
  key: 'take' | 'false_positive',
  who: { self: string; other: string | null },
  at: string,
): string {
  switch (outcome) {
    case 'taken':
    case 'again':
      return key === 'take'
        ? `已由 ${who.self} 受理 · ${at}`
        : `已由 ${who.self} 受理 · ${at}。判为误报须写明理由：点开卡片完成。`
    case 'held':
      return `已由 ${who.other ?? '他人'} 受理，您的点击没有改变任何内容。`
    case 'decided':
      return `已由 ${who.other ?? '他人'} 作出结论，您的点击没有改变任何内容。`
    case 'denied':
      return '您没有处理这条预警的权限，您的点击没有改变任何内容。'
    case 'foreign':
      return '这张卡片不是发给您的，您的点击没有改变任何内容。'
    case 'missing':
      return '这条预警已不存在，您的点击没有改变任何内容。'
  }
}

export type Digest = {
  counts: Record<Severity, number>
  total: number
  lines: { number: string; text: string }[]
}

export function digestTitle(digest: Digest): string {
  const parts = (['P0', 'P1', 'P2', 'P3'] as const)
    .filter(severity => digest.counts[severity] > 0)
    .map(severity => `${SHAPE[severity]} ${severity} ${digest.counts[severity]}`)
  return `待处理预警 ${digest.total} 条：${parts.join(' ')}`
}

export function digestFace(digest: Digest, url: string, at: string): CardFace {
  return {
    title: digestTitle(digest),
    subtitle: `${at} 汇总`,
    text: '按严重程度排列，点开在通鉴中处理。卡片不含会话原文。',
    lines: digest.lines.slice(0, 6).map(({ number, text }) => ({ name: number.slice(-4), value: text })),
    url,
    buttons: [],
  }
}

export function digestBody(digest: Digest, url: string, institution: string): string {
  return [
    `${institution} 待处理预警 ${digest.total} 条`,
    '',
    ...digest.lines.map(({ number, text }) => `${number}  ${text}`),
    ...(digest.total > digest.lines.length ? [`…… 另有 ${digest.total - digest.lines.length} 条`] : []),
    '',
    `在通鉴中处理：${url}`,
    '本邮件不含会话原文，姓名已掩码。',
  ].join('\n')
}

export function mailBody(facts: Facts, step: number, url: string, zone: string): string {
  const told = why(step)
  return [
    ...(told ? [told.long, ''] : []),
    ...linesOf(facts, zone).map(({ name, value }) => `${name}：${value}`),
    '',
    `在通鉴中处理：${url}`,
    '本邮件不含会话原文，姓名已掩码。',
  ].join('\n')
}

export const TEST_WORDS = '这是一条测试消息，收到即说明该渠道可用。'
