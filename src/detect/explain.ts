import { FACTS, type Fact, type Hit, type Listener, QUOTED, STEPS } from './contract.ts'

type Words = Pick<Hit, 'matched' | 'path'> & { reads?: string | undefined; sound?: string | undefined }
type Stood = Pick<Hit, 'audience' | 'part' | 'verdict'> & {
  /** Absent: the hit is older than the keeping of grounds, and nothing is claimed. */
  grounds?: readonly string[] | undefined
  /** Who heard it: the customer, unless somebody knows better; null when nobody knows. */
  listener?: Listener | null | undefined
}
type Told = Words & Stood & { categoryName?: string | undefined }

/** What is said at once; the rest of the grounds stand in the small print. */
const SMALL: ReadonlySet<Fact> = new Set(['not-quoted', 'not-asked', 'not-warned', 'not-excepted'])

const WHO: Record<Listener, Fact> = {
  customer: 'to-customer',
  group: 'to-group',
  external_group: 'to-group',
  internal: 'to-staff',
}

const isFact = (code: string): code is Fact => Object.hasOwn(FACTS, code)

/** Small letters, and signs as they are typed in one width: what no reader would call another reading. */
const plainly = (text: string): string =>
  text.replace(/[\p{P}\p{S}]/gu, sign => sign.normalize('NFKC')).toLowerCase()

/** Folding writes signs narrow; between Chinese characters they are shown as they are typed there. */
const SIGNS: Record<string, string> = { ',': '，', ':': '：', ';': '；', '!': '！', '?': '？' }
const typeset = (reads: string): string =>
  reads.replace(/(?<=\p{Script=Han})[,:;!?]/gu, sign => SIGNS[sign] ?? sign)

/** How the words sound and what they were read as, where that is more than what stands there. */
export function readingOf(hit: Words): { sound?: string; reads?: string } {
  const { matched, reads = '', sound } = hit
  const more = reads !== '' && plainly(reads) !== plainly(matched)
  return { ...(sound ? { sound } : {}), ...(more ? { reads: typeset(reads) } : {}) }
}

/** A letter or figure written wide, in a ring and the like; a Chinese comma is no disguise. */
function isWide(char: string): boolean {
  const narrow = char.normalize('NFKC')
  return narrow.toLowerCase() !== char.toLowerCase() && /[\p{L}\p{N}]/u.test(narrow)
}

/** The steps worth naming: wide signs between the words are how Chinese is typed. */
export function stepsOf({ path, matched }: Pick<Hit, 'path' | 'matched'>): string[] {
  return path.filter(step => step !== 'width' || [...matched].some(isWide))
}

/** What may be claimed of a hit, and no more: who to whom, on what grounds, where it stood, what it counts as. */
export function factsOf(hit: Stood): { said: Fact[]; small: Fact[] } {
  const { grounds } = hit
  const listener = hit.listener === undefined ? 'customer' : hit.listener
  const who = hit.audience === 'customer' ? 'by-customer' : listener === null ? 'by-staff' : WHO[listener]
  const facts: Fact[] = [who, ...(grounds ?? ['unkept']).filter(isFact)]
  if (hit.part === 'quote') facts.push('quote')
  else if (isFact(hit.verdict)) facts.push(hit.verdict)
  return { said: facts.filter(fact => !SMALL.has(fact)), small: facts.filter(fact => SMALL.has(fact)) }
}

/** Why a hit is one, in a line an officer can read: 宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）. */
export function explain(hit: Told): string {
  const { said } = factsOf(hit)
  const facts = said.map(fact => FACTS[fact]).join('，')
  if (hit.path.includes('model'))
    return `语义判读：无固定词，这一段最像「${hit.categoryName ?? '违规'}」，${facts}`
  const { sound, reads } = readingOf(hit)
  const chain = [hit.matched, sound, reads].filter(words => words !== undefined && words !== '') as string[]
  const steps = stepsOf(hit).map(step => (STEPS as Record<string, string>)[step] ?? step)
  const words = chain.length > 0 ? `${chain.map(inOneLine).join(' → ')}，` : ''
  return `${words}${facts}${steps.length > 0 ? `（${steps.join('、')}）` : ''}`
}

/** The words of a hit in one line. */
function inOneLine(words: string): string {
  const chars = [...words.replace(/\s+/g, ' ')]
  if (chars.length <= QUOTED.most) return chars.join('')
  return `${chars.slice(0, QUOTED.head).join('')}…${chars.slice(-QUOTED.tail).join('')}`
}
