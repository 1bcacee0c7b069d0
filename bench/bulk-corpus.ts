import { readdirSync, readFileSync } from 'node:fs'
import { createRng, type Rng } from '../sim/rng.ts'

/**
 * Talk of a real corpus's lengths and vocabulary, for any number of messages: each is a line of the corpus with other
 * figures, and often with a clause of another line, so that ten million are no copies of eight thousand.
 */
export type Corpus = { lines: string[]; clauses: string[]; from: string }

export function loadCorpus(file: string | undefined): Corpus {
  const lines = file === undefined ? ownLines() : linesOf(file)
  const clauses = lines.flatMap(line => line.split(/(?<=[，。！？；,!?;])/u)).filter(c => c.length >= 3)
  return { lines, clauses, from: file === undefined ? 'samples of this repository' : 'file' }
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => {
      if (line === '') return []
      const { text } = JSON.parse(line) as { text?: { content?: string } }
      return text?.content ? [text.content] : []
    })
}

/** What the repository has itself: ordinary and wrong talk of advisers and customers, for whoever has no corpus. */
function ownLines(): string[] {
  const folder = new URL('../src/detect/samples/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /^(?!blind).*\.(txt|tsv)$/.test(name),
  )
  const lines = files.flatMap(name => readFileSync(new URL(name, folder), 'utf8').split('\n'))
  return lines.map(line => line.split('\t').at(-1) ?? '').filter(line => line.length >= 2)
}

const SURNAMES = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗']
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英文斌辉玲浩宇晨欣怡然博雅']
/** Characters that no ordinary line holds: planted words are rare for certain, and can be counted. */
const RARE = [...'黼黻龘靐齉饕餮貔貅魍魉氤氲囹圄耄耋']

export type Planted = { word: string; at: number[] }

/** Words that occur a known, small number of times among `n` messages. */
export function plantedWords(n: number, seed: string): Planted[] {
  const rng = createRng(`${seed} planted`)
  return Array.from({ length: 60 }, (_, i) => ({
    word: Array.from({ length: 2 + (i % 7) }, () => rng.pick(RARE)).join(''),
    at: Array.from({ length: rng.int(1, 12) }, () => rng.int(0, n - 1)),
  }))
}

export function textOf(corpus: Corpus, rng: Rng): string {
  let text = rng.pick(corpus.lines)
  if (rng.int(0, 9) < 5) {
    const parts = text.split(/(?<=[，。！？；,!?;])/u)
    parts[rng.int(0, parts.length - 1)] = rng.pick(corpus.clauses)
    text = parts.join('')
  }
  text = text.replace(/\d/g, () => String(rng.int(0, 9)))
  return rng.int(0, 19) === 0
    ? `${text}，我是${rng.pick(SURNAMES)}${rng.pick(GIVEN)}${rng.pick(GIVEN)}`
    : text
}
