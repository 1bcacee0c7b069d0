import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openNote, signNote } from './note.ts'
import {
  generateNoteKey,
  notePrivateKeyToPem,
  noteSignerFromPem,
  noteVerifierFromString,
  noteVerifierOf,
  noteVerifierToString,
} from './note-key.ts'

const refusal = (code: string) => expect.objectContaining({ code })

// The example of C2SP signed-note.
const C2SP_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const C2SP_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`

// The example of golang.org/x/mod/sumdb/note.
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

const signer = generateNoteKey('tongjian.example/archive')
const verifier = noteVerifierOf(signer)
const other = generateNoteKey('witness.example')
const TEXT = '通鉴\n第一行\n\n最后一行\n'
const note = signNote(TEXT, signer)

test('the notes that C2SP and Go publish are believed', () => {
  expect(openNote(C2SP_NOTE, [noteVerifierFromString(C2SP_KEY)]).text).toBe('This is an example message.\n')
  expect(openNote(GO_NOTE, [noteVerifierFromString(GO_KEY)]).verifiers[0]?.name).toBe('PeterNeumann')
})

test('a verifier key string reads back as it was written', () => {
  for (const text of [C2SP_KEY, GO_KEY, noteVerifierToString(verifier)]) {
    expect(noteVerifierToString(noteVerifierFromString(text))).toBe(text)
  }
})

test('any text that may be signed is signed and opened again', () => {
  const line = fc.string({ unit: 'grapheme' }).filter(s => [...s].every(c => (c.codePointAt(0) ?? 0) >= 0x20))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), lines => {
      const text = `${lines.join('\n')}\n`
      const signed = signNote(text, signer)
      expect(openNote(signed, [verifier])).toEqual({ text, verifiers: [verifier] })
      expect(openNote(Buffer.from(signed), [verifier]).text).toBe(text)
    }),
  )
})

test('a key read back from PEM signs the same', () => {
  const restored = noteSignerFromPem(signer.name, notePrivateKeyToPem(signer))
  expect(signNote(TEXT, restored)).toBe(note)
})

test('a note altered in any one byte is refused', () => {
  const bytes = Buffer.from(note)
  const accepted = []
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0, 2, 5, 7]) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 1 << bit
      try {
        openNote(altered, [verifier])
        accepted.push({ at, bit })
      } catch (error) {
        expect(error).toMatchObject({ name: 'LedgerError', code: expect.stringMatching(/^ledger\.note_/) })
      }
    }
  }
  expect(accepted).toEqual([])
})

test('altered text is told from an unknown key and from a wrong name', () => {
  expect(() => openNote(note.replace('第一', '第二'), [verifier])).toThrow(
    refusal('ledger.note_signature_invalid'),
  )
  expect(() => openNote(note, [noteVerifierOf(other)])).toThrow(refusal('ledger.note_key_unknown'))
  expect(() => openNote(note, [])).toThrow(refusal('ledger.note_key_unknown'))
  const renamed = note.replace('tongjian.example/archive', 'tongjian.example/other')
  expect(() => openNote(renamed, [verifier])).toThrow(refusal('ledger.note_name_mismatch'))
})

test('another key under the same name is unknown', () => {
  const impostor = generateNoteKey(signer.name)
  expect(() => openNote(signNote(TEXT, impostor), [verifier])).toThrow(refusal('ledger.note_key_unknown'))
})

test('signatures by unknown keys are ignored, and every known signer is named', () => {
  const both = signNote(TEXT, other, signer)
  expect(openNote(both, [verifier]).verifiers).toEqual([verifier])
  const names = openNote(both, [verifier, noteVerifierOf(other)]).verifiers.map(v => v.name)
  expect(names).toEqual([other.name, signer.name])
})

test('one bad signature by a known key refuses a note that another has signed well', () => {
  const foreign = signNote('something else\n', other).split('\n').at(-2)
  const mixed = `${note}${foreign}\n`
  expect(() => openNote(mixed, [verifier, noteVerifierOf(other)])).toThrow(
    refusal('ledger.note_signature_invalid'),
  )
  expect(openNote(mixed, [verifier]).text).toBe(TEXT)
})

test('a signature line in any other form is refused', () => {
  const line = note.trimEnd().split('\n').at(-1)!
  const [, name, base64] = line.split(' ') as [string, string, string]
  const wrong = [
    '',
    '—',
    '— ',
    line.replace('— ', '- '),
    line.replace('— ', '—  '),
    `${line} `,
    `${line} x`,
    `— ${name}`,
    `— ${name} `,
    `— ${name} ${base64.replaceAll('=', '')}`,
    `— ${name} ${base64}=`,
    `— ${name} ${base64.slice(0, 20)}*${base64.slice(21)}`,
    `— ${name} AAAAAA==`,
    `— na+me ${base64}`,
    `— na\u3000me ${base64}`,
  ]
  for (const bad of wrong) {
    expect(() => openNote(note.replace(line, bad), [verifier]), bad).toThrow(
      refusal('ledger.note_signature_malformed'),
    )
  }
})

test('base64 with stray bits at its end is refused, though it decodes to the same signature', () => {
  // A key hash and an Ed25519 signature are 68 bytes, so the last character before "=" carries two unused bits.
  const stray = note.replace(
    /(.)=\n$/,
    (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=\n`,
  )
  expect(stray).not.toBe(note)
  expect(() => openNote(stray, [verifier])).toThrow(refusal('ledger.note_signature_malformed'))
})

