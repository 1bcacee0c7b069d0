/** A table of weights as it is written: signed bytes, a zero followed by how many zeros it stands for. */
export function unpack(table: string, size: number): Int8Array {
  const bytes = Buffer.from(table, 'base64')
  const out = new Int8Array(size)
  let o = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte !== 0) out[o++] = (byte << 24) >> 24
    else o += bytes[++i] as number
  }
  return out
}

/** Numbers that must be exact, four bytes each. */
export function unpackFloats(table: string): Float32Array {
  const bytes = Buffer.from(table, 'base64')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
