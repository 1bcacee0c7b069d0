import type { Rng } from './rng.ts'

/** In macroblocks of 16 × 16. */
const WIDE = 12
const HIGH = 7
/** One whole picture so many frames; the ones between repeat it. */
const WHOLE_EVERY = 3
const TICKS = 1000

/** Bits of a raw byte sequence payload (H.264 §7.2), most significant first. */
class Bits {
  readonly #bytes: number[] = []
  #free = 0

  u(bits: number, value: number): this {
    for (let at = bits - 1; at >= 0; at--) {
      if (this.#free === 0) {
        this.#bytes.push(0)
        this.#free = 8
      }
      this.#free -= 1
      const last = this.#bytes.length - 1
      this.#bytes[last] = (this.#bytes[last] ?? 0) | (((value >> at) & 1) << this.#free)
    }
    return this
  }

  /** Exp-Golomb, unsigned (§9.1). */
  ue(value: number): this {
    const bits = Math.floor(Math.log2(value + 1))
    return this.u(bits, 0).u(bits + 1, value + 1)
  }

  align(): this {
    this.#free = 0
    return this
  }

  /** Samples as they are; only where aligned. */
  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  /** With its stop bit, as a unit of the network layer: no three bytes may look like a start code (§7.4.1). */
  unit(head: number): Buffer {
    this.u(1, 1).align()
    const out = [head]
    let zeros = 0
    for (const byte of this.#bytes) {
      if (zeros >= 2 && byte <= 3) {
        out.push(3)
        zeros = 0
      }
      out.push(byte)
      zeros = byte === 0 ? zeros + 1 : 0
    }
    return Buffer.from(out)
  }
}

/** Baseline, level 3, frames numbered in eight bits, output in the order of decoding. */
const sequence = (): Buffer =>
  new Bits()
    .u(8, 66)
    .u(8, 0xc0)
    .u(8, 30)
    .ue(0)
    .ue(4)
    .ue(2)
    .ue(1)
    .u(1, 0)
    .ue(WIDE - 1)
    .ue(HIGH - 1)
    .u(4, 0b1100)
    .unit(0x67)

const picture = (): Buffer =>
  new Bits().ue(0).ue(0).u(2, 0).ue(0).ue(0).ue(0).u(3, 0).ue(0).ue(0).ue(0).u(3, 0b100).unit(0x68)

/** Every macroblock as plain samples (I_PCM): a picture without a codec's arithmetic. */
function whole(index: number, paint: (x: number, y: number) => number): Buffer {
  const bits = new Bits()
    .ue(0)
    .ue(7)
    .ue(0)
    .u(8, 0)
    .ue(index % 2)
    .u(2, 0)
    .ue(0)
    .ue(1)
  const chroma = new Uint8Array(128).fill(128)
  for (let block = 0; block < WIDE * HIGH; block++) {
    const [left, top] = [(block % WIDE) * 16, Math.floor(block / WIDE) * 16]
    const luma = Uint8Array.from({ length: 256 }, (_, at) => paint(left + (at % 16), top + (at >> 4)))
    bits.ue(25).align().raw(luma).raw(chroma)
  }
  return bits.unit(0x65)
}

/** Every macroblock skipped: the picture before, again. */
const again = (number: number): Buffer =>
  new Bits()
    .ue(0)
    .ue(5)
    .ue(0)
    .u(8, number)
    .u(3, 0)
    .ue(0)
    .ue(1)
    .ue(WIDE * HIGH)
    .unit(0x41)

/** A bar that moves over a gradient. Luma stays within 16 to 235. */
function frames(rng: Rng, seconds: number): Buffer[] {
  const tilt = rng.int(1, 3)
  const out: Buffer[] = []
  for (let at = 0; at < seconds; at++) {
    const since = at % WHOLE_EVERY
    const bar = (((at / WHOLE_EVERY) | 0) * 24 + rng.int(0, 6)) % (WIDE * 16)
    out.push(
      since === 0
        ? whole((at / WHOLE_EVERY) | 0, (x, y) => (Math.abs(x - bar) < 8 ? 210 : 40 + ((x + y * tilt) % 120)))
        : again(since),
    )
  }
  return out
}

const box = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8, 0)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}
const u32 = (...values: number[]): Buffer => {
  const out = Buffer.alloc(values.length * 4)
  values.forEach((value, at) => {
    out.writeUInt32BE(value >>> 0, at * 4)
  })
  return out
}
const u16 = (...values: number[]): Buffer => Buffer.from(values.flatMap(value => [value >> 8, value & 255]))
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** Which frames stand where (ISO/IEC 14496-12 §8.5 to §8.7): one chunk with all of them. */
function table(units: Buffer[], offset: number): Buffer {
  const [sps, pps] = [sequence(), picture()]
  const avcC = box(
    'avcC',
    Buffer.from([1, 66, 0xc0, 30, 0xff, 0xe1]),
    u16(sps.length),
    sps,
    Buffer.from([1]),
    u16(pps.length),
    pps,
  )
  const look = Buffer.concat([
    u16(WIDE * 16, HIGH * 16),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
  ])
  const entry = box('avc1', Buffer.alloc(6), u16(1), Buffer.alloc(16), look, avcC)
  const keys = units.flatMap((_, at) => (at % WHOLE_EVERY === 0 ? [at + 1] : []))
  return box(
    'stbl',
    box('stsd', u32(0, 1), entry),
    box('stts', u32(0, 1, units.length, TICKS)),
    box('stss', u32(0, keys.length, ...keys)),
    box('stsc', u32(0, 1, 1, units.length, 1)),
    box('stsz', u32(0, 0, units.length, ...units.map(unit => unit.length))),
    box('stco', u32(0, 1, offset)),
  )
}

function movie(units: Buffer[], offset: number): Buffer {
  const length = units.length * TICKS
  const reference = box('dinf', box('dref', u32(0, 1), box('url ', u32(1))))
  const media = box(
    'mdia',
    box('mdhd', u32(0, 0, 0, TICKS, length), u16(0x55c4, 0)),
    box('hdlr', u32(0, 0), Buffer.from('vide'), u32(0, 0, 0), Buffer.from('film\0')),
    box('minf', box('vmhd', u32(1, 0, 0)), reference, table(units, offset)),
  )
  const track = box(
    'trak',
    box('tkhd', u32(3, 0, 0, 1, 0, length, 0, 0, 0, 0), MATRIX, u32(WIDE << 20, HIGH << 20)),
    media,
  )
  const head = box(
    'mvhd',
    u32(0, 0, 0, TICKS, length, 0x10000),
    u16(0x100, 0),
    u32(0, 0),
    MATRIX,
    Buffer.alloc(24),
    u32(2),
  )
  return box('moov', head, track)
}

/** A film of a moving bar, a frame a second, that players play: H.264 in MP4. */
export function film(rng: Rng, seconds: number): Buffer {
  const units = frames(rng, Math.max(1, seconds)).map(unit => Buffer.concat([u32(unit.length), unit]))
  const type = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomavc1'))
  const offset = type.length + movie(units, 0).length + 8
  return Buffer.concat([type, movie(units, offset), box('mdat', ...units)])
}
