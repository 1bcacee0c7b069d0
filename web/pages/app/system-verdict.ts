import type { SystemView } from '../../../src/app/contract.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { noteWords } from '../../ui/differs.ts'
import { lagWords, lengthWords } from '../../ui/time-words.ts'

type Tone = 'good' | 'P2' | 'P1' | 'P0'
/** `detail`: what stands under the sentence, in the words of whoever must mend it. */
export type Verdict = { tone: Tone; words: string; detail?: string }

/** Internal warning lines (regulation.md P6): 15 minutes, 6 hours, 72 hours. */
const LAG_TONE = { m15: 'P1', h6: 'P0', h72: 'P0' } as const

/** How long what is not captured yet can still be had. */
export function leftWords(daysLeft: number): string {
  return daysLeft > 0 ? t('lag.leftDays', { n: daysLeft.toFixed(1) }) : t('lag.leftNone')
}

/** Where a pack is broken and what kind of fault it is, in the reader's language; the fault itself as detail. */
function rulesTrouble(trouble: NonNullable<SystemView['rules']['trouble']>): {
  words: string
  detail: string
} {
  const { problem, code, file, line } = trouble
  const kind = code === null ? null : maybe(code)
  const words =
    kind !== null && file !== null
      ? t('system.say.rulesAt', { file, line: line ?? 1, kind })
      : t('system.say.rules')
  // The place is in the sentence already.
  return { words, detail: problem.replace(/^\S+\.yaml:\d+: /, '') }
}

/** The conclusion in one sentence: the worst thing first, all well only when nothing is wrong. */
export function verdictOf(view: SystemView): Verdict {
  const { capture, ledger, jobs } = view
  if (ledger.verifiedOk === false)
    return { tone: 'P0', words: t('system.say.tampered', { note: noteWords(ledger.verifiedNote ?? '') }) }
  const { lag } = capture
  if (lag && lag.level !== 'none')
    return {
      tone: LAG_TONE[lag.level],
      words: t('system.say.lag', { lag: lagWords(lag.seconds), left: leftWords(lag.daysLeft) }),
    }
  if (capture.state === 'trouble')
    return {
      tone: 'P1',
      words: t('system.say.trouble', {
        length: lengthWords(view.at - (capture.troubleSince ?? view.at)),
        why: capture.trouble ?? '',
      }),
    }
  const failed = jobs.reduce((sum, job) => sum + job.failed, 0)
  if (failed > 0) return { tone: 'P1', words: t('system.say.failedJobs', { n: figure(failed) }) }
  if (view.stamps?.trouble)
    return { tone: 'P2', words: t('system.say.stamps', { n: figure(view.stamps.failures) }) }
  if (capture.quarantined > 0)
    return { tone: 'P2', words: t('system.say.quarantined', { n: figure(capture.quarantined) }) }
  if (view.rules.trouble) return { tone: 'P2', ...rulesTrouble(view.rules.trouble) }
  if (capture.state === 'off') return { tone: 'P2', words: t('system.say.off') }
  return {
    tone: 'good',
    words: t(ledger.verifiedOk ? 'system.say.wellVerified' : 'system.say.well', {
      n: figure(view.archive.messages),
    }),
  }
}
