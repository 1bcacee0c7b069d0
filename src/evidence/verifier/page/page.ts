import type { PackageFiles } from '../files.ts'
import { unreadable, type Verdict } from '../verdict.ts'
import { verifyPackage } from '../verify.ts'
import { differenceWords, type Tongue, tallyWords, UNCHECKED } from '../words.ts'
import { openZip } from '../zip.ts'
import { PAGE } from './words.ts'

/** verify.html: a package dropped on it is checked in this window, without a network. */

let tongue: Tongue = 'zh'
let shown: { verdict: Verdict; seconds: number } | null = null
let busy = false

const words = (key: keyof typeof PAGE, values: Record<string, string | number> = {}): string =>
  PAGE[key][tongue].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))

type Child = Node | string | null
/** Everything that comes from a package goes in as text, never as markup. */
function el(name: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  for (const child of children) if (child !== null) element.append(child)
  return element
}

function main(): HTMLElement {
  const found = document.querySelector('main')
  if (!found) throw new Error('the page has no main')
  return found
}

function render(): void {
  document.documentElement.lang = tongue === 'zh' ? 'zh-CN' : 'en'
  document.title = words('title')
  const header = el(
    'header',
    {},
    el('span', { class: 'seal', 'aria-hidden': 'true' }, '鉴'),
    el('h1', {}, words('title')),
    button(words('language'), () => {
      tongue = tongue === 'zh' ? 'en' : 'zh'
      render()
    }),
  )
  main().replaceChildren(header, ...(shown ? result(shown.verdict, shown.seconds) : [dropZone()]))
}

function button(text: string, act: () => void): HTMLElement {
  const made = el('button', { type: 'button' }, text)
  made.addEventListener('click', act)
  return made
}

function dropZone(): HTMLElement {
  const zone = el(
    'section',
    { class: 'drop', id: 'drop' },
    el('p', { class: 'lead' }, words('lead')),
    el('p', {}, picker('choose', false), picker('folder', true)),
    el('p', { class: 'faint' }, words('offline')),
  )
  for (const kind of ['dragover', 'dragenter'])
    zone.addEventListener(kind, event => {
      event.preventDefault()
      zone.classList.add('over')
    })
  zone.addEventListener('dragleave', () => zone.classList.remove('over'))
  return zone
}

function picker(key: 'choose' | 'folder', folder: boolean): HTMLElement {
  const input = document.createElement('input')
  input.type = 'file'
  input.id = key
  if (folder) input.webkitdirectory = true
  else input.accept = '.zip,application/zip'
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])]
    void check(folder ? files.map(file => [file.webkitRelativePath, file] as const) : files)
  })
  return el('label', { class: 'pick' }, words(key), input)
}

type Named = readonly [string, File]

async function check(given: readonly File[] | readonly Named[]): Promise<void> {
  if (busy || given.length === 0) return
  busy = true
  shown = null
  const started = performance.now()
  const bar = el('div', { class: 'bar' })
  const share = el('p', { class: 'faint' }, '0 %')
  main().replaceChildren(
    el(
      'section',
      { class: 'drop' },
      el('p', { class: 'lead' }, `${words('working')} …`),
      el('div', { class: 'track' }, bar),
      share,
    ),
  )
  const onProgress = (done: number): void => {
    bar.style.width = `${Math.round(done * 100)}%`
    share.textContent = `${Math.round(done * 100)} %`
  }
  const files = await filesOf(given)
  const verdict = files === null ? unreadable() : await verifyPackage(files, { onProgress })
  shown = { verdict, seconds: (performance.now() - started) / 1000 }
  busy = false
  render()
}

async function filesOf(given: readonly File[] | readonly Named[]): Promise<PackageFiles | null> {
  const [first] = given
  if (first instanceof File)
    return openZip({ size: first.size, read: (from, to) => bytesOf(first, from, to) })
  return openFolder(given as readonly Named[])
}

async function bytesOf(file: Blob, from: number, to: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(from, to).arrayBuffer())
}

const CHUNK = 1 << 20

/** The files of a folder, named from where manifest.json lies. */
function openFolder(given: readonly Named[]): PackageFiles | null {
  const manifest = given.find(([path]) => /(^|\/)manifest\.json$/.test(path))
  if (!manifest) return null
  const root = manifest[0].slice(0, -'manifest.json'.length)
  const inside = new Map(
    given.filter(([path]) => path.startsWith(root)).map(([path, file]) => [path.slice(root.length), file]),
  )
  return {
    names: [...inside.keys()],
    async *open(name) {
      const file = inside.get(name)
      if (!file) throw new Error(`no file ${name}`)
      for (let at = 0; at < file.size; at += CHUNK)
        yield await bytesOf(file, at, Math.min(at + CHUNK, file.size))
    },
    container: null,
  }
}

const grouped = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(' ')

