import { crc32, deflateSync } from 'node:zlib'
import type { Rng } from './rng.ts'

type Rgb = readonly [number, number, number]
const GRID: Rgb = [227, 230, 234]
const INK: Rgb = [31, 78, 121]
const SEAL: Rgb = [192, 57, 43]

/** A net-value line chart as an 8-bit RGB PNG. */
export function chartPng(rng: Rng, width = 480, height = 280): Buffer {
  const pixels = Buffer.alloc(width * height * 3, 255)
  const dot = (x: number, y: number, colour: Rgb): void => {
    if (x < 0 || y < 0 || x >= width || y >= height) return
    pixels.set(colour, (Math.floor(y) * width + Math.floor(x)) * 3)
  }
  for (let y = 30; y < height - 20; y += 50) for (let x = 30; x < width - 20; x++) dot(x, y, GRID)
  for (const [colour, drift] of [
    [INK, -0.28],
    [SEAL, -0.1],
  ] as const) {
    let level = height * 0.7
    for (let x = 30; x < width - 20; x++) {
      const before = level
      level = Math.min(height - 25, Math.max(25, level + drift + (rng.next() - 0.5) * 5))
      const [low, high] = before < level ? [before, level] : [level, before]
      for (let y = low; y <= high + 2; y++) dot(x, y, colour)
    }
  }
  return png(width, height, pixels)
}

/** Photo-like noise that deflate cannot shrink: larger than one 512 KiB chunk. */
export function noisePng(rng: Rng, width = 620, height = 420): Buffer {
  return png(width, height, rng.bytes(width * height * 3))
}

function png(width: number, height: number, rgb: Buffer): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height)
  for (let y = 0; y < height; y++) rgb.copy(rows, y * (width * 3 + 1) + 1, y * width * 3, (y + 1) * width * 3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

// Baseline JPEG with DC coefficients only: every 8×8 block is one flat colour. The tables are those of ITU-T T.81, K.3.
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
const DC_CODES = [
  '00',
  '010',
  '011',
  '100',
  '101',
  '110',
  '1110',
  '11110',
  '111110',
  '1111110',
  '11111110',
  '111111110',
]

/** A soft two-colour gradient in blocks, like a thumbnail of a photo. */
export function photoJpeg(rng: Rng, columns = 40, rows = 30): Buffer {
  const from: Rgb = [rng.int(40, 220), rng.int(40, 220), rng.int(40, 220)]
  const to: Rgb = [rng.int(40, 220), rng.int(40, 220), rng.int(40, 220)]
  const bits: string[] = []
  const before = [0, 0, 0]
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const mix = (row / rows + column / columns) / 2 + (rng.next() - 0.5) * 0.12
      const [r, g, b] = from.map((value, i) => value + ((to[i] ?? 0) - value) * mix) as [
        number,
        number,
        number,
      ]
      const levels = [
        0.299 * r + 0.587 * g + 0.114 * b - 128,
        -0.1687 * r - 0.3313 * g + 0.5 * b,
        0.5 * r - 0.4187 * g - 0.0813 * b,
      ]
      for (const [i, level] of levels.entries()) {
        // Quantiser 8 and the transform's factor of 8 cancel: the DC coefficient is the level itself.
        const value = Math.round(level)
        bits.push(dcBits(value - (before[i] ?? 0)), '00')
        before[i] = value
      }
    }
  }
  return jpeg(columns * 8, rows * 8, bits.join(''))
}

function dcBits(difference: number): string {
  const size = difference === 0 ? 0 : Math.abs(difference).toString(2).length
  const extra = difference >= 0 ? difference : difference + 2 ** size - 1
  return (DC_CODES[size] ?? '') + (size === 0 ? '' : extra.toString(2).padStart(size, '0'))
}

function jpeg(width: number, height: number, bits: string): Buffer {
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
  // The AC table knows one symbol, end of block, with the code 00.
  const acCounts = [0, 1, ...Array<number>(14).fill(0)]
  const data: number[] = []
  for (let i = 0; i < bits.length; i += 8) {
    const byte = Number.parseInt(bits.slice(i, i + 8).padEnd(8, '1'), 2)
    data.push(byte)
    if (byte === 0xff) data.push(0)
  }
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    jpegSegment(0xdb, [0, ...Array<number>(64).fill(8)]),
    jpegSegment(0xc0, frame),
    jpegSegment(0xc4, [0x00, ...DC_COUNTS, ...DC_SYMBOLS]),
    jpegSegment(0xc4, [0x10, ...acCounts, 0]),
    jpegSegment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    Buffer.from(data),
    Buffer.from([0xff, 0xd9]),
  ])
}

function jpegSegment(marker: number, body: number[]): Buffer {
  return Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body])
}
