import { readdirSync, readFileSync } from 'node:fs'
import { type Packs, parsePacks } from '../src/detect/index.ts'

/** The files of the rules, layers too, read from disk: for the benchmark and for the tests of detect, which is pure. */
export function houseFiles(): { name: string; text: string }[] {
  const folder = new URL('../rules/', import.meta.url)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.yaml') && name !== 'domains.yaml' && !name.startsWith('behaviour/'))
    .map(name => ({ name: `rules/${name}`, text: readFileSync(new URL(name, folder), 'utf8') }))
}

/** The rules that hold for every institution. */
export const housePacks = (): Packs => parsePacks(houseFiles())

/** A sample a line; violations carry their category and a tab in front, and may run over several lines. */
export function samples(name: string): { category: string; text: string }[] {
  const text = readFileSync(new URL(`../src/detect/samples/${name}`, import.meta.url), 'utf8').trim()
  if (!/^[A-Z_]+\t/.test(text)) return text.split('\n').map(line => ({ category: '', text: line }))
  return text.split(/\n(?=[A-Z_]+\t)/).map(line => {
    const tab = line.indexOf('\t')
    return { category: line.slice(0, tab), text: line.slice(tab + 1) }
  })
}
