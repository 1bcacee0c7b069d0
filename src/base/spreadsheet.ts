import { zipSync } from 'fflate'

export type Cell = string | number | null
export type Sheet = {
  name: string
  rows: readonly (readonly Cell[])[]
  widths?: readonly number[]
  /** Long text: cells wrap and begin at the top. */
  wrap?: boolean
}

/** What people wrote comes from outside: a cell that begins like a formula must not become one (CWE-1236). */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

/** Comma separated, with the mark by which Excel knows UTF-8. */
export function toCsv(rows: readonly (readonly Cell[])[]): Buffer {
  const cell = (value: Cell): string => {
    if (typeof value !== 'string') return value === null ? '' : String(value)
    const safe = harmless(value)
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return Buffer.from(`\uFEFF${rows.map(row => `${row.map(cell).join(',')}\r\n`).join('')}`)
}

const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
/** The first moment a zip can tell: the same rows give the same bytes. */
const EPOCH = new Date(1980, 0, 1)

/**
 * A workbook (ECMA-376) of plain sheets; the first row of each is its head. Text is written in place and never as a
 * formula, and guarded all the same, because people save workbooks as CSV.
 */
export function toXlsx(sheets: readonly Sheet[]): Buffer {
  const files: Record<string, string> = {
    '[Content_Types].xml': contentTypes(sheets.length),
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbook(sheets),
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map((_, i): [string, string] => ['worksheet', `worksheets/sheet${i + 1}.xml`]),
      ['styles', 'styles.xml'],
    ]),
    'xl/styles.xml': STYLES(sheets.some(sheet => sheet.wrap)),
  }
  for (const [i, sheet] of sheets.entries()) files[`xl/worksheets/sheet${i + 1}.xml`] = worksheet(sheet)
  const bytes = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, Buffer.from(`${HEAD}${text}`)]),
  )
  return Buffer.from(zipSync(bytes, { mtime: EPOCH }))
}

function contentTypes(count: number): string {
  const part = (name: string, type: string): string =>
    `<Override PartName="${name}" ContentType="${TYPES}.${type}+xml"/>`
  const sheets = Array.from({ length: count }, (_, i) =>
    part(`/xl/worksheets/sheet${i + 1}.xml`, 'worksheet'),
  )
  return `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('/xl/workbook.xml', 'sheet.main')}${part('/xl/styles.xml', 'styles')}${sheets.join('')}</Types>`
}

function relations(targets: [type: string, target: string][]): string {
  const each = targets.map(
    ([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  )
  return `<Relationships xmlns="${PACKAGE}/relationships">${each.join('')}</Relationships>`
}

function workbook(sheets: readonly Sheet[]): string {
  const each = sheets.map(
    (sheet, i) => `<sheet name="${escaped(sheetName(sheet.name))}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  )
  return `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${each.join('')}</sheets></workbook>`
}

/** At most 31 characters and none of those Excel keeps for itself. */
const sheetName = (name: string): string => name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31)

/** Style 1 is the head: bold; a wrapping workbook has its wrap in style 0. */
const STYLES = (wrap: boolean): string =>
  `<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">${wrap ? '<xf xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>' : '<xf xfId="0"/>'}<xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>`

const DEFAULT_WIDTH = 14

function worksheet({ rows, widths = [], wrap = false }: Sheet): string {
  const columns = Math.max(0, ...rows.map(row => row.length))
  const cols = Array.from(
    { length: columns },
    (_, i) => `<col min="${i + 1}" max="${i + 1}" width="${widths[i] ?? DEFAULT_WIDTH}" customWidth="1"/>`,
  )
  const body = rows.map((row, y) => {
    const cells = row.map((value, x) => cellXml(value, `${columnName(x)}${y + 1}`, styleOf(y === 0, wrap)))
    return `<row r="${y + 1}">${cells.join('')}</row>`
  })
  const frozen =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
  return `<worksheet xmlns="${MAIN}">${frozen}${cols.length > 0 ? `<cols>${cols.join('')}</cols>` : ''}<sheetData>${body.join('')}</sheetData></worksheet>`
}

function styleOf(head: boolean, wrap: boolean): string {
  return head ? ' s="1"' : wrap ? ' s="0"' : ''
}

function cellXml(value: Cell, place: string, style: string): string {
  if (value === null || value === '') return ''
  if (typeof value === 'number') return `<c r="${place}"${style}><v>${value}</v></c>`
  return `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(harmless(value))}</t></is></c>`
}

function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter
}

/** No cell holds more (ECMA-376, and every program that reads it). */
const LONGEST = 32_000

/** Characters that XML 1.0 cannot hold are left out; half a character becomes the mark for one. */
function escaped(text: string): string {
  return text
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
