import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptForTest, encryptRecord, readyKey } from './crypto.ts'
import { createRng } from './rng.ts'

const pair = (): { publicKey: string; privateKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const own = pair()

test('a sealed record opens with its private key and has the shape WeCom gives it', () => {
  const json = '{"msgid":"1","text":{"content":"净值会波动😀"}}'
  const record = encryptRecord(7, '1', json, readyKey({ version: 3, pem: own.publicKey }), createRng(1))
  expect(record).toMatchObject({ seq: 7, msgid: '1', publickey_ver: 3 })
  expect(record.encrypt_random_key).toHaveLength(344)
  expect(record.encrypt_chat_msg).toMatch(/^SIM1\.[A-Za-z0-9+/]+=*$/)
  expect(decryptForTest(record, own.privateKey)).toBe(json)
})

test('another private key does not open it', () => {
  const record = encryptRecord(7, '1', '{}', readyKey({ version: 3, pem: own.publicKey }), createRng(1))
  expect(() => decryptForTest(record, pair().privateKey)).toThrow()
})

test('a damaged record does not open', () => {
  const record = encryptRecord(7, '1', '{}', readyKey({ version: 3, pem: own.publicKey }), createRng(1))
  const bytes = Buffer.from(record.encrypt_chat_msg.slice(5), 'base64')
  bytes[14] = (bytes[14] ?? 0) ^ 1
  const damaged = { ...record, encrypt_chat_msg: `SIM1.${bytes.toString('base64')}` }
  expect(() => decryptForTest(damaged, own.privateKey)).toThrow()
})
