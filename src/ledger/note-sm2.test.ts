import { generateKeyPairSync, hash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { chooseLedgerHash } from './hash.ts'
import { emptyRoot, hashLeaf } from './merkle.ts'
import { openNote, signNote } from './note.ts'
import {
  generateNoteKey,
  notePrivateKeyToPem,
  noteSignerFromPem,
  noteVerifierFromString,
  noteVerifierOf,
  noteVerifierToString,
} from './note-key.ts'

afterEach(() => chooseLedgerHash('sha256'))

const signer = generateNoteKey('tongjian/archive', 'sm2')
const TEXT = '通鉴\n7\nroot\n'

test('an SM2 key signs notes, is kept as PEM, and its verifier is a line of text', () => {
  const restored = noteSignerFromPem(signer.name, notePrivateKeyToPem(signer))
  const line = noteVerifierToString(noteVerifierOf(restored))
  expect(line).toBe(noteVerifierToString(noteVerifierOf(signer)))
  const material = Buffer.from(line.split('+').slice(2).join('+'), 'base64')
  expect(material[0]).toBe(0xff)
  expect(material.subarray(1, -65).toString()).toBe('tongjian/sm2-sm3/v1')
  const believed = noteVerifierFromString(line)
  expect(noteVerifierToString(believed)).toBe(line)
  expect(openNote(signNote(TEXT, restored), [believed]).text).toBe(TEXT)
})

test('a note altered, or signed by another SM2 key of the same name, is not believed', () => {
  const verifier = noteVerifierOf(signer)
  const note = signNote(TEXT, signer)
  expect(() => openNote(note.replace('7', '8'), [verifier])).toThrow('ledger.note_signature_invalid')
  expect(() => openNote(signNote(TEXT, generateNoteKey(signer.name, 'sm2')), [verifier])).toThrow(
    'ledger.note_key_unknown',
  )
})

test('a note may bear both signatures, and is believed by whoever knows one', () => {
  const other = generateNoteKey('witness')
  const note = signNote(TEXT, signer, other)
  for (const one of [signer, other]) expect(openNote(note, [noteVerifierOf(one)]).text).toBe(TEXT)
})

test('a key of another curve, a point off the curve and another algorithm are refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(() => noteSignerFromPem('x', pem)).toThrow('ledger.key_malformed')
  const [name, hash, ...rest] = noteVerifierToString(noteVerifierOf(signer)).split('+')
  const material = Buffer.from(rest.join('+'), 'base64')
  material.writeUInt8((material.at(-1) ?? 0) ^ 1, material.length - 1)
  expect(() => noteVerifierFromString(`${name}+${hash}+${material.toString('base64')}`)).toThrow(
    'ledger.key_malformed',
  )
})

test('the tree is built of SM3 where SM3 is chosen, with the same prefixes', () => {
  chooseLedgerHash('sm3')
  expect(emptyRoot().toString('hex')).toBe('1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b')
  expect(hashLeaf(Buffer.from('ab')).equals(hash('sm3', Buffer.from('\0ab'), 'buffer'))).toBe(true)
  chooseLedgerHash('sha256')
  expect(emptyRoot().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
