/**
 * What the line before lends to a short one: a word broken over two messages (保 / 本), or a yes or no to a
 * question (这个保本吗? / 对的). The engine judges the text that both make together.
 */
const SHORT = 14

const YES = /^(是|对|没错|当然|肯定|必须|嗯|可以|能|会|保|有|那是|百分百|百分之百|绝对|放心|没问题|ok|yes)/i
const NO = /^(不会|没有|没|不存在|不可能|哪会|怎么会|放心|肯定不会|绝对不会|当然不会|当然没有|肯定没有)/
const DENIES = /[不没无非别勿]|哪会|怎么会/
const ASKS = /[吗么?？]|是不是|是否|能不能|会不会|有没有|可不可以|可以不/
const TAIL = /[吗么呢吧啊呀?？!！。,，~\s]+$/

/** The statement that the answer makes of the question, or undefined when it makes none. */
export function answered(question: string, answer: string): string | undefined {
  if (answer.length > SHORT || question.length > 60 || !ASKS.test(question)) return undefined
  const asked = question.split(/[。!！;；\n]/).findLast(part => ASKS.test(part)) ?? question
  const clause = asked.split(/[,，]/).findLast(part => ASKS.test(part)) ?? asked
  const positive = clause
    .replace(TAIL, '')
    .replace(/(能|会|有|可|是)[不没](\1|可以)/g, '$1')
    .replace('是否', '')
  const reply = answer.replace(/问题|担心|用怕/g, '')
  if (NO.test(answer) && /[会有]/.test(positive)) return positive.replace(/会/, '不会').replace(/有/, '没有')
  return YES.test(answer) && !DENIES.test(reply.replace(/^没错|^没/, '')) ? positive : undefined
}

/** Words of one speaker split over messages: what he said just before, while his lines were short, at most this many. */
const MOST_PIECES = 5

export type Line = { text: string; from?: 'staff' | 'customer'; own?: boolean }

/** The pieces before this line that may make one phrase with it, together. */
export function pieces(lines: readonly Line[], from: 'staff' | 'customer'): string {
  let made = ''
  for (let i = lines.length - 1; i >= 0 && lines.length - i <= MOST_PIECES; i--) {
    const line = lines[i] as Line
    if (line.text === '' || !(line.own ?? (line.from === undefined || line.from === from))) break
    made = line.text + made
    // A whole sentence may end in the first half of a phrase, but lends nothing from before it.
    if (line.text.length > SHORT) break
  }
  return made
}

/** The question this line may answer: the last words of somebody else, past a short 「您好」 of one's own. */
export function questionBefore(lines: readonly Line[], from: 'staff' | 'customer'): string | undefined {
  for (let i = lines.length - 1; i >= lines.length - 3 && i >= 0; i--) {
    const line = lines[i] as Line
    if (line.own === undefined && line.from === undefined) return line.text
    if (!(line.own ?? line.from === from)) return line.text
    if (line.text.length > SHORT || YES.test(line.text) || NO.test(line.text)) return undefined
  }
  return undefined
}

/** Only a short line can be the rest of a broken word. */
export const mayContinue = (text: string): boolean => text.length <= SHORT
