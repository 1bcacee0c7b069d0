import type { SystemView } from '../../../src/app/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { lagWords, lengthWords } from '../../ui/time-words.ts'

type Tone = 'good' | 'P2' | 'P1' | 'P0'
export type Verdict = { tone: Tone; words: string }

/** Above this the archive window of five days is still far, but somebody should look (regulation.md P6). */
const SLOW_LAG_SECONDS = 15 * 60

/** The conclusion in one sentence: the worst thing first, all well only when nothing is wrong. */
export function verdictOf(view: SystemView): Verdict {
  const { capture, ledger, jobs } = view
  if (ledger.verifiedOk === false)
    return { tone: 'P0', words: t('system.say.tampered', { note: ledger.verifiedNote ?? '' }) }
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
  if ((capture.lagSeconds ?? 0) > SLOW_LAG_SECONDS)
    return { tone: 'P1', words: t('system.say.slow', { lag: lagWords(capture.lagSeconds ?? 0) }) }
  if (capture.quarantined > 0)
    return { tone: 'P2', words: t('system.say.quarantined', { n: figure(capture.quarantined) }) }
  if (capture.state === 'off') return { tone: 'P2', words: t('system.say.off') }
  return {
    tone: 'good',
    words: t(ledger.verifiedOk ? 'system.say.wellVerified' : 'system.say.well', {
      n: figure(view.archive.messages),
    }),
  }
}
