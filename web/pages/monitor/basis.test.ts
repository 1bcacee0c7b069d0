import { expect, test } from 'vitest'
import type { RuleView } from '../../../src/monitor/contract.ts'
import { lawsOf } from './basis.ts'

type Basis = RuleView['basis'][number]
const basis = (name: string, article: string | null, certain = true): Basis => ({
  name,
  article,
  status: 'active',
  effectiveFrom: null,
  certain,
})
const rule = (...found: Basis[]): RuleView => ({
  id: 'GUAR-01',
  model: false,
  name: '保本保收益',
  category: 'GUAR',
  categoryName: '保本保收益',
  severity: 'P0',
  verdict: 'violation',
  direction: 'staff',
  version: '1',
  why: '',
  clause: null,
  basis: found,
})

test('a law stands once with all its articles, and one in doubt stands apart', () => {
  const laws = lawsOf([
    rule(basis('证券法', '第一百三十四条'), basis('广告法', '第二十五条')),
    rule(
      basis('证券法', '第一百三十六条'),
      basis('证券法', '第一百三十四条'),
      basis('证券法', '第九条', false),
    ),
    rule(basis('指导意见', null, false)),
  ])
  expect(laws.map(law => [law.name, law.articles, law.certain])).toEqual([
    ['证券法', ['第一百三十四条', '第一百三十六条'], true],
    ['广告法', ['第二十五条'], true],
    ['证券法', ['第九条'], false],
    ['指导意见', [], false],
  ])
})
