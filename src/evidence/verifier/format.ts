/**
 * The lines and documents of a package, version 1 (docs/evidence-package.md). The builder writes these types; the
 * verifier reads them as unknown and believes nothing.
 */
export const FORMAT = 'tongjian-evidence'
export const FORMAT_VERSION = 1
/** Version of the envelopes in the ledger: src/archive/record.ts, src/trail/record.ts. */
export const RECORD_VERSION = 1

export const FILES = {
  manifest: 'manifest.json',
  signature: 'manifest.sig',
  messages: 'messages.jsonl',
  proofs: 'chain/proofs.jsonl',
  key: 'chain/key.txt',
  checkpoint: 'chain/checkpoint.txt',
  trailCheckpoint: 'chain/trail-checkpoint.txt',
  looks: 'access/looks.jsonl',
  retention: 'retention/retention.json',
  destructions: 'retention/destructions.jsonl',
  people: 'identity/people.json',
  membership: 'identity/membership.json',
  choices: 'consent/choices.json',
  notices: 'consent/notices.json',
  report: 'report.pdf',
  attestation: 'attestation.pdf',
  page: 'verify.html',
  readme: 'README.txt',
} as const
export const STAMPS = 'chain/stamps/'

type TextLine = {
  leaf: number
  envelope: object
  commitment: string
  salt: string | null
  text: string | null
}
type FileLine = {
  part: string
  name: string | null
  leaf: number | null
  envelope: object
  file: string | null
}
export type MessageLine = {
  n: number
  leaf: number
  envelope: object
  commitment: string
  salt: string | null
  /** The decrypted bytes as UTF-8 text, or, when they are none, as base64 in `rawBase64`. */
  raw: string | null
  rawBase64: string | null
  withheld: 'purged' | 'refused' | null
  shown: { at: string; from: string; conversation: string; texts: { label: string | null; text: string }[] }
  consent: { state: string; at: string | null } | null
  derived: TextLine[]
  media: FileLine[]
  hits: object[]
}

/** One leaf: what it stands for, its record hash and the path to the root. `line`: SHA-256 of the message's own line. */
export type ProofLine = {
  leaf: number
  kind: 'message' | 'derived' | 'media'
  n: number
  record: string
  line: string | null
  path: string[]
}
export type LookLine = { leaf: number; envelope: object; commitment: string; path: string[] }
export type DestructionLine = { leaf: number; ref: string; record: string; path: string[] }

/** What the manifest is signed as. */
export function signedText(keyName: string, number: string, manifestSha256: string): string {
  return `${keyName}/evidence\n${number}\n${manifestSha256}\n`
}
