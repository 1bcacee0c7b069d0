import { runApply, runBacktest } from './backtest.ts'
import type { RulebookDeps } from './deps.ts'
import { APPLY, BACKTEST } from './jobs.ts'

export { askApply, askBacktest } from './backtest.ts'
export type { RulebookDeps } from './deps.ts'
export { makeDraft, submitDraft, testDraft } from './drafts.ts'
export { rulebookRoutes } from './http.ts'
export { APPLY, BACKTEST } from './jobs.ts'
export { publishDraft, rollBack } from './publish.ts'
export { publicationsOf } from './published.ts'
export { RULES_CHANNEL } from './store.ts'
export { readDraft } from './view.ts'

/** Run backtests and applications to history. Stopped, they end at the next chunk and go on after the next start. */
export async function workRulebook(deps: RulebookDeps): Promise<{ stop(): void }> {
  let stopped = false
  const stopping = (): boolean => stopped
  await deps.jobs.work(BACKTEST, ({ id }) => runBacktest(deps, id, stopping))
  await deps.jobs.work(APPLY, ({ id }) => runApply(deps, id, stopping))
  return {
    stop() {
      stopped = true
    },
  }
}
