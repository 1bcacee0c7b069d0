import type { ConsentState, Processing } from '../../../src/contacts/contract.ts'
import { maybe, t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'

const CHOICE_TONE = { agree: 'good', default_agree: 'good', disagree: 'P1', withdrawn: 'P1' } as const
const STATE_TONE = { active: 'good', restricted: 'P1', erased: 'off' } as const

export function ChoiceWord({ state }: { state: ConsentState | 'unknown' }) {
  return (
    <span className="nowrap">
      <Glyph of={state === 'unknown' ? 'off' : CHOICE_TONE[state]} /> {t(`noticeConsent.${state}`)}
    </span>
  )
}

export function StateWord({ state }: { state: Processing }) {
  return (
    <span className="nowrap" title={t(`processing.${state}.why`)}>
      <Glyph of={STATE_TONE[state]} /> {t(`processing.${state}`)}
    </span>
  )
}

export const sourceWords = (source: string): string => maybe(`consentSource.${source}`) ?? source

/** A customer's name; it opens what is known of his choices. */
export function CustomerLink(props: {
  customer: { id: string; name: string }
  open(customer: string): void
}) {
  const { customer, open } = props
  return (
    <button type="button" className="link" onClick={() => open(customer.id)}>
      {customer.name}
    </button>
  )
}
