export type FileKind = 'picture' | 'gif' | 'zip' | 'pdf' | 'text' | 'voice' | 'video' | 'legacy' | 'other'

const MAGIC: [FileKind, number, string][] = [
  ['picture', 0, 'ffd8ff'],
  ['picture', 0, '89504e470d0a1a0a'],
  ['picture', 8, '57454250'],
  ['picture', 0, '49492a00'],
  ['picture', 0, '4d4d002a'],
  ['gif', 0, '47494638'],
  ['zip', 0, '504b0304'],
  ['pdf', 0, '255044462d'],
  ['voice', 0, '2321414d52'],
  ['voice', 0, '022321'],
  ['voice', 0, '494433'],
  ['video', 4, '66747970'],
  // doc, xls, ppt before 2007, and every office file with a password.
  ['legacy', 0, 'd0cf11e0a1b11ae1'],
]
const TEXT_NAMES = /\.(txt|csv|md|log|json|html?|xml|tsv)$/i

/** What the bytes are; the name is asked only where bytes have no signature, as a text's have not. */
export function kindOf(bytes: Uint8Array, name: string): FileKind {
  const head = Buffer.from(bytes.subarray(0, 16))
  for (const [kind, at, magic] of MAGIC) {
    const wanted = Buffer.from(magic, 'hex')
    if (head.subarray(at, at + wanted.length).equals(wanted)) return kind
  }
  return TEXT_NAMES.test(name) ? 'text' : 'other'
}
