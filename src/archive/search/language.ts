import { fail } from '../../base/index.ts'
import { SEARCH_FIELDS, type SearchField } from '../contract.ts'

/** A piece of what was typed, with its place: UTF-16 offset and length in the query. */
export type Piece = { text: string; at: number; length: number }
export type FieldTerm = { field: SearchField; values: Piece[]; not: boolean; at: number; length: number }
/** `all`: of each clause at least one word must occur. `none`: words that must not. */
export type Asked = { all: Piece[][]; none: Piece[]; fields: FieldTerm[] }

const QUOTES: Record<string, string> = { '"': '"', '“': '”', '”': '”', '＂': '＂', '「': '」' }
const SPACE = /[\s\u3000]/u
const OR = new Set(['OR', '或', '|', '｜'])
const MINUS = new Set(['-', '－', '−'])
const COLON = /[:：]/
const COMMA = new Set([',', '，', '、'])
const NAMES = new Map<string, SearchField>(
  (Object.entries(SEARCH_FIELDS) as [SearchField, readonly string[]][]).flatMap(([field, names]) =>
    names.map(name => [name, field] as const),
  ),
)
/** More than this is no question of a person, and each word costs index work. */
const MOST_WORDS = 20

/** What is wrong with a query, where, and what to write instead. The words are for the person who typed it. */
export function misread(query: { at: number; length: number }, hint: string): Error {
  return fail('query.invalid', {
    at: query.at,
    length: query.length,
    hint: `第 ${query.at + 1} 个字起：${hint}`,
  })
}

/**
 * Read a query: words apart by spaces must all occur; `"…"` is a phrase; `-` excludes; `或` (`OR`, `|`) between two
 * words wants either; `类型:图片,语音` is a field. Throws `query.invalid` with the place and a hint in Chinese.
 */
export function parseQuery(text: string): Asked {
  const reader = new Reader(text)
  const asked: Asked = { all: [], none: [], fields: [] }
  let joined: Piece | null = null
  let last: 'word' | 'other' | 'start' = 'start'
  for (let term = reader.next(); term !== null; term = reader.next()) {
    if (term.kind === 'or') {
      if (last !== 'word' || joined) throw misread(term, '「或」的左边要有一个词')
      joined = term
      continue
    }
    if (joined && (term.kind === 'field' || term.not))
      throw misread(term, '「或」的右边要是一个词，不能是字段或排除')
    if (term.kind === 'field') asked.fields.push(term.term)
    else if (term.not) asked.none.push(term.piece)
    else if (joined) asked.all.at(-1)?.push(term.piece)
    else asked.all.push([term.piece])
    last = term.kind === 'word' && !term.not ? 'word' : 'other'
    joined = null
  }
  if (joined) throw misread(joined, '「或」的右边还缺一个词')
  const words = asked.all.flat().length + asked.none.length
  if (words > MOST_WORDS)
    throw misread({ at: 0, length: text.length }, `最多 ${MOST_WORDS} 个词，这里有 ${words} 个`)
  return asked
}

type Term =
  | { kind: 'or'; text: string; at: number; length: number }
  | { kind: 'word'; piece: Piece; not: boolean; at: number; length: number }
  | { kind: 'field'; term: FieldTerm; not: boolean; at: number; length: number }

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): Term | null {
    this.#spaces()
    const start = this.#at
    if (start >= this.#text.length) return null
    const not = MINUS.has(this.#char()) && !this.#endsAt(start + 1)
    if (not) this.#at += 1
    const field = this.#field(start, not)
    if (field) return { kind: 'field', term: field, not, at: start, length: this.#at - start }
    const piece = this.#piece(() => false)
    const whole = { at: start, length: this.#at - start }
    if (!not && piece.length === piece.text.length && OR.has(piece.text))
      return { kind: 'or', text: piece.text, ...whole }
    if (piece.text.trim() === '') throw misread(whole, '引号里没有字')
    return { kind: 'word', piece, not, ...whole }
  }

  #field(start: number, not: boolean): FieldTerm | null {
    const name = /^[\p{L}]{1,12}(?=[:：])/u.exec(this.#text.slice(this.#at, this.#at + 13))?.[0]
    const field = name === undefined ? undefined : NAMES.get(name.toLowerCase())
    if (name === undefined || field === undefined) return null
    this.#at += name.length
    if (COLON.test(this.#char())) this.#at += 1
    const values: Piece[] = []
    do {
      if (this.#endsAt(this.#at))
        throw misread(
          { at: start, length: this.#at - start },
          `「${name}」后面没有写值；要查这几个字本身，请加引号`,
        )
      const value = this.#piece(char => COMMA.has(char))
      if (value.text.trim() !== '') values.push(value)
    } while (this.#skipComma())
    if (values.length === 0) throw misread({ at: start, length: this.#at - start }, `「${name}」后面没有写值`)
    return { field, values, not, at: start, length: this.#at - start }
  }

  #skipComma(): boolean {
    if (!COMMA.has(this.#char())) return false
    this.#at += 1
    return !this.#endsAt(this.#at)
  }

  /** A quoted phrase, or everything up to a space or what `stops`. */
  #piece(stops: (char: string) => boolean): Piece {
    const start = this.#at
    const close = QUOTES[this.#char()]
    if (close !== undefined) return this.#phrase(start, close)
    while (!this.#endsAt(this.#at) && !stops(this.#char())) this.#at += 1
    return { text: this.#text.slice(start, this.#at), at: start, length: this.#at - start }
  }

  #phrase(start: number, close: string): Piece {
    const end = this.#text.slice(start + 1).search(close === '”' ? /[”"]/ : close)
    if (end === -1)
      throw misread({ at: start, length: this.#text.length - start }, '引号没有配对，请补上后一个引号')
    this.#at = start + end + 2
    return { text: this.#text.slice(start + 1, start + 1 + end), at: start, length: this.#at - start }
  }

  #spaces(): void {
    while (this.#at < this.#text.length && SPACE.test(this.#char())) this.#at += 1
  }

  #char(): string {
    return this.#text.charAt(this.#at)
  }

  #endsAt(at: number): boolean {
    return at >= this.#text.length || SPACE.test(this.#text.charAt(at))
  }
}
