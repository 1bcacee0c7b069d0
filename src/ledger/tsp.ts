import { hash, verify } from 'node:crypto'
import {
  contentOf,
  context,
  type Der,
  inside,
  integerOf,
  oidOf,
  readDer,
  TAG,
  timeOf,
  writeDer,
  writeInteger,
  writeOid,
} from './der.ts'
import { refuse } from './errors.ts'
import {
  type Anchors,
  type Certificate,
  leadsToAnchor,
  mayStamp,
  readCertificates,
} from './tsp-certificate.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const DIGESTS: Record<string, string> = {
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** Signature algorithms and the digest each fixes; '' leaves it to the digest algorithm, null to the key. */
const SIGNATURES: Record<string, string | null> = {
  '1.2.840.113549.1.1.1': '',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'

/** Why a time stamp was not believed; `unreachable` to `too_large` are about the way there (notary/timestamp.ts). */
export type StampRefusal =
  | 'malformed'
  | 'rejected'
  | 'imprint'
  | 'nonce'
  | 'policy'
  | 'clock'
  | 'algorithm'
  | 'signature'
  | 'purpose'
  | 'chain'

/** What a time authority vouches for: these bytes existed at this moment. */
export type Stamp = {
  /** The authority's time, epoch milliseconds. */
  stampedAt: number
  /** Hexadecimal. */
  serial: string
  policy: string
  nonce: string | null
  /** SHA-256 of what was stamped. */
  imprint: Buffer
  /** Whether the signer's certificate leads to an anchor; null when no anchors were given. */
  trusted: boolean | null
}

/** A TimeStampReq over `data` (RFC 3161 §2.4.1), asking for the certificate and holding the nonce. */
export function stampRequest(data: Uint8Array, nonce: Uint8Array, policy?: string): Buffer {
  const algorithm = writeDer(TAG.sequence, writeOid(SHA256), writeDer(TAG.null))
  return writeDer(
    TAG.sequence,
    writeInteger(Buffer.of(1)),
    writeDer(TAG.sequence, algorithm, writeDer(TAG.octets, hash('sha256', data, 'buffer'))),
    policy === undefined ? Buffer.alloc(0) : writeOid(policy),
    writeInteger(nonce),
    writeDer(TAG.boolean, Buffer.of(0xff)),
  )
}

/** What the caller expects; what is absent is not compared. */
export type Expected = {
  data: Uint8Array
  nonce?: Uint8Array
  policy?: string | undefined
  anchors?: Anchors | undefined
}

/**
 * Reads a TimeStampResp and believes it only when all of RFC 3161 §2.4.2 holds: granted; one signer; the signature over
 * the attributes and they over the content; the certificate named by the attributes, made for stamping alone; imprint,
 * nonce and policy as expected; a chain to an anchor. Throws `ledger.stamp_refused` with a {@link StampRefusal}.
 */
export function openStamp(response: Uint8Array, expected: Expected): Stamp {
  const token = grantedToken(response)
  const signed = readSignedData(token)
  const stamp = readInfo(signed.content)
  const signer = requireSigned(signed)
  if (!stamp.imprint.equals(hash('sha256', expected.data, 'buffer'))) throw no('imprint')
  if (expected.nonce !== undefined && stamp.nonce !== integerOf(readDer(writeInteger(expected.nonce))))
    throw no('nonce')
  if (expected.policy !== undefined && stamp.policy !== expected.policy) throw no('policy')
  const { anchors } = expected
  if (anchors === undefined) return { ...stamp, trusted: null }
  if (!leadsToAnchor(signer.x509, signed.certificates, anchors, stamp.stampedAt)) throw no('chain')
  return { ...stamp, trusted: true }
}

function no(reason: StampRefusal, what = ''): Error {
  return refuse('ledger.stamp_refused', what === '' ? { reason } : { reason, what })
}

/** TimeStampResp: PKIStatusInfo, whose status is granted (0) or granted with modifications (1), then the token. */
function grantedToken(response: Uint8Array): Der {
  const [info, token] = inside(readDer(response), TAG.sequence)
  const [status] = inside(info, TAG.sequence)
  const granted = integerOf(status)
  if (granted !== '00' && granted !== '01') throw no('rejected', `status ${Number.parseInt(granted, 16)}`)
  if (token === undefined) throw no('malformed', 'no token')
  return token
}

type SignedData = { content: Buffer; certificates: Certificate[]; signer: Der }

/** ContentInfo and SignedData (RFC 5652 §3 and §5.1) with a TSTInfo inside and exactly one signer. */
function readSignedData(token: Der): SignedData {
  const [type, wrapped] = inside(token, TAG.sequence)
  if (oidOf(type) !== SIGNED_DATA) throw no('malformed', 'not signed data')
  const fields = inside(inside(wrapped, context(0))[0], TAG.sequence)
  const [contentType, content] = inside(fields[2], TAG.sequence)
  if (oidOf(contentType) !== TST_INFO) throw no('malformed', 'not a time stamp')
  const certificates = fields.find(field => field.tag === context(0))
  const signers = inside(fields.at(-1), TAG.set)
  const [signer] = signers
  if (signer === undefined || signers.length !== 1) throw no('malformed', 'signers')
  return {
    content: contentOf(inside(content, context(0))[0], TAG.octets),
    certificates: certificates ? readCertificates(inside(certificates, context(0))) : [],
    signer,
  }
}

/** TSTInfo (RFC 3161 §2.4.2). */
function readInfo(content: Buffer): Omit<Stamp, 'trusted'> {
  const [version, policy, imprint, serial, time, ...optional] = inside(readDer(content), TAG.sequence)
  if (integerOf(version) !== '01') throw no('malformed', 'version')
  const [algorithm, hashed] = inside(imprint, TAG.sequence)
  if (oidOf(inside(algorithm, TAG.sequence)[0]) !== SHA256) throw no('imprint')
  const nonce = optional.find(field => field.tag === TAG.integer)
  return {
    stampedAt: timeOf(time),
    serial: integerOf(serial),
    policy: oidOf(policy),
    nonce: nonce ? integerOf(nonce) : null,
    imprint: contentOf(hashed, TAG.octets),
  }
}

/** The signer's certificate, once its signature holds (RFC 5652 §5.4 and §5.6, RFC 5035 §5). */
function requireSigned(signed: SignedData): Certificate {
  const fields = inside(signed.signer, TAG.sequence)
  const [, sid, digestAlgorithm, attributes] = fields
  const digest = DIGESTS[oidOf(inside(digestAlgorithm, TAG.sequence)[0])]
  const certificate = signed.certificates.find(found => isNamedBy(found, sid))
  if (digest === undefined) throw no('algorithm')
  if (certificate === undefined) throw no('malformed', 'the signing certificate is not there')
  const named = new Map(
    inside(attributes, context(0)).map(attribute => {
      const [type, values] = inside(attribute, TAG.sequence)
      return [oidOf(type), inside(values, TAG.set)] as const
    }),
  )
  if (oidOf(named.get(CONTENT_TYPE)?.[0]) !== TST_INFO) throw no('signature', 'content type')
  if (!contentOf(named.get(MESSAGE_DIGEST)?.[0], TAG.octets).equals(hash(digest, signed.content, 'buffer')))
    throw no('signature', 'digest')
  requireCertificateNamed(named, certificate)
  if (!mayStamp(certificate)) throw no('purpose')
  requireSignature(fields, digest, certificate)
  return certificate
}

function requireSignature(fields: readonly Der[], digest: string, certificate: Certificate): void {
  const [, , , attributes, algorithm, signature] = fields
  const fixed = SIGNATURES[oidOf(inside(algorithm, TAG.sequence)[0])]
  if (fixed === undefined) throw no('algorithm')
  // What is signed is the SET OF itself, not the [0] it is sent under (RFC 5652 §5.4).
  const signed = Buffer.from(attributes?.raw ?? [])
  signed[0] = TAG.set
  if (!holds(fixed === '' ? digest : fixed, signed, certificate, contentOf(signature, TAG.octets)))
    throw no('signature')
}

function holds(digest: string | null, signed: Buffer, certificate: Certificate, signature: Buffer): boolean {
  try {
    return verify(digest, signed, certificate.x509.publicKey, signature)
  } catch {
    // A key that does not fit the algorithm.
    return false
  }
}

/** SignerIdentifier: issuer and serial number, or [0] subject key identifier. */
function isNamedBy(certificate: Certificate, sid: Der | undefined): boolean {
  if (sid?.tag === 0x80) return certificate.keyIdentifier?.equals(sid.content) ?? false
  const [issuer, serial] = inside(sid, TAG.sequence)
  return certificate.issuer.equals(issuer?.raw ?? Buffer.alloc(0)) && certificate.serial === integerOf(serial)
}

/** The signed attributes must hold the hash of the certificate, or another of the same key could stand in for it. */
function requireCertificateNamed(named: ReadonlyMap<string, Der[]>, certificate: Certificate): void {
  const version2 = named.get(SIGNING_CERTIFICATE_V2)?.[0]
  const value = version2 ?? named.get(SIGNING_CERTIFICATE)?.[0]
  const [list] = inside(value, TAG.sequence)
  const [first] = inside(list, TAG.sequence)
  const parts = inside(first, TAG.sequence)
  const stated =
    version2 && parts[0]?.tag === TAG.sequence ? oidOf(inside(parts[0], TAG.sequence)[0]) : SHA256
  const digest = version2 ? DIGESTS[stated] : 'sha1'
  const hashed = parts.find(part => part.tag === TAG.octets)
  if (digest === undefined) throw no('algorithm')
  if (!contentOf(hashed, TAG.octets).equals(hash(digest, certificate.x509.raw, 'buffer')))
    throw no('signature', 'certificate')
}