test('a note that breaks the format is refused', () => {
  const wrong = [
    '',
    '\n',
    'text\n',
    note.trimEnd(),
    note.replace('\n\n— ', '\n— ').replace('\n\n', '\n'),
    note.replace('第一行', '第一\t行'),
    note.replace('第一行', '第一行\r'),
    note.replace('第一行', '\ud800'),
    note + '— x AAAAAAA=\n'.repeat(100),
    'x'.repeat(1_000_001),
  ]
  for (const bad of wrong) {
    expect(() => openNote(bad, [verifier])).toThrow(refusal('ledger.note_malformed'))
  }
  const notUtf8 = Buffer.concat([Buffer.from('a\xff', 'latin1'), Buffer.from(note)])
  expect(() => openNote(notUtf8, [verifier])).toThrow(refusal('ledger.note_malformed'))
})

test('a byte-order mark is part of the text, not something to skip', () => {
  const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(note)])
  expect(() => openNote(marked, [verifier])).toThrow(refusal('ledger.note_signature_invalid'))
})

test('a text that cannot stand in a note is not signed', () => {
  for (const text of ['', 'no newline', 'tab\t\n', 'cr\r\n', '\ud800\n']) {
    expect(() => signNote(text, signer)).toThrow(refusal('ledger.note_malformed'))
  }
})

test('key names follow C2SP signed-note', () => {
  for (const name of ['', 'a b', 'a+b', 'a\u3000b', 'a\nb', 'a\u00a0b', '\ud800']) {
    expect(() => generateNoteKey(name)).toThrow(refusal('ledger.key_name'))
  }
  expect(generateNoteKey('通鉴.example/存档').name).toBe('通鉴.example/存档')
})

test('a verifier key string that was altered is refused', () => {
  const wrong = [
    '',
    'name',
    C2SP_KEY.replace('530d903a', '530d903b'),
    C2SP_KEY.replace('530d903a', '530D903A'),
    C2SP_KEY.replace('foo', 'bar'),
    C2SP_KEY.replace('AekyeR', 'AukyeR'),
    C2SP_KEY.replace('AekyeR', 'AelyeR'),
    C2SP_KEY.slice(0, -4),
    `${C2SP_KEY}\n`,
  ]
  for (const text of wrong) {
    expect(() => noteVerifierFromString(text), text).toThrow(refusal('ledger.key_malformed'))
  }
  expect(() => noteVerifierFromString(`+${C2SP_KEY.split('+').slice(1).join('+')}`)).toThrow(
    refusal('ledger.key_name'),
  )
})

test('a private key that is not Ed25519, or no key at all, is refused', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = p256.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(() => noteSignerFromPem('x', pem)).toThrow(refusal('ledger.key_malformed'))
  expect(() => noteSignerFromPem('x', 'not a key')).toThrow(refusal('ledger.key_malformed'))
  expect(() => noteVerifierOf({ name: 'x', privateKey: p256 })).toThrow(refusal('ledger.key_malformed'))
  expect(
    createPublicKey(noteSignerFromPem('x', notePrivateKeyToPem(signer)).privateKey).asymmetricKeyType,
  ).toBe('ed25519')
})
