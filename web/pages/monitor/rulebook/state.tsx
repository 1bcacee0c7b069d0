import type { DraftState } from '../../../../src/monitor/rulebook/contract.ts'
import { t } from '../../../i18n/index.ts'

export function StateTag({ state }: { state: DraftState }) {
  return <span className={`rb-tag ${state}`}>{t(`rulebook.state.${state}`)}</span>
}

const STEPS = ['write', 'test', 'backtest', 'publish', 'force'] as const
/** How many of the steps are behind a draft in each state. */
const BEHIND: Record<DraftState, number> = {
  draft: 0,
  tested: 2,
  backtested: 3,
  submitted: 3,
  shadow: 4,
  staged: 4,
  in_force: 5,
  superseded: 5,
  rolled_back: 4,
  discarded: 0,
}

/** 起草 → 测试 → 回测 → 发布 → 启用, and where this one stands. */
export function Steps({ state }: { state: DraftState }) {
  const behind = BEHIND[state]
  return (
    <ol className="rb-steps">
      {STEPS.map((step, i) => (
        <li
          key={step}
          className={i < behind ? 'done' : i === behind ? 'now' : ''}
          aria-current={i === behind ? 'step' : undefined}
        >
          <span aria-hidden="true">{i < behind ? '✓' : i + 1}</span>
          {t(`rulebook.step.${step}`)}
        </li>
      ))}
    </ol>
  )
}
