import { zhCN } from './zh-CN/index.ts'

export type Key = keyof typeof zhCN
export type Words = Record<Key, string>
export type Language = 'zh-CN' | 'en'

const STORED = 'tongjian.language'
let spoken: Language = 'zh-CN'
let words: Words = zhCN

export const language = (): Language => spoken

/** Simplified Chinese unless the reader chose English; English is fetched only then. */
export async function loadWords(): Promise<Language> {
  if (localStorage.getItem(STORED) === 'en') {
    words = (await import('./en/index.ts')).en
    spoken = 'en'
  }
  document.documentElement.lang = spoken
  return spoken
}

export function chooseLanguage(next: Language): void {
  localStorage.setItem(STORED, next)
  location.reload()
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export function t(key: Key, values?: Record<string, string | number>): string {
  return values ? fill(words[key], values) : words[key]
}

/** For keys made of what the server says (error codes, verbs): null when we have no words for it. */
export function maybe(key: string): string | null {
  return key in words ? words[key as Key] : null
}

const number = new Intl.NumberFormat('en-US')
/** Thousands separated. */
export const figure = (value: number): string => number.format(value)
