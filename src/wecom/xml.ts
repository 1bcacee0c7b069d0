/** One element: either words or further elements, never both. */
export type XmlNode = { name: string; text: string; children: XmlNode[] }

/** `SelectedItems>SelectedItem>OptionIds>OptionId` is the deepest WeCom sends (path/90240): five with the root. */
const DEEPEST = 8
/** A tag callback names up to 1,000 people in comma lists; a group's member list has at most 500 items (path/92130). */
const MOST_ELEMENTS = 10_000
const NAME = /[A-Za-z_][A-Za-z0-9_.-]{0,63}/y
const DECLARATION = /^<\?xml[^<>?]{0,200}\?>/
/** What XML 1.0 §2.2 allows in no document at all. PostgreSQL would choke on the first of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * Read the XML that WeCom sends (wecom-api.md §2): elements, text, CDATA, the five predefined entities and character
 * references. Anything else (attributes, DOCTYPE, comments, processing instructions, mixed content, an end tag of
 * another name) gives null. A general parser would be no help at a public entrance: it guesses where a document is
 * wrong, and knows entities that grow.
 */
export function readXml(source: string): XmlNode | null {
  if (FORBIDDEN.test(source) || !source.isWellFormed()) return null
  return new Reader(source).document()
}

class Reader {
  readonly #source: string
  #at = 0
  #elements = 0
  readonly #open: XmlNode[] = []
  #root: XmlNode | null = null

  constructor(source: string) {
    this.#source = source
  }

  document(): XmlNode | null {
    this.#at = DECLARATION.exec(this.#source)?.[0].length ?? 0
    while (this.#at < this.#source.length) if (!this.#step()) return null
    return this.#open.length === 0 ? this.#root : null
  }

  #step(): boolean {
    if (this.#source.charCodeAt(this.#at) !== LESS) return this.#words()
    if (this.#source.startsWith('<![CDATA[', this.#at)) return this.#cdata()
    return this.#source.startsWith('</', this.#at) ? this.#end() : this.#start()
  }

  #words(): boolean {
    const next = this.#source.indexOf('<', this.#at)
    const end = next < 0 ? this.#source.length : next
    const raw = this.#source.slice(this.#at, end)
    this.#at = end
    if (raw.trim() === '') return this.#add(raw, true)
    const text = decoded(raw)
    return text !== null && this.#add(text, false)
  }

  #cdata(): boolean {
    const from = this.#at + '<![CDATA['.length
    const end = this.#source.indexOf(']]>', from)
    if (end < 0) return false
    this.#at = end + ']]>'.length
    return this.#add(this.#source.slice(from, end), false)
  }

  /** Blank text between elements is layout; words there, or outside the root, are not WeCom's. */
  #add(text: string, blank: boolean): boolean {
    const top = this.#open.at(-1)
    if (!top) return blank
    if (top.children.length > 0) return blank
    top.text += text
    return true
  }

  #start(): boolean {
    const name = this.#name(this.#at + 1)
    if (name === null) return false
    const empty = this.#source.charCodeAt(this.#at) === SLASH
    if (empty) this.#at += 1
    if (this.#source.charCodeAt(this.#at) !== MORE) return false
    this.#at += 1
    const node: XmlNode = { name, text: '', children: [] }
    if (!this.#place(node)) return false
    if (!empty) this.#open.push(node)
    return true
  }

  #place(node: XmlNode): boolean {
    this.#elements += 1
    if (this.#open.length >= DEEPEST || this.#elements > MOST_ELEMENTS) return false
    const parent = this.#open.at(-1)
    if (!parent) {
      if (this.#root) return false
      this.#root = node
      return true
    }
    if (parent.children.length === 0) {
      if (parent.text.trim() !== '') return false
      parent.text = ''
    }
    parent.children.push(node)
    return true
  }

  #end(): boolean {
    const name = this.#name(this.#at + 2)
    if (name === null || this.#source.charCodeAt(this.#at) !== MORE) return false
    this.#at += 1
    return this.#open.pop()?.name === name
  }

  /** The name at this place, and the blanks behind it passed over. */
  #name(from: number): string | null {
    NAME.lastIndex = from
    const name = NAME.exec(this.#source)?.[0]
    if (name === undefined) return null
    this.#at = from + name.length
    while (BLANK.has(this.#source.charCodeAt(this.#at))) this.#at += 1
    return name
  }
}

const LESS = 0x3c
const MORE = 0x3e
const SLASH = 0x2f
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d])

function decoded(raw: string): string | null {
  if (!raw.includes('&')) return raw
  let sound = true
  const text = raw.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));|&/g, (_, dec, hex, name) => {
    const found = name ? ENTITIES[name] : character(dec ? Number(dec) : hex ? Number.parseInt(hex, 16) : 0)
    if (found === undefined) sound = false
    return found ?? ''
  })
  return sound ? text : null
}

function character(code: number): string | undefined {
  if (code > 0x10_ffff) return undefined
  const text = String.fromCodePoint(code)
  return FORBIDDEN.test(text) || !text.isWellFormed() ? undefined : text
}
