import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { docx } from './media-file.ts'
import { film } from './media-film.ts'
import { chartPng, noisePng, photoJpeg } from './media-image.ts'
import type { Rng } from './rng.ts'
import { speech } from './voice.ts'

/** One GetMediaData call gives at most this much (path/91774). */
export const MEDIA_CHUNK = 512 * 1024

type Blob = { sdkfileid: string; md5sum: string; size: number }
type MediaSlice = { data: Buffer; outindexbuf: string; finished: boolean }

export type MediaStore = {
  add(bytes: Buffer): Blob
  chart(): Blob
  photo(): Blob
  /** A drawing with words or a code in it: a file of sim/pictures. */
  drawing(name: string): Blob
  /** Larger than one chunk. */
  largePicture(): Blob
  voice(seconds: number): Blob
  video(seconds: number): Blob
  document(paragraphs: readonly string[]): Blob
  largeDocument(): Blob
  /** undefined: unknown or expired; null: the index is not one we gave out. */
  slice(sdkfileid: string, indexbuf: string): MediaSlice | undefined | null
  forget(sdkfileid: string): void
  /** What was sent, whether or not it can still be fetched: what an archive is held against. */
  bytes(sdkfileid: string): Buffer | undefined
}

const VARIANTS = 24
/** Seconds. */
const LONGEST_FILM = 30

type Setting = { time: { now(): number }; limits: { mediaMs: number }; md5Told(md5: string): string }

/** Without a world around it nothing expires and every sum is right. */
const ALONE: Setting = {
  time: { now: () => 0 },
  limits: { mediaMs: Number.POSITIVE_INFINITY },
  md5Told: md5 => md5,
}

export function createMediaStore(rng: Rng, setting: Setting = ALONE): MediaStore {
  const blobs = new Map<string, { bytes: Buffer; at: number }>()
  const made = new Map<string, Buffer>()
  const add = (bytes: Buffer): Blob => {
    const sdkfileid = `CtYB${rng.id(180)}`
    blobs.set(sdkfileid, { bytes, at: setting.time.now() })
    const md5sum = setting.md5Told(createHash('md5').update(bytes).digest('hex'))
    return { sdkfileid, md5sum, size: bytes.length }
  }
  // A variant is made once and reused under new ids: a live world must not grow by every picture it shows.
  const reuse = (kind: string, variants: number, make: (own: Rng) => Buffer): Blob => {
    const key = `${kind}/${rng.int(1, variants)}`
    const bytes = made.get(key) ?? make(rng.fork(key))
    made.set(key, bytes)
    return add(bytes)
  }
  return {
    add,
    chart: () => reuse('chart', VARIANTS, own => chartPng(own)),
    photo: () => reuse('photo', VARIANTS, own => photoJpeg(own)),
    drawing: name =>
      reuse(`drawing-${name}`, 1, () => readFileSync(new URL(`./pictures/${name}.png`, import.meta.url))),
    largePicture: () => reuse('large', 1, own => noisePng(own)),
    voice: seconds => reuse(`voice-${seconds}`, 2, own => speech(own, seconds)),
    // Longer ones end early: a live world must not grow by minutes of film.
    video: seconds => reuse(`video-${seconds}`, 1, own => film(own, Math.min(seconds, LONGEST_FILM))),
    document: paragraphs => add(docx(paragraphs)),
    largeDocument: () =>
      reuse('manual', 1, own => docx(['产品合同文本（影印件见附件）'], own.bytes(900_000))),
    slice: (sdkfileid, indexbuf) => {
      const blob = blobs.get(sdkfileid)
      if (!blob || blob.at + setting.limits.mediaMs <= setting.time.now()) return undefined
      return cut(blob.bytes, indexbuf)
    },
    bytes: sdkfileid => blobs.get(sdkfileid)?.bytes,
    forget: sdkfileid => void blobs.delete(sdkfileid),
  }
}

/** The index of a next piece looks like `Range:bytes=524288-655711`; the first call gives an empty one. */
function cut(bytes: Buffer, indexbuf: string): MediaSlice | null {
  const range = /^Range:bytes=(\d+)-(\d+)$/.exec(indexbuf)
  if (indexbuf !== '' && !range) return null
  const start = Number(range?.[1] ?? 0)
  if (start >= bytes.length && bytes.length > 0) return null
  const end = Math.min(start + MEDIA_CHUNK, bytes.length)
  const finished = end >= bytes.length
  const nextEnd = Math.min(end + MEDIA_CHUNK, bytes.length) - 1
  return {
    data: bytes.subarray(start, end),
    outindexbuf: finished ? '' : `Range:bytes=${end}-${nextEnd}`,
    finished,
  }
}
