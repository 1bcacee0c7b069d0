import { decrypt, encrypt, getSignature } from '@wecom/crypto'
import { expect, test } from 'vitest'
import { decryptCallback, encryptCallback, signCallback } from './callback-crypto.ts'
import { createRng } from './rng.ts'

/** The official sample of wecom-api.md §2.2. */
const CORP = 'wx5823bf96d3bd56c7'
const TOKEN = 'QDG6eK'
const KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C'
const TIMESTAMP = '1409659813'
const NONCE = '1372623149'
const SEALED =
  'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=='

test('the official sample opens to the message it holds', () => {
  expect(signCallback(TOKEN, TIMESTAMP, NONCE, SEALED)).toBe('477715d11cdb4164915debcba66cb864d751f3e6')
  const { message, receiveId } = decryptCallback(KEY, SEALED)
  expect(receiveId).toBe(CORP)
  expect(message.split('\n')).toContain('<Content><![CDATA[hello]]></Content>')
  expect(message).toMatch(/^<xml><ToUserName>[\s\S]*<AgentID>218<\/AgentID>\n<\/xml>$/)
})

test('the sealing sample comes out byte for byte', () => {
  const sealed = encryptCallback(KEY, '<xml>hi</xml>', CORP, Buffer.from('0123456789abcdef'))
  expect(sealed).toBe(
    'sKqRbbiSUnDhFHOvPjtUMbqjklqaJjOPlb38k7N2tHFHvwoLTx/eSyW0suCb+UHoKg9MDOt1kNJf/KX6ZU9Dfg==',
  )
  expect(signCallback(TOKEN, TIMESTAMP, NONCE, sealed)).toBe('aac67cd79b4d777dd6bfbd6f429aed5d3bf2bc7b')
})

test("what this side seals Tencent's package opens, and the other way, at every padding", () => {
  const rng = createRng('padding')
  for (let length = 0; length < 70; length++) {
    const message = `${'通'.repeat(length % 7)}${'x'.repeat(length)}]]>&<`
    const random = rng.bytes(16)
    const ours = encryptCallback(KEY, message, CORP, random)
    expect(ours).toBe(encrypt(KEY, message, CORP, random))
    expect(decrypt(KEY, ours)).toMatchObject({ message, id: CORP })
    expect(decryptCallback(KEY, encrypt(KEY, message, CORP))).toEqual({ message, receiveId: CORP })
    expect(signCallback(TOKEN, TIMESTAMP, NONCE, ours)).toBe(getSignature(TOKEN, TIMESTAMP, NONCE, ours))
  }
})

test('a key of another length is refused', () => {
  expect(() => encryptCallback('short', 'x', CORP)).toThrow('43')
})
