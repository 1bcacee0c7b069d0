/** What an RFC 3161 token says: the hash it stamps, when, under which policy. */
export type Stamp = { imprint: Uint8Array; at: string; policy: string | null }

type Node = { tag: number; from: number; to: number }

/** OID 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo. */
const TST_INFO = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04]
/** OID 2.16.840.1.101.3.4.2.1, SHA-256. */
const SHA256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
const SEQUENCE = 0x30
const INTEGER = 0x02
const OCTETS = 0x04
const OID = 0x06
const TIME = 0x18
const DEEPEST = 32

/**
 * The TSTInfo inside a TimeStampResp or TimeStampToken (RFC 3161 §2.4.2): the one sequence in DER that is an integer
 * version, a policy, an imprint by SHA-256, a serial number and a GeneralizedTime. Null when there is none. Signature
 * and certificates are not looked at.
 */
export function readStamp(bytes: Uint8Array): Stamp | null {
  try {
    const content = contentOf(bytes)
    return content === null ? null : tstInfo(bytes, content)
  } catch {
    return null
  }
}

/** One tag, length and value. Throws on lengths that DER does not allow or that leave the bytes. */
function nodeAt(bytes: Uint8Array, at: number, end: number): Node {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new Error('cut off')
  let [from, length] = [at + 2, first]
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new Error('length')
    length = 0
    for (let i = 0; i < count; i += 1) length = length * 256 + (bytes[from + i] ?? 0)
    from += count
  }
  if (from + length > end) throw new Error('beyond the end')
  return { tag, from, to: from + length }
}

function childrenOf(bytes: Uint8Array, node: Node): Node[] {
  const children: Node[] = []
  for (let at = node.from; at < node.to; ) {
    const child = nodeAt(bytes, at, node.to)
    children.push(child)
    at = child.to
  }
  return children
}

/** The octets that follow the OID of TSTInfo. */
function contentOf(bytes: Uint8Array): Node | null {
  const search = (node: Node, depth: number): Node | null => {
    if (depth > DEEPEST || (node.tag & 0x20) === 0) return null
    const children = childrenOf(bytes, node)
    const at = children.findIndex(child => child.tag === OID && equals(bytes, child, TST_INFO))
    const wrapped = at === -1 ? undefined : children[at + 1]
    if (wrapped) return childrenOf(bytes, wrapped).find(child => child.tag === OCTETS) ?? null
    for (const child of children) {
      const found = search(child, depth + 1)
      if (found) return found
    }
    return null
  }
  return search(nodeAt(bytes, 0, bytes.length), 0)
}

function tstInfo(bytes: Uint8Array, content: Node): Stamp | null {
  const info = nodeAt(bytes, content.from, content.to)
  const [version, policy, imprint, serial, time] = childrenOf(bytes, info)
  if (info.tag !== SEQUENCE || version?.tag !== INTEGER || policy?.tag !== OID) return null
  if (imprint?.tag !== SEQUENCE || serial?.tag !== INTEGER || time?.tag !== TIME) return null
  const [algorithm, digest] = childrenOf(bytes, imprint)
  const name = algorithm && childrenOf(bytes, algorithm)[0]
  if (!name || !equals(bytes, name, SHA256) || digest?.tag !== OCTETS) return null
  const text = String.fromCharCode(...bytes.subarray(time.from, time.to))
  const at = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d(?:\.\d+)?)Z$/.exec(text)
  if (!at) return null
  const [, year, month, day, hour, minute, second] = at
  return {
    imprint: bytes.slice(digest.from, digest.to),
    at: `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    policy: oidText(bytes.subarray(policy.from, policy.to)),
  }
}

function equals(bytes: Uint8Array, node: Node, wanted: number[]): boolean {
  return node.to - node.from === wanted.length && wanted.every((byte, i) => bytes[node.from + i] === byte)
}

function oidText(bytes: Uint8Array): string {
  const parts: number[] = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      parts.push(value)
      value = 0
    }
  }
  const [first = 0, ...rest] = parts
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - 40 * root, ...rest].join('.')
}
