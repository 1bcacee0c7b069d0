import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Sharp } from 'sharp'
import { type ReadText, Refused } from './protocol.ts'

/** The largest camera of a telephone makes 200 million pixels; at 50 million a picture takes 150 MB when opened. */
const MOST_PIXELS = 50_000_000
/** Print in a photographed A4 page is legible at this width; wider pictures are made smaller. */
const WIDTH = 1280
/** Long screenshots are read in pieces, one in memory at a time: a megapixel takes the models some 200 MB. */
const TILE = 800
/** Twice the height of a line of print, so that each line stands whole in one piece. */
const OVERLAP = 64
/** A conversation of some 400 lines in one picture; beyond it the rest is left. */
const MOST_TILES = 30

type Line = { text: string; box?: number[][] }
type Ocr = { detect(image: Buffer): Promise<Line[]> }
type Engine = { ocr: Ocr; sharp: typeof import('sharp') }

let engine: Promise<Engine | null> | undefined

/** The models are an optional package: a platform without them reads documents and says so of pictures. */
async function openEngine(): Promise<Engine | null> {
  try {
    const [{ default: Reader }, { default: sharp }] = await Promise.all([
      import('@gutenye/ocr-node'),
      import('sharp'),
    ])
    sharp.concurrency(1)
    sharp.cache(false)
    const onnxOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, enableCpuMemArena: false }
    return { ocr: (await Reader.create({ onnxOptions })) as unknown as Ocr, sharp }
  } catch {
    return null
  }
}

export type Raw = { data: Uint8Array; width: number; height: number; channels: 1 | 3 | 4 }

/** The words of a picture and its codes. `place` names the picture among others of one file. */
export async function readPicture(input: Buffer | Raw, place: string): Promise<ReadText[]> {
  engine ??= openEngine()
  const { ocr, sharp } = (await engine) ?? {}
  if (!ocr || !sharp) throw new Refused('no_ocr')
  // A header is read whatever it promises; nothing is set aside for the pixels before they are counted.
  const open = (limitInputPixels: number | false = MOST_PIXELS): Sharp =>
    Buffer.isBuffer(input)
      ? sharp(input, { limitInputPixels, failOn: 'error' })
      : sharp(input.data, { raw: input })
  const { width = 0, height = 0, pages = 1 } = await open(false).metadata()
  if (width * height > MOST_PIXELS) throw new Refused('too_many_pixels')
  if (pages > 1) throw new Refused('animated')
  // A picture without a background is seen on white, and so it is read.
  const flat = open().rotate().flatten({ background: '#ffffff' }).toColourspace('srgb')
  const shown = await flat
    .resize({ width: WIDTH, withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const codes = await readCodes(shown.data, shown.info, place)
  const text = await readTiles(sharp, ocr, shown.data, shown.info)
  return [...(text === '' ? [] : [{ source: 'ocr' as const, place, text }]), ...codes]
}

type Info = { width: number; height: number; channels: number }

async function readTiles(sharp: Engine['sharp'], ocr: Ocr, data: Buffer, info: Info): Promise<string> {
  const { width, height } = info
  const raw = { width, height, channels: info.channels as 1 | 3 | 4 }
  const lines: string[] = []
  for (let n = 0, top = 0; n < MOST_TILES && top < height; n += 1, top += TILE - OVERLAP) {
    const part = { left: 0, top, width, height: Math.min(TILE, height - top) }
    // The last piece may be all overlap: it has been read.
    if (n > 0 && part.height <= OVERLAP) break
    const tile = await sharp(data, { raw }).extract(part).png({ compressionLevel: 0 }).toBuffer()
    const before = lines.slice(-4)
    for (const { text } of await ocr.detect(tile)) {
      if (text.trim() !== '' && !before.includes(text)) lines.push(text)
    }
  }
  return lines.join('\n')
}

type Codes = typeof import('zxing-wasm/reader')
let codes: Promise<Codes> | undefined

/** The decoder's own loader would fetch it from a network; ours gives it the file that was installed. */
async function openCodes(): Promise<Codes> {
  const reader = await import('zxing-wasm/reader')
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  const wasm = readFileSync(file)
  reader.prepareZXingModule({
    overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) },
  })
  return reader
}

async function readCodes(data: Buffer, info: Info, place: string): Promise<ReadText[]> {
  codes ??= openCodes()
  const { readBarcodes } = await codes
  const rgba = new Uint8ClampedArray(info.width * info.height * 4).fill(255)
  for (let from = 0, to = 0; to < rgba.length; from += info.channels, to += 4) {
    for (let c = 0; c < 3; c += 1) rgba[to + c] = data[from + (info.channels < 3 ? 0 : c)] ?? 0
  }
  const image = { data: rgba, width: info.width, height: info.height, colorSpace: 'srgb' as const }
  const found = await readBarcodes(image as never, { formats: ['QRCode', 'DataMatrix', 'Aztec'] })
  const texts = [...new Set(found.filter(code => code.isValid).map(code => code.text))]
  return texts.slice(0, 20).map((text, index) => ({
    source: 'qr',
    place: index === 0 ? place : `${place === '' ? '' : `${place}.`}c${index + 1}`,
    text: text.slice(0, 4096),
  }))
}
