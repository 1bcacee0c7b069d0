export const SAMPLE_TABS = ['sample', 'inspection', 'proof'] as const
export type SampleTab = (typeof SAMPLE_TABS)[number]
/** The page's address: the chosen plan and its tab, or a plan in the making. */
export type SamplesAddress = { id?: string; tab?: SampleTab; new?: '1' }
/** The review's: the unit, and on narrow screens the step (absent: the list). */
export type ReviewAddress = { unit?: string; step?: 'talk' | 'act' }

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export function samplesAddress(raw: Record<string, unknown>): SamplesAddress {
  return {
    id: textOf(raw.id),
    tab: SAMPLE_TABS.find(tab => tab === raw.tab),
    new: raw.new === '1' ? '1' : undefined,
  }
}

export function reviewAddress(raw: Record<string, unknown>): ReviewAddress {
  return {
    unit: textOf(raw.unit),
    step: raw.step === 'talk' || raw.step === 'act' ? raw.step : undefined,
  }
}
