import { parse } from 'yaml'
import { z } from 'zod'
import { type Hit, PackError, type Packs, type Rule } from '../detect/index.ts'

const text = z.string().min(1)
const host = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a domain in small letters, without https://')
const metadata = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Z_]*-\d{2,3}$/),
  name: text,
  category: text,
  category_name: text,
  severity: z.enum(['P0', 'P1', 'P2', 'P3']),
  direction: z.enum(['staff', 'customer', 'both']),
  verdict: z.enum(['violation', 'high_risk', 'advisory', 'signal']),
  clause: text,
  basis: z.array(text),
  owner: text,
  version: z.number().int().min(1),
  why: text,
})
const file = z.strictObject({
  allow: z.array(host),
  personal: z.array(text),
  payment: z.array(text),
  rules: z.strictObject({ link: metadata, qr: metadata, personal: metadata, payment: metadata }),
})

type Kind = 'link' | 'qr' | 'personal' | 'payment'
/** Where links may lead, as compliance wrote it in rules/domains.yaml, and the rule each kind of breach has. */
export type Domains = { allow: Set<string>; personal: string[]; payment: string[]; rules: Record<Kind, Rule> }

/** Its name in the folder of rules; it is no pack. */
export const DOMAINS_FILE = 'domains.yaml'

/** Read the list. Throws a PackError that names the field. */
export function parseDomains(content: string, packs: Packs): Domains {
  const parsed = file.safeParse(parse(content))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new PackError(
      'pack.schema',
      { file: DOMAINS_FILE, line: 1 },
      `${issue?.path.join('.') ?? 'the file'}: ${issue?.message ?? 'wrong shape'}`,
      'Mend the field; the shape is in src/monitor/domains.ts',
    )
  }
  const { allow, personal, payment, rules } = parsed.data
  const made = (kind: Kind): Rule => ruleOf(rules[kind], packs)
  return {
    allow: new Set(allow),
    personal,
    payment,
    rules: { link: made('link'), qr: made('qr'), personal: made('personal'), payment: made('payment') },
  }
}

/** The laws are those the packs cite; a name no rule cites is a slip of the pen. */
function ruleOf(given: z.infer<typeof metadata>, packs: Packs): Rule {
  const { category_name: categoryName, basis, ...rest } = given
  const known = new Map(packs.rules.flatMap(rule => rule.basis).map(one => [one.id, one]))
  return {
    ...rest,
    categoryName,
    basis: basis.flatMap(id => known.get(id) ?? []),
    status: 'active',
    reading: 'plain',
    disguise: false,
    scope: {},
    terms: [],
    patterns: [],
    near: [],
    exceptions: [],
    fires: [],
    clean: [],
    file: DOMAINS_FILE,
    line: 1,
  }
}

/** An address in running text ends at a space, at a bracket or quote, or where Chinese begins. */
const ADDRESS = /(?:https?:\/\/|www\.|wxp:\/\/|weixin:\/\/)[A-Za-z0-9\-._~:/?#@!$&*+,;=%]{1,2048}/gi
/** More links than this in one text tell an officer nothing more. */
const MOST = 20

/** What of a text leads where it may not. `qr`: the text is what a code says, whole. */
export function linkHits(
  domains: Domains | null,
  said: { text: string; part: string },
  from: 'staff' | 'customer',
): Hit[] {
  if (!domains || from === 'customer') return []
  const qr = said.part.startsWith('qr:')
  const whole = said.text.trim()
  // A code may hold anything: what is no address and no payment code (a serial number, a ticket) leads nowhere.
  const found = qr
    ? [{ address: whole, start: said.text.indexOf(whole) }]
    : [...said.text.matchAll(ADDRESS)].map(match => ({ address: match[0], start: match.index }))
  return found.slice(0, MOST).flatMap(({ address, start }) => {
    const kind = breach(domains, address, qr)
    if (!kind) return []
    const rule = domains.rules[kind]
    const path = hostOf(address) ?? address.split(':')[0] ?? ''
    return [
      {
        rule: rule.id,
        category: rule.category,
        verdict: rule.verdict,
        audience: from,
        severity: rule.severity,
        start,
        end: start + address.length,
        matched: address,
        path: kind === 'payment' ? [] : [path],
        part: 'new' as const,
        reads: address,
        grounds: [kind],
      },
    ]
  })
}

function breach(domains: Domains, address: string, qr: boolean): Kind | null {
  const small = address.toLowerCase()
  if (domains.payment.some(prefix => small.startsWith(prefix))) return 'payment'
  if (domains.personal.some(prefix => small.startsWith(prefix))) return 'personal'
  const host = hostOf(address)
  if (host === null || allowed(domains.allow, host)) return null
  return qr ? 'qr' : 'link'
}

/** A trick like https://bank.example@evil.example leads to the host that stands last; the parser knows. */
function hostOf(address: string): string | null {
  const url = /^https?:\/\//i.test(address)
    ? address
    : /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/|$)/i.test(address)
      ? `http://${address}`
      : ''
  return url === '' ? null : (URL.parse(url)?.hostname ?? null)
}

function allowed(allow: Set<string>, host: string): boolean {
  for (let rest = host; rest !== ''; ) {
    if (allow.has(rest)) return true
    const dot = rest.indexOf('.')
    if (dot === -1) return false
    rest = rest.slice(dot + 1)
  }
  return false
}
