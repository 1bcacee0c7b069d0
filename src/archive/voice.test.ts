import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRng } from '../../sim/rng.ts'
import { speech } from '../../sim/voice.ts'
import { wavOf } from './voice.ts'

const level = (wav: Buffer): number => {
  let sum = 0
  for (let at = 44; at < wav.length; at += 2) sum += wav.readInt16LE(at) ** 2
  return Math.sqrt(sum / ((wav.length - 44) / 2))
}

test('a voice decodes to a WAV of its length that can be heard', async () => {
  const wav = await wavOf(speech(createRng('voice'), 3))
  expect(wav.subarray(0, 4).toString()).toBe('RIFF')
  expect(wav.subarray(8, 12).toString()).toBe('WAVE')
  expect(wav.readUInt32LE(24)).toBe(8000)
  expect(wav.readUInt32LE(40)).toBe(wav.length - 44)
  expect((wav.length - 44) / 2 / 8000).toBeCloseTo(3, 1)
  expect(level(wav)).toBeGreaterThan(300)
})

test('two at once do not mix, and a broken one spoils nothing for the next', async () => {
  const [one, two] = [speech(createRng('one'), 1), speech(createRng('two'), 2)]
  const [first, second] = await Promise.all([wavOf(one), wavOf(two)])
  expect((first.length - 44) / 16_000).toBeCloseTo(1, 1)
  expect((second.length - 44) / 16_000).toBeCloseTo(2, 1)
  await expect(wavOf(one.subarray(0, 6))).rejects.toMatchObject({ code: 'media.unplayable' })
  expect((await wavOf(one)).equals(first)).toBe(true)
})

test('whatever is no AMR-NB is refused, and no bytes behind a right head break the server', async () => {
  await expect(wavOf(Buffer.from('no voice at all'))).rejects.toMatchObject({ code: 'media.unplayable' })
  await expect(wavOf(Buffer.from('#!AMR-WB\n123456789'))).rejects.toMatchObject({ code: 'media.unplayable' })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async bytes => {
      const told = await wavOf(Buffer.concat([Buffer.from('#!AMR\n'), bytes])).catch(
        error => error.code as string,
      )
      expect(typeof told === 'string' ? told : told.subarray(0, 4).toString()).toMatch(
        /^(media\.unplayable|RIFF)$/,
      )
    }),
    { numRuns: 60 },
  )
})
