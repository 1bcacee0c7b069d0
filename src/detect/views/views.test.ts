import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { explain } from '../explain.ts'
import { compile, isAlert } from '../index.ts'
import { crosses } from './lexicon.ts'

const engine = compile(housePacks())
const units = (text: string): Uint16Array => Uint16Array.from(text, char => char.charCodeAt(0))

test.each([
  ['宝本宝息的，您懂我意思就行', '保本保息', 'homophone'],
  ['营利分层，五五开，亏损共丹', '分成', 'near-sound'],
  ['保木保息，别让我打对的字', '保本', 'shape'],
  ['亻呆本亻呆息，到期一分不少您的', '保本', 'split'],
  ['张哥这款baoben的，利率高', '保本', 'pinyin'],
  ['张哥这款bǎo běn的，利率高', '保本', 'pinyin'],
  ['张哥这款bao3 ben3的，利率高', '保本', 'pinyin'],
  ['保ben保xi，我口头跟您说好了', '保本', 'pinyin'],
  ['这个bbbx，跟您交个底', '保本保息', 'initials'],
  ['加我v聊', '', ''],
  ['我这个产品是“赔不赚稳”，您明白', '稳赚不赔', 'reversed'],
])('%s is read as %s (%s)', (text, reads, step) => {
  const hits = engine.detect({ text })
  expect(hits.length).toBeGreaterThan(0)
  if (reads === '') return
  expect(hits.some(hit => hit.reads.includes(reads) && hit.path.includes(step))).toBe(true)
  for (const hit of hits) expect(text.slice(hit.start, hit.end)).toBe(hit.matched)
})

test.each([
  ['kui le wo pei', '亏了我赔', 'pinyin'],
  ['xian zhuan dao wo ka shang', '转到我卡', 'pinyin'],
  ['weixin tong hao, jia yi xia', '微信', 'pinyin'],
  ['力口我彳敚亻言聊', '微信', 'split'],
  ['力口v亻訁', '微信', 'slang'],
  ['隔壁那家就是马扁子', '骗子', 'split'],
  ['一三九 7788 六六二二 加这个聊', '13977886622加这个', 'digits'],
  ['钱打到陆贰贰捌 4800 一二三四 九九零 这张卡', '打到62284800123499', 'digits'],
  ['w.x.同号', '微信', 'slang'],
  ['薇/信/号/wz9920', '微信号', 'separator'],
  ['扫我skm付', '收款码', 'initials'],
  ['❶❸❽ 0000 4521 加这个聊', '138 0000 4521加这个', 'variant'],
])('%s is put together: %s (%s)', (text, reads, step) => {
  const hits = engine.detect({ text })
  expect(isAlert(hits)).toBe(true)
  expect(hits.some(hit => hit.reads.includes(reads) && hit.path.includes(step))).toBe(true)
  for (const hit of hits) expect(text.slice(hit.start, hit.end)).toBe(hit.matched)
})

test.each([
  '他在客户里很有威信',
  '欢迎四十二位新同事',
  '文章在 https://mp.weixin.qq.com/s/abc 看',
  '合同编号TX-0931',
  '飞机晚点了，到店报名字',
  'can you send me the pdf',
  '客户Zhang Wei Li 下午来',
  '2026年一一月三十日',
])('a word that may be honest is left alone: %s', text => {
  expect(isAlert(engine.detect({ text }))).toBe(false)
})

test('a word that weighs only in disguise is silent where it stands plainly', () => {
  const rules = (text: string) => engine.detect({ text }).map(hit => hit.rule)
  expect(rules('这是唯一能办的窗口')).not.toContain('SUPER-03')
  expect(rules('微信支付已绑定')).not.toContain('OFFPLATFORM-03')
  expect(rules('最\n稳\n最\n强\n没有之一')).toContain('SUPER-03')
})

test.each([
  '周边有一家饭店，评分4.5',
  '报歉，没有查到景点',
  '带孩子去面兑面(南锣鼓巷店)',
  '医保本人卡可以用',
  '飞机往返点位查好了',
])('honest writing is left alone: %s', text => {
  expect(engine.detect({ text })).toEqual([])
})

test('a word across a border of words is none', () => {
  for (const [text, word] of [
    ['医保本人卡', '保本'],
    ['往返点位', '返点'],
    ['面包本来就', '包本'],
  ] as const) {
    const at = text.indexOf(word)
    expect(crosses(units(text), text.length, at, at + word.length)).toBe(true)
  }
  expect(crosses(units('这款保本的放心'), 7, 2, 4)).toBe(false)
})

test('the officer is told what was read how', () => {
  const [hit] = engine.detect({ text: '这款宝本，放心拿' })
  expect(hit && explain(hit)).toBe('宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）')
})

test('spans lie inside the text, whatever it holds', () => {
  const messy = fc.string({
    unit: fc.constantFrom(...'保宝本夲穩問賺赔不亻呆禾急 bao本xi.1，。🔥\u200b\ud800加v微💰息'),
  })
  fc.assert(
    fc.property(messy, text => {
      for (const hit of engine.detect({ text })) {
        expect(hit.start).toBeGreaterThanOrEqual(0)
        expect(hit.end).toBeGreaterThan(hit.start)
        expect(hit.end).toBeLessThanOrEqual(text.length)
        expect(text.slice(hit.start, hit.end)).toBe(hit.matched)
      }
    }),
    { numRuns: 500 },
  )
})

test.each(['\u0336', '\ud800', '宝', '亻', 'b', '宝本', 'bao ben ', 'wei', '六 二 ', '彳敚'])(
  'a million of %j is read through',
  unit => {
    expect(() => engine.detect({ text: unit.repeat(1_000_000 / unit.length) })).not.toThrow()
  },
  20_000,
)
