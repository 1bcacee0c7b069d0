import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from './index.ts'

/** Commands as the shell runs them, in this process; the embedded ones have tests of their own in test/. */
async function run(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = []
  const err: string[] = []
  const none = async (): Promise<number> => 0
  const code = await runCommand(
    args,
    { demo: none, bench: none },
    { out: line => void out.push(line), err: line => void err.push(line) },
  )
  return { code, out, err }
}

function file(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-scan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'lines.jsonl')
  writeFileSync(path, content)
  return path
}

test('scan answers each line in order, tells a bad one with its number, and goes on', async () => {
  const path = file(
    [
      JSON.stringify({ id: 'a', text: '您放一百个心，这款保本保息，亏了算我的' }),
      '{"id": broken',
      JSON.stringify({ id: 'b', text: '本产品为非保本浮动收益型' }),
      JSON.stringify({ id: 'c', text: '这个保本吗', from: 'customer' }),
      JSON.stringify({ id: 'd' }),
    ].join('\n'),
  )
  const { code, out, err } = await run('scan', path)
  const answers = out.map(
    line =>
      JSON.parse(line) as {
        id: string
        alert: boolean
        hits: { start: number; end: number; matched: string; rule: string }[]
      },
  )
  expect(answers.map(answer => [answer.id, answer.alert])).toEqual([
    ['a', true],
    ['b', false],
    ['c', false],
  ])
  const text = '您放一百个心，这款保本保息，亏了算我的'
  for (const hit of answers[0]?.hits ?? []) expect(text.slice(hit.start, hit.end)).toBe(hit.matched)
  expect(err.map(line => /第 (\d+) 行/.exec(line)?.[1])).toEqual(['2', '5'])
  expect(code).toBe(1)
})

test("rules test runs every rule's own examples and none fails", { timeout: 240_000 }, async () => {
  const { code, out, err } = await run('rules', 'test')
  // A slow pattern is warned about and no failure; anything else on this stream is one.
  expect(err.filter(line => !line.includes('式样偏慢'))).toEqual([])
  expect(out.at(-1)).toMatch(/^\d+ 条规则，\d+ 个用例，0 个失败；伪装 \d+\/\d+（/)
  expect(code).toBe(0)
})

test('rules list names every rule of the packs', async () => {
  const { code, out } = await run('rules', 'list')
  expect(code).toBe(0)
  expect(out.join('\n')).toMatch(/GUAR-01/)
})

test.each([[['nonsense']], [['rules']], [['search']], [['import']], [['search', 'x', '--limit', '-1']]])(
  '%j says how it is used',
  async args => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err.join('\n')).toMatch(/用法|需要|正整数|没有命令|之后是/)
  },
)

test('the version stands in one place', () => {
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
  ) as { version: string }
  expect(readFileSync(join(import.meta.dirname, '../system.ts'), 'utf8')).toContain(`VERSION = '${version}'`)
})