function result(verdict: Verdict, seconds: number): HTMLElement[] {
  const { ok, facts } = verdict
  const more = ok && facts ? words('goodMore', { n: facts.messages }) : ''
  const took = words('took', { s: seconds.toFixed(1) })
  const head = el(
    'section',
    { class: ok ? 'verdict good' : 'verdict bad', id: 'verdict', 'data-ok': String(ok), role: 'status' },
    el('span', { class: 'disc', 'aria-hidden': 'true' }, ok ? '✓' : '✗'),
    el(
      'div',
      {},
      el('h2', { class: ok ? 'is-good' : 'is-bad' }, words(ok ? 'good' : 'bad')),
      el('p', {}, [more, took].filter(Boolean).join(' · ')),
    ),
    button(words('another'), () => {
      shown = null
      render()
    }),
  )
  const parts = [head]
  if (verdict.first)
    parts.push(
      el(
        'section',
        { class: 'first', id: 'first' },
        el('h3', {}, words('first')),
        el('p', {}, differenceWords(verdict.first, tongue)),
      ),
    )
  parts.push(tallies(verdict))
  if (verdict.key) parts.push(keyCard(verdict.key.fingerprint))
  if (facts) parts.push(factCard(verdict))
  if (verdict.differences.length > 1) parts.push(differences(verdict))
  parts.push(el('section', {}, el('h3', {}, words('unchecked')), list(UNCHECKED.map(said => said[tongue]))))
  return parts
}

function list(items: string[]): HTMLElement {
  return el('ul', {}, ...items.map(item => el('li', {}, item)))
}

function tallies(verdict: Verdict): HTMLElement {
  const rows = verdict.tallies.map(tally =>
    el(
      'li',
      { class: tally.wrong === 0 ? 'good' : 'bad' },
      el(
        'span',
        { class: tally.wrong === 0 ? 'is-good' : 'is-bad', 'aria-hidden': 'true' },
        tally.wrong === 0 ? '✓' : '✗',
      ),
      el('span', { class: 'name' }, tallyWords(tally, tongue)),
      el('span', { class: 'count' }, words('items', { n: tally.done.toLocaleString('en-US') })),
      tally.wrong > 0 ? el('strong', { class: 'is-bad' }, words('wrong', { n: tally.wrong })) : null,
    ),
  )
  return el('section', {}, el('h3', {}, words('checked')), el('ul', { class: 'tallies' }, ...rows))
}

function keyCard(fingerprint: string): HTMLElement {
  const answer = el('strong', { role: 'status' })
  const input = el('input', { type: 'text', 'aria-label': words('compare'), placeholder: words('compare') })
  input.addEventListener('input', () => {
    const typed = (input as HTMLInputElement).value.replaceAll(/[\s:-]/g, '').toLowerCase()
    const equal = typed === fingerprint
    answer.textContent = typed === '' ? '' : equal ? `✓ ${words('equal')}` : `✗ ${words('unequal')}`
    answer.className = equal ? 'is-good' : 'is-bad'
  })
  return el(
    'section',
    {},
    el('h3', {}, words('key')),
    el('p', { class: 'code', id: 'fingerprint' }, grouped(fingerprint)),
    el('p', { class: 'faint' }, words('keyWhy')),
    el('p', { class: 'compare' }, input, answer),
  )
}

function factCard(verdict: Verdict): HTMLElement {
  const { facts } = verdict
  const rows: [string, string][] = facts
    ? [
        [words('number'), facts.number],
        [words('institution'), facts.institution],
        [words('case'), facts.caseNumber],
        [words('requested'), facts.requestedBy],
        [words('approved'), facts.approvedBy],
        [words('built'), timeOf(facts.builtAt)],
        [words('messages'), facts.messages.toLocaleString('en-US')],
      ]
    : []
  if (verdict.withheld > 0) rows.push([words('withheld'), String(verdict.withheld)])
  for (const stamp of verdict.stamps)
    rows.push([
      words('stamp'),
      `${stamp.at} · ${words('stampCovers')} ${stamp.size?.toLocaleString('en-US') ?? ''}`,
    ])
  return el(
    'section',
    {},
    el('h3', {}, words('package')),
    verdict.ok ? null : el('p', { class: 'faint' }, words('claimed')),
    el('dl', {}, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
  )
}

function timeOf(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '—' : date.toLocaleString(tongue === 'zh' ? 'zh-CN' : 'en-GB')
}

function differences(verdict: Verdict): HTMLElement {
  return el(
    'details',
    {},
    el('summary', {}, words('others')),
    list(verdict.differences.map(difference => differenceWords(difference, tongue))),
  )
}

/** Whatever was dropped: one zip, or folders walked through. */
async function dropped(transfer: DataTransfer): Promise<void> {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry())
  const folders = entries.filter(entry => entry?.isDirectory)
  if (folders.length === 0) return check([...transfer.files].slice(0, 1))
  const files: Named[] = []
  for (const folder of folders) await walk(folder as FileSystemDirectoryEntry, '', files)
  await check(files)
}

async function walk(folder: FileSystemDirectoryEntry, path: string, files: Named[]): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    // A reader gives a hundred at a time, and none when there are no more.
    const batch = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed))
    if (batch.length === 0) return
    for (const entry of batch) {
      const name = `${path}${entry.name}`
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${name}/`, files)
      else
        files.push([
          name,
          await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed)),
        ])
    }
  }
}

document.addEventListener('dragover', event => event.preventDefault())
document.addEventListener('drop', event => {
  event.preventDefault()
  if (event.dataTransfer) void dropped(event.dataTransfer)
})
render()
