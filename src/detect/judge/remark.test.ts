import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { fold } from '../fold/fold.ts'
import { compile, isAlert } from '../index.ts'
import type { Range } from './reads.ts'
import { followed, remarked, soothed, toldByOthers } from './remark.ts'

const engine = compile(housePacks())

test.each([
  // Said behind the words that they are only words, refused, or wrong.
  ['密码发我就行——这种话您听见立刻挂电话', false],
  ['亏了公司给您补，没这个事啊，合同里也没这条', false],
  ['躺着赚钱的路子，我真没有', false],
  ['全网最低？这四个字法务看见要找我谈话的', false],
  ['稳赚不赔的东西，世上没有', false],
  ['抓涨停的课我们不开，开的是看年报的', false],
  ['存五万一个月返一千。区里已经立案了，您千万劝阿姨别再投', false],
  // Told by others, or only quoted.
  ['中介跟他讲“包装流水一条龙”，他心里没底来问我', false],
  ['领导让我发“稳赚不赔”的图，我没发', false],
  ['网恋对象叫她买泰达币，反诈中心已介入', false],
  // The speaker vouches all the same.
  ['咱们这款“保本”产品卖得最好', true],
  ['保本吗？放心，亏了我赔', true],
  ['亏了公司给您补，没问题，我担保', true],
  ['老客户都说这款保本，您放心', true],
  ['不是骗子哈，验证码发我就行', true],
  ['别怕是骗子，验证码报给我', true],
  ['别担心，验证码我就用一次，发给我马上好', true],
  ['不会有风险的，密码发我我帮您登', true],
])('what is remarked on the words: %s → alert %s', (text, expected) => {
  const hits = engine.detect({ text }).filter(hit => !hit.path.includes('model'))
  expect(isAlert(hits)).toBe(expected)
})

test('a word of two characters that the line cuts through is none', () => {
  const hits = (text: string) => engine.detect({ text }).filter(hit => !hit.path.includes('model'))
  expect(hits('社保卡和银行卡的硬币圈存不用管，圈存机在大厅左手边')).toEqual([])
  expect(hits('喊单元门口的快递上来')).toEqual([])
  expect(isAlert(hits('带您进币圈，跟着我炒币'))).toBe(true)
})

const piece = fc.constantFrom(
  '保本',
  '？',
  '，',
  '。',
  '这种话',
  '我们不做',
  '没有的',
  '他说',
  '放心',
  '不是骗子，',
  '判了',
  '\n',
  '“',
)
test('no remark is read outside the view, and none throws', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(), fc.nat(), (parts, a, b) => {
      const f = fold(parts.join(''))
      const { n } = f
      const start = n === 0 ? 0 : a % n
      const span: Range = [start, n === 0 ? 0 : start + 1 + (b % (n - start))]
      const judged = (tail: string): boolean[] => {
        const chars = Uint16Array.from({ length: n + 40 }, (_, i) =>
          i < n ? (f.chars[i] as number) : tail.charCodeAt(i % tail.length),
        )
        return [
          remarked(chars, [0, n], span),
          toldByOthers(chars, [0, n], span),
          soothed(chars, [0, n], span),
          followed(chars, n, span),
        ]
      }
      expect(judged('这种话别信,我们不做,判了')).toEqual(judged('\0'))
    }),
    { numRuns: 2000 },
  )
})
