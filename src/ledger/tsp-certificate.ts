import { X509Certificate } from 'node:crypto'
import { contentOf, context, type Der, inside, integerOf, oidOf, readDer, TAG } from './der.ts'
import { refuse } from './errors.ts'

/** A certificate with what Node does not tell: issuer and serial as DER, and what it may be used for. */
export type Certificate = {
  x509: X509Certificate
  issuer: Buffer
  serial: string
  keyIdentifier: Buffer | null
  /** Extended key usages, and whether the extension is critical; null without it. */
  usage: { oids: string[]; critical: boolean } | null
}

const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
/** A real chain has two to four; the limit stops a hostile bag of certificates. */
const LONGEST = 8
const MOST_CERTIFICATES = 32

/** Whom we believe: the certificates at the end of a chain. */
export type Anchors = readonly X509Certificate[]

/** The certificates of a PEM text. Throws `ledger.stamp_anchors` when there is none or one does not parse. */
export function readAnchors(pem: string): Anchors {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw refuse('ledger.stamp_anchors', { reason: 'no certificate' })
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw refuse('ledger.stamp_anchors', { certificate: i + 1 })
    }
  })
}

/** The certificates a token brings along (RFC 5652 §5.1, `certificates [0]`). Other kinds of certificate are skipped. */
export function readCertificates(values: readonly Der[]): Certificate[] {
  const plain = values.filter(value => value.tag === TAG.sequence)
  if (plain.length > MOST_CERTIFICATES)
    throw refuse('ledger.stamp_refused', { reason: 'malformed', what: 'certificates' })
  return plain.map(value => readCertificate(value.raw))
}

function readCertificate(der: Buffer): Certificate {
  const [body] = inside(readDer(der), TAG.sequence)
  const fields = inside(body, TAG.sequence)
  // version [0] is absent in X.509 v1, which has no extensions and so cannot be a time authority's.
  const at = fields[0]?.tag === context(0) ? 1 : 0
  const issuer = fields[at + 2]
  const extensions = fields.find((field, i) => i > at + 5 && field.tag === context(3))
  const list = extensions ? inside(inside(extensions, context(3))[0], TAG.sequence) : []
  let usage: Certificate['usage'] = null
  let keyIdentifier: Buffer | null = null
  for (const extension of list) {
    const parts = inside(extension, TAG.sequence)
    const oid = oidOf(parts[0])
    const critical = parts[1]?.tag === TAG.boolean && parts[1].content[0] === 0xff
    const value = readDer(contentOf(parts.at(-1), TAG.octets))
    if (oid === EXTENDED_KEY_USAGE) usage = { oids: inside(value, TAG.sequence).map(oidOf), critical }
    if (oid === SUBJECT_KEY_IDENTIFIER) keyIdentifier = contentOf(value, TAG.octets)
  }
  return {
    x509: parse(der),
    issuer: issuer?.raw ?? Buffer.alloc(0),
    serial: integerOf(fields[at]),
    keyIdentifier,
    usage,
  }
}

function parse(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw refuse('ledger.stamp_refused', { reason: 'malformed', what: 'certificate' })
  }
}

/** RFC 3161 §2.3: the key signs time stamps and nothing else, and the certificate says so critically. */
export function mayStamp(certificate: Certificate): boolean {
  const { usage } = certificate
  return usage?.critical === true && usage.oids.length === 1 && usage.oids[0] === TIME_STAMPING
}

/**
 * Whether a chain leads from the signer to an anchor, each link signed by the next, every certificate valid at `at`
 * (when the stamp was given, so that a stamp outlives its certificate), every issuer a CA.
 * Revocation is not looked at: it would mean calling addresses that a certificate names.
 */
export function leadsToAnchor(
  signer: X509Certificate,
  others: readonly Certificate[],
  anchors: Anchors,
  at: number,
): boolean {
  const bag = others.map(other => other.x509)
  const climb = (from: X509Certificate, length: number): boolean => {
    if (!validAt(from, at)) return false
    if (anchors.some(anchor => anchor.raw.equals(from.raw))) return true
    if (length === LONGEST) return false
    const issuers = [...anchors, ...bag].filter(
      issuer => !issuer.raw.equals(from.raw) && issued(issuer, from),
    )
    return issuers.some(issuer => climb(issuer, length + 1))
  }
  return climb(signer, 1)
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  } catch {
    // A key that OpenSSL does not know, such as SM2's here, signs nothing for us.
    return false
  }
}

function validAt(certificate: X509Certificate, at: number): boolean {
  return certificate.validFromDate.getTime() <= at && at <= certificate.validToDate.getTime()
}
