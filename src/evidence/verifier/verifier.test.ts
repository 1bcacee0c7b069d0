import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  commitment,
  formatCheckpoint,
  generateNoteKey,
  hashLeaf,
  inclusionProof,
  canonicalJson as ledgerJson,
  recordHash as ledgerRecord,
  noteVerifierOf,
  noteVerifierToString,
  rootOf,
  signNote,
} from '../../ledger/index.ts'
import { fromBase64, fromHex, toHex } from './bytes.ts'
import { linesOf } from './files.ts'
import { openNote, readCheckpoint, readKey } from './note.ts'
import { canonicalJson, commitmentOf, isIncluded, leafHash, recordHash } from './record.ts'
import { readStamp } from './stamp.ts'

/** The verifier is written a second time, for the browser; here both are held against each other. */

const json = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value

test('the same JSON, record hash and commitment as the ledger', () => {
  fc.assert(
    fc.property(
      json,
      fc.uint8Array({ minLength: 16, maxLength: 40 }),
      fc.uint8Array({ maxLength: 200 }),
      (value, salt, raw) => {
        expect(canonicalJson(value)).toBe(ledgerJson(value))
        const hidden = commitment(salt, raw)
        expect(toHex(commitmentOf(salt, raw))).toBe(hidden.toString('hex'))
        const envelope = { value }
        expect(toHex(recordHash(1, 'message', envelope, hidden))).toBe(
          ledgerRecord(1, 'message', envelope, hidden).toString('hex'),
        )
        expect(toHex(recordHash(1, 'media', envelope, null))).toBe(
          ledgerRecord(1, 'media', envelope, null).toString('hex'),
        )
      },
    ),
    { numRuns: 200 },
  )
  for (const bad of [1.5, '\ud800', undefined, Number.NaN]) expect(() => canonicalJson(bad)).toThrow()
})

test('a path holds exactly where the ledger made it', () => {
  for (let size = 1; size <= 20; size += 1) {
    const leaves = Array.from({ length: size }, (_, i) => hashLeaf(Buffer.from([i])))
    const root = rootOf(leaves)
    const at = (level: number, index: number): Uint8Array =>
      rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))
    for (let index = 0; index < size; index += 1) {
      const path = inclusionProof(index, size, at)
      const leaf = leafHash(Uint8Array.of(index))
      expect(isIncluded({ index, size, leaf, path, root })).toBe(true)
      expect(isIncluded({ index: (index + 1) % Math.max(2, size), size, leaf, path, root })).toBe(false)
      expect(isIncluded({ index, size: size + 64, leaf, path, root })).toBe(false)
      expect(isIncluded({ index, size, leaf, path: [...path, root], root })).toBe(false)
      if (path.length > 0) expect(isIncluded({ index, size, leaf, path: path.slice(1), root })).toBe(false)
    }
  }
})

test('a note of the ledger opens, and nothing near it does', () => {
  const signer = generateNoteKey('tongjian/test')
  const key = readKey(`${noteVerifierToString(noteVerifierOf(signer))}\n`)
  if (key === null) throw new Error('the key does not read')
  const root = createHash('sha256').update('x').digest()
  const note = signNote(formatCheckpoint({ origin: 'tongjian/test/archive', size: 7, root }), signer)
  const text = openNote(note, key)
  expect(readCheckpoint(text ?? '')).toEqual({
    origin: 'tongjian/test/archive',
    size: 7,
    root: new Uint8Array(root),
  })
  for (let at = 0; at < note.length; at += 1) {
    const changed = `${note.slice(0, at)}${note[at] === 'a' ? 'b' : 'a'}${note.slice(at + 1)}`
    expect(openNote(changed, key), `at ${at}`).toBeNull()
  }
  const other = readKey(noteVerifierToString(noteVerifierOf(generateNoteKey('tongjian/test'))))
  expect(other && openNote(note, other)).toBeNull()
  expect(readKey('tongjian/test+00000000+AAAA')).toBeNull()
})

test('hexadecimal and base64 have one spelling each', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
      expect(fromHex(toHex(bytes))).toEqual(bytes)
      expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes)
    }),
  )
  for (const bad of ['AB', 'a', 'zz', 1, null]) expect(fromHex(bad)).toBeNull()
  for (const bad of ['AB', 'AB==\n', 'AR==', 'A===', '====', 7, null]) expect(fromBase64(bad)).toBeNull()
})

test('lines come whole however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.integer({ min: 1, max: 9 }),
      async (given, step) => {
        const lines = given.map(line => line.replaceAll('\n', ' '))
        const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
        async function* cut(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
        }
        const found: string[] = []
        for await (const line of linesOf(cut())) found.push(Buffer.from(line).toString())
        expect(found).toEqual(lines)
      },
    ),
    { numRuns: 50 },
  )
})

/** DER: tag, length, value. */
function der(tag: number, ...parts: (number[] | Uint8Array)[]): number[] {
  const value = parts.flatMap(part => [...part])
  const { length } = value
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return [tag, ...head, ...value]
}

test('a time stamp tells its imprint and time; garbage is null and never an exception', () => {
  const imprint = createHash('sha256').update('checkpoint').digest()
  const sha256 = [0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
  const info = der(
    0x30,
    der(0x02, [1]),
    der(0x06, [0x2a, 0x03, 0x04]),
    der(0x30, der(0x30, sha256, [0x05, 0]), der(0x04, imprint)),
    der(0x02, [9]),
    der(0x18, Buffer.from('20261130070102Z')),
  )
  const type = [0x06, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04]
  const token = der(
    0x30,
    der(0x30, der(0x02, [0])),
    der(0x30, der(0xa0, der(0x30, der(0x02, [3]), der(0x30, type, der(0xa0, der(0x04, info)))))),
  )
  expect(readStamp(Uint8Array.from(token))).toEqual({
    imprint: new Uint8Array(imprint),
    at: '2026-11-30T07:01:02Z',
    policy: '1.2.3.4',
  })
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(token.length - 1),
      fc.integer({ min: 0, max: 255 }),
      (bytes, at, value) => {
        readStamp(bytes)
        const changed = Uint8Array.from(token)
        changed[at] = value
        readStamp(changed)
        readStamp(changed.subarray(0, at))
      },
    ),
  )
})
