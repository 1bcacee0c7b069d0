import { alerts } from './alerts.ts'
import { completeness } from './completeness.ts'
import { frame } from './frame.ts'
import { keep } from './keep.ts'
import { notice } from './notice.ts'
import { own } from './own.ts'
import { rules } from './rules.ts'
import { talk } from './talk.ts'

/** Every word on screen, as a Chinese compliance officer would write it; `en` must hold the same keys. */
export const zhCN = { ...frame, ...alerts, ...talk, ...keep, ...notice, ...completeness, ...own, ...rules }
