import { createHash } from 'node:crypto'
import { categoryOf } from './concealed.ts'
import { COURSES, type Course } from './course-content.ts'

/** Which course a category of rules leads to: the prefix of a rule's id is its category (GUAR-01 → GUAR). */
const BY_CATEGORY: Record<string, string> = {
  GUAR: '《收益表述与风险揭示》专项课',
  EXAG: '《收益表述与风险揭示》专项课',
  SUPER: '《宣传用语规范》专项课',
  PRESSURE: '《宣传用语规范》专项课',
  INDUCE: '《宣传用语规范》专项课',
  PRIV_TRANSFER: '《资金往来红线》专项课',
  REBATE: '《资金往来红线》专项课',
  PROXY: '《资金往来红线》专项课',
  OFFPLATFORM: '《企业微信使用与留痕》专项课',
  EVADE: '《企业微信使用与留痕》专项课',
  LEAK: '《客户信息保护》专项课',
}
const GENERAL = '《客户沟通合规要点》专项课'

/** Courses for these rules, each once. */
export function coursesFor(rules: readonly string[]): string[] {
  return [...new Set(rules.map(rule => BY_CATEGORY[categoryOf(rule)] ?? GENERAL))]
}

export const COURSE_TITLES: readonly string[] = COURSES.map(course => course.title)

const byTitle = new Map(COURSES.map(course => [course.title, course]))
export const courseOf = (title: string): Course | undefined => byTitle.get(title)

/** Short name of exactly these words and questions, so that an attempt tells which text it was about. */
export function versionOf(course: Course): string {
  return createHash('sha256').update(JSON.stringify(course)).digest('hex').slice(0, 12)
}
