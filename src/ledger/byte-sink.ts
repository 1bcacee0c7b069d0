/**
 * Bytes written one after another; `bytes` is replaced by a larger Buffer when it is full. One sink is used again and
 * again by setting `length` to 0, because a fresh Buffer for each record costs as much as the hash over it.
 */
export type ByteSink = { bytes: Buffer; length: number }

const LENGTH_BYTES = 4

/** An empty sink. */
export function byteSink(): ByteSink {
  return { bytes: Buffer.alloc(4096), length: 0 }
}

/** What was written. It is overwritten when the sink is used again. */
export function written(sink: ByteSink): Buffer {
  return sink.bytes.subarray(0, sink.length)
}

/** Makes room for `more` bytes. */
export function reserve(sink: ByteSink, more: number): void {
  if (sink.length + more <= sink.bytes.length) return
  const larger = Buffer.alloc(2 * (sink.length + more))
  sink.bytes.copy(larger, 0, 0, sink.length)
  sink.bytes = larger
}

/** Writes one byte. */
export function putByte(sink: ByteSink, byte: number): void {
  reserve(sink, 1)
  sink.bytes[sink.length++] = byte
}

/** Writes a text that is known to hold nothing but ASCII. */
export function putAscii(sink: ByteSink, text: string): void {
  reserve(sink, text.length)
  for (let i = 0; i < text.length; i++) sink.bytes[sink.length + i] = text.charCodeAt(i)
  sink.length += text.length
}

/** Writes bytes as they are. */
export function putBytes(sink: ByteSink, bytes: Uint8Array): void {
  reserve(sink, bytes.length)
  sink.bytes.set(bytes, sink.length)
  sink.length += bytes.length
}

/** Writes a number below 2^32, big-endian. */
export function putUint32(sink: ByteSink, value: number): void {
  reserve(sink, 4)
  sink.length = sink.bytes.writeUInt32BE(value, sink.length)
}

/** Leaves room for the length of what is written next; hand the result to {@link closeLength}. */
export function openLength(sink: ByteSink): number {
  reserve(sink, LENGTH_BYTES)
  sink.length += LENGTH_BYTES
  return sink.length
}

/** Sets the length left open at `begin`, a big-endian u32, to the bytes written since. */
export function closeLength(sink: ByteSink, begin: number): void {
  sink.bytes.writeUInt32BE(sink.length - begin, begin - LENGTH_BYTES)
}
