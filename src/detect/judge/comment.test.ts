import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { compile, isAlert } from '../index.ts'
import { commented } from './comment.ts'

const engine = compile(housePacks())
const alerts = (text: string) => isAlert(engine.detect({ text }))

test.each([
  '稳赚不赔的理财,世界上没有',
  '内幕消息我们不听也不传',
  '刚兑早就打破了,现在都是净值型',
  '像替客户登录账户下单、代填风险测评、代接回访这几样,我们行是一条都不准碰',
  '就算您再怎么着急用钱,先交手续费再放款的所谓渠道,都请不要去碰',
  '把交易密码告诉别人,哪怕是我这样跟您熟的客户经理,也是万万不可的',
])('what is named first and refused afterwards alerts nobody: %s', text => {
  expect(alerts(text)).toBe(false)
})

test.each([
  '稳赚不赔的理财,世界上没有,但我这儿真有一款',
  '刚兑打破了,不过我给您单独兜底',
  '内幕消息,今天赶紧买,别信他们那套',
])('a turn, or a verb with an object of its own, takes nothing back: %s', text => {
  expect(alerts(text)).toBe(true)
})

const says = (words: string, tail: string) => {
  const chars = Uint16Array.from(words + tail, char => char.charCodeAt(0))
  return commented(chars, [0, chars.length], [0, words.length])
}

test.each([
  ['返点', ',我们不支持'],
  ['代客操作', '这种事公司一律不做'],
  ['荐股群', ',大家千万别信'],
])('%s%s is a comment on it', (words, tail) => {
  expect(says(words, tail)).toBe(true)
})

test.each([
  ['保本', ',不会亏'],
  ['返点', ',我们不支持提前赎回'],
  ['返点', ',公司不让,我单独补给您'],
  ['返点', ''],
])('%s%s is none', (words, tail) => {
  expect(says(words, tail)).toBe(false)
})
