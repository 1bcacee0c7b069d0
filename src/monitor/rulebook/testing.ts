import type { Actor, House } from '../../base/index.ts'
import type { RuleForm } from './contract.ts'

/** A person of a role, for tests. */
export const personOf = (house: House, role: string, name = role): Actor => ({
  house,
  kind: 'person',
  name,
  role,
  accountId: null,
  userid: null,
  departments: [],
})

/** A new rule that an officer fills in; no rule of the folder knows its words. */
export const formWith = (term: string, change: Partial<RuleForm> = {}): RuleForm => ({
  category: 'GUAR',
  id: null,
  name: '内部代号式承诺',
  severity: 'P1',
  direction: 'staff',
  verdict: 'violation',
  clause: 'M-01',
  terms: [term],
  near: [],
  exceptions: [],
  fires: [`这款产品走${term}，您放心`],
  clean: ['产品不承诺收益，请阅读风险揭示书'],
  ...change,
})
