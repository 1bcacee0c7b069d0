import { inflateRawSync, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createMediaStore, MEDIA_CHUNK } from './media.ts'
import { docx } from './media-file.ts'
import { film } from './media-film.ts'
import { chartPng, photoJpeg } from './media-image.ts'
import { createRng } from './rng.ts'
import { speech } from './voice.ts'

test('a chart is a PNG whose pixels inflate to its size', () => {
  const png = chartPng(createRng(1), 120, 80)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  const length = png.readUInt32BE(33)
  expect(png.subarray(37, 41).toString()).toBe('IDAT')
  expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength((120 * 3 + 1) * 80)
})

test('a photo is a JPEG from start to end', () => {
  const jpeg = photoJpeg(createRng(1))
  expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff')
  expect(jpeg.subarray(-2).toString('hex')).toBe('ffd9')
})

test('a voice is AMR of its length and a document a zip with its words', () => {
  const voice = speech(createRng(1), 3)
  expect(voice.subarray(0, 6).toString()).toBe('#!AMR\n')
  expect(voice).toHaveLength(6 + 3 * 50 * 32)
  const bytes = docx(['净值 < 1 & 波动'])
  const at = bytes.lastIndexOf('word/document.xml', bytes.indexOf('PK\x01\x02', 0, 'latin1'))
  const packed = bytes.readUInt32LE(at - 12)
  const start = at + 'word/document.xml'.length
  expect(inflateRawSync(bytes.subarray(start, start + packed)).toString()).toContain('净值 &lt; 1 &amp; 波动')
})

test('one kind of picture and one kind of document are larger than a chunk', () => {
  const media = createMediaStore(createRng(1))
  expect(media.largePicture().size).toBeGreaterThan(MEDIA_CHUNK)
  expect(media.largeDocument().size).toBeGreaterThan(MEDIA_CHUNK)
  expect(media.slice('nobody', '')).toBeUndefined()
  expect(media.slice(media.chart().sdkfileid, 'bytes=3')).toBeNull()
})

test('a film is an MP4 whose boxes fit, with a frame a second', () => {
  const bytes = film(createRng(1), 7)
  const boxes: Record<string, number> = {}
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    boxes[bytes.subarray(at + 4, at + 8).toString('latin1')] = size
    at += size
  }
  expect(Object.keys(boxes)).toEqual(['ftyp', 'moov', 'mdat'])
  const stsz = bytes.indexOf('stsz')
  expect(bytes.readUInt32BE(stsz + 12)).toBe(7)
  const sizes = Array.from({ length: 7 }, (_, at) => bytes.readUInt32BE(stsz + 16 + at * 4))
  expect(sizes.reduce((sum, size) => sum + size, 8)).toBe(boxes.mdat)
  const first = bytes.readUInt32BE(bytes.indexOf('stco') + 12)
  expect(bytes[first + 4]).toBe(0x65)
})
