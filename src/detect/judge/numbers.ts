/**
 * Amounts, percentages and interest as people write them in chat: 6.8%, 月息8厘, 百分之六, 五个点, 20万, 4.9w. Read from
 * folded text, so digits and signs are already half-width.
 */
type Rate = {
  /** In per cent of the period. */
  percent: number
  /** In per cent a year; the same as `percent` where no period is named. */
  yearly: number
}
export type Numbers = { amounts: number[]; rates: Rate[] }

/** More in one sentence tells an officer nothing new, and conditions stay cheap. */
const MOST = 16

const DIGITS: Record<string, number> = Object.fromEntries([
  ...[...'零一二三四五六七八九'].map((char, i) => [char, i] as const),
  ...[...'〇壹贰叁肆伍陆柒捌玖'].map((char, i) => [char, i] as const),
  ['两', 2],
])
const STEPS: Record<string, number> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000 }
const BIG: Record<string, number> = { 万: 10_000, 亿: 100_000_000 }

const HAN = '零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟点半'
const NUMBER = `(?:\\d{1,12}(?:,\\d{3}){0,4}(?:\\.\\d{1,6})?|[${HAN}]{1,12})`
const MONEY = new RegExp(
  `(${NUMBER})\\s?(万|亿|千|百|[wk](?![a-z]))?(半|[零一二三四五六七八九\\d](?!\\d))?\\s?(元|块|人民币|rmb)?`,
  'g',
)
const RATE = new RegExp(
  `百分之(${NUMBER})|(${NUMBER})\\s?(%|个点|个百分点|厘|分利|分(?!钟|之|别|行|期)|成)`,
  'g',
)
const UNIT: Record<string, number> = { w: 10_000, k: 1000, 万: 10_000, 亿: 100_000_000, 千: 1000, 百: 100 }

/** 一万二 is 12,000, 十五 is 15, 三点五 is 3.5, 半 is a half; undefined when it is no number. */
export function readNumber(text: string): number | undefined {
  if (/^\d/.test(text)) return Number(text.replaceAll(',', ''))
  if (text === '半') return 0.5
  const [whole = '', part, more] = text.split('点')
  if (more !== undefined || whole === '' || part === '') return undefined
  const left = readWhole(whole)
  if (left === undefined || part === undefined) return left
  if (part === '半') return left + 0.5
  const digits = [...part].map(char => DIGITS[char])
  if (digits.some(digit => digit === undefined)) return undefined
  return Number(`${left}.${digits.join('')}`)
}

function readWhole(text: string): number | undefined {
  let total = 0
  let section = 0
  let digit: number | undefined
  let step = 1
  for (const char of text.replace(/半$/, '')) {
    if (char in BIG) {
      total = (total + section + (digit ?? 0)) * (BIG[char] as number)
      section = 0
      digit = undefined
      step = BIG[char] as number
    } else if (char in STEPS) {
      step = STEPS[char] as number
      section += (digit ?? 1) * step
      digit = undefined
    } else if (char in DIGITS) {
      // 二零二六: digits in a row are read as they are written.
      digit =
        digit === undefined || digit === 0 ? (DIGITS[char] as number) : digit * 10 + (DIGITS[char] as number)
    } else return undefined
  }
  // 一万二 and 三百五 leave out the last step.
  const last =
    digit === undefined ? 0 : digit < 10 && step > 10 && !/零.$/.test(text) ? digit * (step / 10) : digit
  return total + section + last
}

/** The period a rate is said for: how many of them a year has. */
function periods(before: string, after: string): number {
  const near = `${before.slice(-8)} ${after.slice(0, 3)}`
  if (/年(?!后|底|初|轻|前|纪)|年化/.test(before.slice(-8))) return 1
  if (/月(息|利|化|收益|赚|回报|费|返|利率)?|每(个)?月|按月|一个月/.test(near)) return 12
  if (/日(息|利|赚|化|收益|利率)|每(日|天)|一天|天天|按天/.test(near)) return 365
  if (/周(息|利|赚|收益)|每周|一周/.test(near)) return 52
  return 1
}

/** 厘 and 分 of interest are tenths: by the month 1 分 is 1 %, by the year 10 %. */
function percentOf(value: number, unit: string, yearly: boolean): number {
  if (unit === '厘') return yearly ? value : value / 10
  if (unit.startsWith('分')) return yearly ? value * 10 : value
  if (unit === '成') return value * 10
  return value
}

/** Interest is spoken of in 厘 and 分; elsewhere these are points, cents and minutes. */
const SPEAKS_OF_INTEREST = /息|利|收益|回报|年化|贷|借|返/

/** Everything in a sentence that counts as money or as a rate. */
export function readNumbers(sentence: string): Numbers {
  const rates: Rate[] = []
  let rest = sentence
  for (const found of sentence.matchAll(RATE)) {
    if (rates.length >= MOST) break
    const value = readNumber(found[1] ?? found[2] ?? '')
    const unit = found[3] ?? '%'
    if (value === undefined) continue
    if ('厘分'.includes(unit.charAt(0)) && !SPEAKS_OF_INTEREST.test(sentence)) continue
    const before = sentence.slice(0, found.index)
    const times = periods(before, sentence.slice(found.index + found[0].length))
    const yearly = times === 1 && /年/.test(before.slice(-8))
    const percent = percentOf(value, unit, yearly)
    rates.push({ percent, yearly: round(percent * monthly(unit, before, times)) })
    rest = rest.replace(found[0], ' '.repeat(found[0].length))
  }
  return { amounts: readAmounts(rest), rates }
}

/** 两分利 without a period is by the month, as lenders say it. */
const monthly = (unit: string, before: string, times: number): number =>
  times === 1 && '厘分'.includes(unit.charAt(0)) && !/年/.test(before.slice(-8)) ? 12 : times

const round = (value: number): number => Math.round(value * 1e6) / 1e6

function readAmounts(text: string): number[] {
  const out: number[] = []
  for (const found of text.matchAll(MONEY)) {
    if (out.length >= MOST) break
    const [, number = '', unit, tail, money] = found
    // A bare number is a date, a code or a count.
    if (unit === undefined && money === undefined && !/[万亿]/.test(number)) continue
    const value = readNumber(number)
    if (value === undefined) continue
    const times = unit === undefined ? 1 : (UNIT[unit] as number)
    const more = tail === undefined ? 0 : tail === '半' ? 0.5 : (readNumber(tail) ?? 0) / 10
    out.push(round((value + (unit === undefined ? 0 : more)) * times))
  }
  return out
}

/** An amount just under a line, as split transfers are: from nine tenths of it up to it. */
export const justUnder = (amounts: readonly number[], line: number): number =>
  amounts.filter(amount => amount >= 0.9 * line && amount < line).length
