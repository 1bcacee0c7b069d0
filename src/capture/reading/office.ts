import { unzipSync } from 'fflate'
import { type ReadText, Refused } from './protocol.ts'

/** Numbers a real document stays below by far; a bomb of 42 KB says it holds gigabytes. */
const MOST_ENTRIES = 5000
const MOST_OF_ENTRY = 32 << 20
const MOST_INFLATED = 96 << 20
const WORDS =
  /^(word\/(document|header\d*|footer\d*|footnotes|endnotes|comments)|ppt\/(slides\/slide|notesSlides\/notesSlide)\d+|xl\/(sharedStrings|workbook|worksheets\/sheet\d+|comments\d*))\.xml$/
const PICTURES = /^(word|ppt|xl)\/media\/[^/]+\.(png|jpe?g|webp)$/i

export type Office = { texts: ReadText[]; pictures: Buffer[] }

/** The words of docx, xlsx and pptx, and the pictures inside for the picture reader. */
export function readOffice(bytes: Uint8Array): Office {
  const files = inflate(bytes)
  const names = Object.keys(files).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  if (!names.some(name => WORDS.test(name))) throw new Refused('unsupported')
  const text = (name: string): string => Buffer.from(files[name] ?? []).toString('utf8')
  const shared = files['xl/sharedStrings.xml'] ? sharedStrings(text('xl/sharedStrings.xml')) : []
  const texts: ReadText[] = []
  const put = (said: string): void => {
    const place = texts.length === 0 ? '' : String(texts.length + 1)
    if (said.trim() !== '') texts.push({ source: 'document', place, text: said })
  }
  for (const name of names.filter(one => WORDS.test(one))) {
    if (name.startsWith('xl/worksheets/')) put(sheetText(text(name), shared))
    else if (name.startsWith('xl/workbook')) put(sheetNames(text(name)))
    else if (name !== 'xl/sharedStrings.xml') put(runsText(text(name)))
  }
  const pictures = names.filter(name => PICTURES.test(name)).map(name => Buffer.from(files[name] ?? []))
  return { texts, pictures }
}

/** What an entry says of its size is what is set aside for it: a liar's entry ends there. */
function inflate(bytes: Uint8Array): Record<string, Uint8Array> {
  let entries = 0
  let total = 0
  return unzipSync(bytes, {
    filter(file) {
      entries += 1
      if (entries > MOST_ENTRIES) throw new Refused('too_much_inside')
      if (!WORDS.test(file.name) && !PICTURES.test(file.name)) return false
      total += file.originalSize
      if (file.originalSize > MOST_OF_ENTRY || total > MOST_INFLATED) throw new Refused('too_much_inside')
      return true
    },
  })
}

type Piece = { tag: string | null; close: boolean; attributes: string; text: string }

/** Tags and texts in order, by local name; one walk, whatever the markup. No entity beyond the five is resolved. */
function* pieces(xml: string): Generator<Piece> {
  let at = 0
  while (at < xml.length) {
    const open = xml.indexOf('<', at)
    const stop = open === -1 ? xml.length : open
    if (stop > at) yield { tag: null, close: false, attributes: '', text: plainOf(xml.slice(at, stop)) }
    if (open === -1) return
    const end = xml.indexOf('>', open)
    if (end === -1) return
    const inside = xml.slice(open + 1, end)
    at = end + 1
    const close = inside.startsWith('/')
    const name = /^\/?(?:[\w.-]+:)?([\w.-]+)/.exec(inside)?.[1]
    if (name) yield { tag: name, close, attributes: inside, text: '' }
    if (name && !close && inside.endsWith('/')) yield { tag: name, close: true, attributes: '', text: '' }
  }
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function plainOf(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|lt|gt|amp|quot|apos);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** Word and PowerPoint: runs `t` in paragraphs `p`. What was deleted under tracking is in the file, and is read. */
function runsText(xml: string): string {
  const out: string[] = []
  let inRun = false
  for (const { tag, close, text } of pieces(xml)) {
    if (tag === 't' || tag === 'delText' || tag === 'text') inRun = !close
    else if (tag === null && inRun) out.push(text)
    else if ((tag === 'p' && close) || (tag === 'br' && !close)) out.push('\n')
    else if (tag === 'tab' && !close) out.push('\t')
  }
  return tidy(out)
}

function tidy(out: string[]): string {
  return out
    .join('')
    .replace(/\n{2,}/g, '\n')
    .trim()
}

function sharedStrings(xml: string): string[] {
  const found: string[] = []
  let now = ''
  let inText = false
  for (const { tag, close, text } of pieces(xml)) {
    if (tag === 'si' && !close) now = ''
    else if (tag === 'si') found.push(now)
    else if (tag === 't') inText = !close
    else if (tag === null && inText) now += text
  }
  return found
}

function sheetNames(xml: string): string {
  return [...pieces(xml)]
    .filter(piece => piece.tag === 'sheet' && !piece.close)
    .map(piece => plainOf(/\bname="([^"]*)"/.exec(piece.attributes)?.[1] ?? ''))
    .join('\n')
}

function sheetText(xml: string, shared: string[]): string {
  const out: string[] = []
  let isShared = false
  let inValue = false
  for (const { tag, close, attributes, text } of pieces(xml)) {
    if (tag === 'c' && !close) isShared = /\bt="s"/.test(attributes)
    else if (tag === 'c') out.push('\t')
    else if (tag === 'row' && close) out.push('\n')
    else if (tag === 'v' || tag === 't') inValue = !close
    else if (tag === null && inValue) out.push(isShared ? (shared[Number(text)] ?? '') : text)
  }
  return tidy(out)
}
