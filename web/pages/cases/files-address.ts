import { CASE_STATES, type CaseState } from '../../../src/cases/contract.ts'

/** The page of cases: filter, chosen case, and whether looks stand in its timeline. */
export type CasesAddress = { state?: CaseState; id?: string; looks?: '1' }

export function casesAddress(raw: Record<string, unknown>): CasesAddress {
  return {
    state: CASE_STATES.find(state => state === raw.state),
    id: typeof raw.id === 'string' && /^[0-9a-f-]{36}$/.test(raw.id) ? raw.id : undefined,
    looks: raw.looks === '1' ? '1' : undefined,
  }
}
