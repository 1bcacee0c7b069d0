import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import PDFDocument from 'pdfkit'

/** Noto Sans Hans (OFL 1.1), 30,888 glyphs; only those that are used go into the document. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts')
const REGULAR = join(FONTS, 'NotoSansHans-Regular.otf')
const BOLD = join(FONTS, 'NotoSansHans-Bold.otf')

/** A4 in points, with margins that a binder leaves free. */
const WIDTH = 595.28
const HEIGHT = 841.89
const MARGIN = { top: 56, bottom: 56, left: 62, right: 48 }
const INK = '#1D2733'
const FAINT = '#5A6673'
const LINE = '#E3E6EA'
const LINE_HEIGHT = 1.55

export type Style = { size?: number; bold?: boolean; colour?: string; indent?: number; after?: number }
/** A piece of a line: marked pieces stand on a tinted ground with a line under them. */
export type Run = { text: string; mark?: boolean }
type Glyph = { text: string; width: number; mark: boolean }
type EmbeddedFont = { hasGlyphForCodePoint(code: number): boolean }

/**
 * Pages of Chinese text that grow downwards. Lines are broken here by widths that are looked up once a character: the
 * library's own breaking took 30 times as long. What the font has no glyph for is printed as its code point, 〔U+1F600〕,
 * so that nothing is silently missing.
 */
export class Sheet {
  readonly pdf: PDFKit.PDFDocument
  readonly #watermark: string
  readonly #footer: string
  readonly #widths = new Map<string, number>()
  readonly #drawn = new Map<string, string>()
  #page = 0
  #y = 0

  constructor(info: { title: string; author: string; watermark: string; footer: string; at: number }) {
    this.pdf = new PDFDocument({
      size: 'A4',
      margin: 0,
      autoFirstPage: false,
      info: { Title: info.title, Author: info.author, CreationDate: new Date(info.at) },
    })
    this.pdf.registerFont('regular', REGULAR)
    this.pdf.registerFont('bold', BOLD)
    this.#watermark = info.watermark
    this.#footer = info.footer
  }

  get width(): number {
    return WIDTH - MARGIN.left - MARGIN.right
  }

  newPage(): void {
    this.pdf.addPage()
    this.#page += 1
    this.#y = MARGIN.top
    this.#stamp()
  }

