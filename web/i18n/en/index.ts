import type { Words } from '../index.ts'
import { alerts } from './alerts.ts'
import { completeness } from './completeness.ts'
import { frame } from './frame.ts'
import { keep } from './keep.ts'
import { notice } from './notice.ts'
import { own } from './own.ts'
import { rules } from './rules.ts'
import { talk } from './talk.ts'

export const en: Words = {
  ...frame,
  ...alerts,
  ...talk,
  ...keep,
  ...notice,
  ...completeness,
  ...own,
  ...rules,
}
