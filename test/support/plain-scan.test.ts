import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { plainScanner } from './plain-scan.ts'

const WORD = '青鸾衔枝'
const GBK = Buffer.from('c7e0f0bdcfced6a6', 'hex')

function found(bytes: Buffer): string[] {
  return plainScanner([WORD])
    .scan('x', bytes)
    .map(leak => leak.encoding)
}

test('a word is found however it is written, at any place in random bytes', () => {
  const written: Record<string, Buffer> = {
    'utf-8': Buffer.from(WORD),
    'utf-16le': Buffer.from(WORD, 'utf16le'),
    'utf-16be': Buffer.from(WORD, 'utf16le').swap16(),
    gbk: GBK,
    json: Buffer.from('\\u9752\\u9e3e\\u8854\\u679d'),
    JSON: Buffer.from('\\u9752\\u9E3E\\u8854\\u679D'),
    hex: Buffer.from(Buffer.from(WORD).toString('hex')),
    HEX: Buffer.from(Buffer.from(WORD).toString('hex').toUpperCase()),
    percent: Buffer.from(encodeURIComponent(WORD).toLowerCase()),
    PERCENT: Buffer.from(encodeURIComponent(WORD)),
  }
  expect(new TextDecoder('gbk').decode(GBK)).toBe(WORD)
  for (const [encoding, bytes] of Object.entries(written)) {
    for (const before of [0, 1, 2, 3, 1000]) {
      const hidden = Buffer.concat([randomBytes(before), bytes, randomBytes(50)])
      expect(found(hidden), `${encoding} behind ${before}`).toContain(encoding)
    }
  }
  for (const before of [0, 1, 2, 3, 4, 5]) {
    const mixed = Buffer.concat([randomBytes(before), Buffer.from(WORD), randomBytes(7)])
    expect(found(Buffer.from(mixed.toString('base64'))), `base64 behind ${before}`).toEqual([
      `base64+${before % 3}`,
    ])
  }
})

test('part of a long text is enough, and other text is not found', () => {
  const scanner = plainScanner(['昨夜山中无人问，今朝水上有舟来', 'account-number 6222021234567890'])
  expect(scanner.scan('x', Buffer.from('他说山中无人问了'))).toHaveLength(2)
  expect(scanner.scan('x', Buffer.from('no. 6222021234567890'))).toHaveLength(1)
  expect(scanner.scan('x', Buffer.from('水上 山中 无人 account number'))).toEqual([])
  expect(scanner.scan('x', randomBytes(4 << 20))).toEqual([])
})