  /** Begin a new page unless this much fits. */
  need(points: number): void {
    if (this.#page === 0 || this.#y + points > HEIGHT - MARGIN.bottom) this.newPage()
  }

  gap(points: number): void {
    this.#y += points
  }

  rule(): void {
    this.need(10)
    this.pdf
      .moveTo(MARGIN.left, this.#y + 3)
      .lineTo(WIDTH - MARGIN.right, this.#y + 3)
      .lineWidth(0.5)
      .stroke(LINE)
    this.#y += 8
  }

  text(text: string, style: Style = {}): void {
    this.runs([{ text }], style)
  }

  runs(runs: readonly Run[], style: Style = {}): void {
    const { size = 9.5, bold = false, indent = 0 } = style
    const font = bold ? 'bold' : 'regular'
    const lines = broken(this.#glyphs(runs, font), size, this.width - indent)
    for (const line of lines)
      this.#line(line, { size, font, x: MARGIN.left + indent, colour: style.colour ?? INK })
    this.#y += style.after ?? 2
  }

  /** A name and what stands beside it, the two columns of a table of facts. */
  fact(name: string, value: string, column = 92): void {
    this.need(16)
    const top = this.#y
    const page = this.#page
    this.text(name, { colour: FAINT, after: 0 })
    if (page === this.#page) this.#y = top
    this.text(value, { indent: column, after: 4 })
  }

  heading(text: string): void {
    this.need(60)
    this.gap(10)
    this.text(text, { size: 13, bold: true, after: 4 })
    this.rule()
  }

  /** An empty box for a seal or a signature. */
  box(label: string, height: number): void {
    this.need(height + 10)
    this.pdf.rect(MARGIN.left, this.#y, this.width, height).lineWidth(0.7).stroke(FAINT)
    this.#draw(label, MARGIN.left + 10, this.#y + 8, { size: 9.5, font: 'regular', colour: FAINT })
    this.#y += height + 10
  }

  #line(line: Glyph[], at: { size: number; font: string; x: number; colour: string }): void {
    const height = at.size * LINE_HEIGHT
    this.need(height)
    let x = at.x
    for (const run of grouped(line)) {
      const width = run.width * at.size
      if (run.mark) {
        this.pdf.rect(x, this.#y, width, at.size * 1.3).fill('#FCE9D9')
        this.pdf.rect(x, this.#y + at.size * 1.28, width, 1).fill('#C9731A')
      }
      this.#draw(run.text, x, this.#y, at)
      x += width
    }
    this.#y += height
  }

  #draw(text: string, x: number, y: number, at: { size: number; font: string; colour: string }): void {
    this.pdf
      .font(at.font)
      .fontSize(at.size)
      .fillColor(at.colour)
      // No kerning and no ligatures: 20 times as fast, and Chinese has neither.
      .text(text, x, y, { lineBreak: false, features: [] })
  }

  #stamp(): void {
    const { pdf } = this
    pdf.save().rotate(-28, { origin: [WIDTH / 2, HEIGHT / 2] })
    for (const y of [150, 420, 690])
      for (const x of [20, 330])
        this.#draw(this.#watermark, x, y, { size: 10, font: 'regular', colour: '#E9ECEF' })
    pdf.restore()
    const y = HEIGHT - MARGIN.bottom + 18
    const style = { size: 8, font: 'regular', colour: FAINT }
    this.#draw(this.#footer, MARGIN.left, y, style)
    const number = `第 ${this.#page} 页`
    const width = [...number].reduce((sum, char) => sum + this.#width(char, 'regular'), 0) * style.size
    this.#draw(number, WIDTH - MARGIN.right - width, y, style)
  }

  #glyphs(runs: readonly Run[], font: string): Glyph[] {
    return runs.flatMap(run =>
      [...run.text].map(char => {
        const text = this.#printable(char)
        const width = [...text].reduce((sum, one) => sum + this.#width(one, font), 0)
        return { text, width, mark: run.mark === true }
      }),
    )
  }

  /** The character, or its code point where the font has no glyph. Line ends and tabs stay what they are. */
  #printable(char: string): string {
    const known = this.#drawn.get(char)
    if (known !== undefined) return known
    const code = char.codePointAt(0) ?? 0
    const plain = char === '\n' || char === '\t' || (code >= 0x20 && code !== 0x7f && this.#has(code))
    const text = plain
      ? char === '\t'
        ? '    '
        : char
      : `〔U+${code.toString(16).toUpperCase().padStart(4, '0')}〕`
    this.#drawn.set(char, text)
    return text
  }

  #has(code: number): boolean {
    this.pdf.font('regular')
    // pdfkit keeps the opened font behind the name; its types do not say so.
    const { _font: current } = this.pdf as unknown as { _font: { font: EmbeddedFont } }
    return current.font.hasGlyphForCodePoint(code)
  }

  /** Of a font of size 1. */
  #width(char: string, font: string): number {
    const name = `${font}${char}`
    const known = this.#widths.get(name)
    if (known !== undefined) return known
    const width =
      char === '\n' ? 0 : this.pdf.font(font).fontSize(100).widthOfString(char, { features: [] }) / 100
    this.#widths.set(name, width)
    return width
  }
}

/** Signs that do not begin a line (GB/T 15834 §5.1.10). */
const NEVER_FIRST = new Set('，。、；：？！）》」』】〉”’…—·,.;:?!)]}%')

/** Break into lines: at line ends, at the width, and never before a closing sign; Latin words stay whole where they can. */
function broken(glyphs: Glyph[], size: number, width: number): Glyph[][] {
  const lines: Glyph[][] = []
  let line: Glyph[] = []
  let used = 0
  const end = (): void => {
    lines.push(line)
    line = []
    used = 0
  }
  for (const glyph of glyphs) {
    if (glyph.text === '\n') {
      end()
      continue
    }
    const wide = glyph.width * size
    if (used + wide > width && line.length > 0) {
      const rest = carried(line, glyph)
      const kept = line.slice(0, line.length - rest.length)
      line = kept
      end()
      line = [...rest]
      used = rest.reduce((sum, one) => sum + one.width * size, 0)
    }
    line.push(glyph)
    used += wide
  }
  if (line.length > 0 || lines.length === 0) end()
  return lines
}

/** How far a word is carried over to the next line rather than cut. */
const LONGEST_WORD = 24

/** What of a full line goes to the next one together with the sign that no longer fits. */
function carried(line: Glyph[], next: Glyph): Glyph[] {
  let from = line.length
  const word = (glyph: Glyph | undefined): boolean => glyph !== undefined && /^[A-Za-z0-9]$/.test(glyph.text)
  if (word(next)) while (from > 0 && word(line[from - 1])) from -= 1
  else if (NEVER_FIRST.has(next.text)) from -= 1
  const tooMuch = from <= 0 || line.length - from > LONGEST_WORD
  return tooMuch ? [] : line.slice(from)
}

/** Neighbours of one kind drawn in one go. */
function grouped(line: Glyph[]): Glyph[] {
  const out: Glyph[] = []
  for (const glyph of line) {
    const last = out.at(-1)
    if (last && last.mark === glyph.mark) {
      last.text += glyph.text
      last.width += glyph.width
    } else out.push({ ...glyph })
  }
  return out
}

/** The bytes of a document while it is drawn: `draw` pauses after each page or so, and what is ready goes out. */
export async function* streamed(sheet: Sheet, draw: AsyncIterable<void>): AsyncGenerator<Uint8Array> {
  const { pdf } = sheet
  const ready = function* (): Generator<Uint8Array> {
    for (let chunk = pdf.read(); chunk !== null; chunk = pdf.read()) yield chunk as Uint8Array
  }
  for await (const _ of draw) {
    // Pages are compressed beside us and come a turn later.
    await new Promise(resolve => setImmediate(resolve))
    yield* ready()
  }
  pdf.end()
  for await (const chunk of pdf) yield chunk as Uint8Array
}
