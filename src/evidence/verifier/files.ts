/** A package as the verifier reads it: a zip, or the files of a folder it was unpacked to. */
export type PackageFiles = {
  names: string[]
  /** The bytes of a file in pieces. Throws, now or while reading, when it cannot be read. */
  open(name: string): AsyncIterable<Uint8Array>
  /** What only a zip has: null for a folder. */
  container: {
    /** The first byte our writer would not have put there. */
    fault(): Promise<{ offset: number; file: string } | null>
    /** SHA-256 of the first bytes of the zip, hexadecimal. */
    prefix(bytes: number, onBytes: (n: number) => void): Promise<string>
  } | null
}

/** A file that has to be held whole: signatures, checkpoints, the manifest. Throws beyond `most` bytes. */
export async function readWhole(files: PackageFiles, name: string, most = 64 << 20): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of files.open(name)) {
    size += part.length
    if (size > most) throw new Error(`${name} is larger than it may be`)
    parts.push(part)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const NEWLINE = 0x0a
/** One message with its attachments' texts; beyond this it is no line of ours. */
const LONGEST_LINE = 64 << 20

/** The lines of a file as bytes, without their newlines. A last line without one is given too. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      yield joined(held, heldBytes, chunk.subarray(from, at))
      held = []
      heldBytes = 0
      from = at + 1
    }
    if (from < chunk.length) {
      held.push(chunk.slice(from))
      heldBytes += chunk.length - from
      if (heldBytes > LONGEST_LINE) throw new Error('a line without an end')
    }
  }
  if (heldBytes > 0) yield joined(held, heldBytes, new Uint8Array(0))
}

function joined(held: Uint8Array[], heldBytes: number, rest: Uint8Array): Uint8Array {
  if (held.length === 0) return rest
  const whole = new Uint8Array(heldBytes + rest.length)
  let at = 0
  for (const part of held) {
    whole.set(part, at)
    at += part.length
  }
  whole.set(rest, at)
  return whole
}
