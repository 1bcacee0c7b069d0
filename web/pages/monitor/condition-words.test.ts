import { expect, test } from 'vitest'
import { conditionWords } from './condition-words.ts'

test.each([
  ['yield_max >= 5.0', '年化收益最高值 不低于 5'],
  ['!staff_licensed', '不是 员工有投顾资格且客户已签约'],
  ['annual_rate > 24.0 && audience == "group"', '折算年利率 高于 24 并且 对象 为 「group」'],
  ['customer_age >= 60 || customer_vulnerable', '客户年龄 不低于 60 或者 客户属弱势群体'],
])('%s reads %s', (when, words) => {
  expect(conditionWords(when).replace(/\s+/g, ' ')).toBe(words)
})
