import { createRequire } from 'node:module'
import { AhoCorasick } from '@monyone/aho-corasick/fast'
import { Mint } from 'mint-filter'
import { Converter } from 'opencc-js/t2cn'
import type { Packs, Rule } from '../src/detect/index.ts'
import type { Found, Seen } from './quality-score.ts'
import type { Sample } from './quality-set.ts'

type Peer = { name: string; judge(sample: Sample): Found }
/** What a matcher made of every line. */
export type PeerSeen = { name: string; seen: Seen[] }
/** `terms` is how many words each was given to alarm at. */
type Peers = { terms: number; peers: Peer[] }
type Contains = (text: string) => boolean
type Build = (terms: string[]) => Contains

const simplify = Converter({ from: 't', to: 'cn' })

/** What a careful house would do before matching: NFKC, lower case, simplified characters, letters and digits only. */
export const normalise = (text: string): string =>
  simplify(text.normalize('NFKC').toLowerCase()).replace(/[^\p{L}\p{N}]/gu, '')

type FastScan = new (words: string[]) => { search(text: string): unknown[] }
/** It has neither types nor an ES module. */
const fastScan = (): FastScan => createRequire(import.meta.url)('fastscan') as FastScan

const BUILDS: Record<string, Build> = {
  fastscan: terms => {
    const matcher = new (fastScan())(terms)
    return text => matcher.search(text).length > 0
  },
  'mint-filter': terms => {
    const matcher = new Mint(terms)
    return text => matcher.filter(text, { replace: false }).words.length > 0
  },
  归一化匹配: terms => {
    // A term of which one sign is left, as 「V+」, would be found in every other line.
    const plain = terms.map(normalise).filter(term => term.length > 1)
    const matcher = new AhoCorasick([...new Set(plain)])
    return text => matcher.hasKeywordInText(normalise(text))
  },
}

const termsOf = (rules: Rule[]): string[] => [
  ...new Set(rules.flatMap(rule => rule.terms.map(({ term }) => term))),
]

/**
 * The peers with the terms of our own rules, as lists of words: those that alarm, and those of a customer's
 * signals. They are told who speaks, so that a customer's words never count as a false alarm.
 */
export function peersOf(packs: Packs): Peers {
  const alarming = packs.rules.filter(
    rule =>
      (rule.verdict === 'violation' || rule.verdict === 'high_risk') &&
      rule.severity !== 'P3' &&
      rule.direction !== 'customer',
  )
  const alarms = termsOf(alarming)
  const signals = termsOf(packs.rules.filter(rule => rule.verdict === 'signal'))
  const peers = Object.entries(BUILDS).map(([name, build]): Peer => {
    const alarm = build(alarms)
    const signal = build(signals)
    return {
      name,
      judge: ({ text, from }) => ({ alert: from === 'staff' && alarm(text), signal: signal(text) }),
    }
  })
  return { terms: alarms.length, peers }
}
