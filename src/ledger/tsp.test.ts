import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { makeAuthorityKeys, opensslReply, POLICY } from '../../test/support/authority.ts'
import { readDer } from './der.ts'
import { LedgerError } from './errors.ts'
import { openStamp, stampRequest } from './tsp.ts'
import { mayStamp, readAnchors, readCertificates } from './tsp-certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'tongjian-tsp-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
makeAuthorityKeys(join(folder, 'rsa'))
makeAuthorityKeys(join(folder, 'ec'), 'ec')
const anchorsOf = (keys: string) => readAnchors(readFileSync(join(folder, keys, 'root.pem'), 'utf8'))
const data = Buffer.from('tongjian/corp/archive\n7\n…')
const nonce = Buffer.from('00fedcba98765432', 'hex')
const reasonOf = (work: () => unknown): unknown => {
  try {
    work()
    return 'believed'
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return error.detail.reason
  }
}
const replies = {
  rsa: opensslReply(join(folder, 'rsa'), stampRequest(data, nonce)),
  ec: opensslReply(join(folder, 'ec'), stampRequest(data, nonce, POLICY)),
}

test.each(['rsa', 'ec'] as const)('a stamp by OpenSSL with %s keys is believed, with all it says', keys => {
  const stamp = openStamp(replies[keys], { data, nonce, policy: POLICY, anchors: anchorsOf(keys) })
  expect(stamp).toMatchObject({ policy: POLICY, trusted: true, nonce: '00fedcba98765432' })
  expect(Math.abs(stamp.stampedAt - Date.now())).toBeLessThan(60_000)
})

test('each expectation that is not met has a reason of its own', () => {
  const anchors = anchorsOf('rsa')
  const open = (more: object) => reasonOf(() => openStamp(replies.rsa, { data, nonce, anchors, ...more }))
  expect(open({})).toBe('believed')
  expect(open({ data: Buffer.from('other') })).toBe('imprint')
  expect(open({ nonce: Buffer.from('01', 'hex') })).toBe('nonce')
  expect(open({ policy: '1.2.3' })).toBe('policy')
  expect(open({ anchors: anchorsOf('ec') })).toBe('chain')
  expect(openStamp(replies.rsa, { data }).trusted).toBe(null)
  const rejected = Buffer.from('30050203020102'.replace('0203', '3003'), 'hex')
  expect(reasonOf(() => openStamp(rejected, { data }))).toBe('rejected')
})

test("a certificate that may do more than stamp is not a time authority's", () => {
  const certificateOf = (name: string) => {
    const pem = readFileSync(join(folder, 'rsa', `${name}.pem`), 'utf8')
    return readCertificates([readDer(Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64'))])[0]!
  }
  expect(mayStamp(certificateOf('stamping'))).toBe(true)
  expect(mayStamp(certificateOf('loose'))).toBe(false)
  expect(mayStamp(certificateOf('root'))).toBe(false)
})

test('every flipped byte of an answer is refused or leaves the signed time as it was', () => {
  const anchors = anchorsOf('ec')
  const honest = openStamp(replies.ec, { data, nonce, anchors })
  let unsigned = 0
  for (let at = 0; at < replies.ec.length; at++) {
    const altered = Buffer.from(replies.ec)
    altered[at]! ^= 1 << (at % 8)
    try {
      // The status text, version numbers and parameters of algorithms are not signed; what is vouched for is.
      expect(openStamp(altered, { data, nonce, anchors })).toEqual(honest)
      unsigned += 1
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
    }
  }
  expect(unsigned).toBeLessThan(replies.ec.length * 0.1)
})

test('whatever bytes come, the answer is a refusal and never another error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
      expect(() => openStamp(bytes, { data })).toThrow(LedgerError)
    }),
  )
  fc.assert(
    fc.property(fc.nat(replies.rsa.length - 1), fc.uint8Array({ maxLength: 8 }), (at, bytes) => {
      const spliced = Buffer.concat([replies.rsa.subarray(0, at), bytes, replies.rsa.subarray(at)])
      try {
        openStamp(spliced, { data, nonce, anchors: anchorsOf('rsa') })
        expect(bytes).toHaveLength(0)
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error
      }
    }),
  )
})

test('a file without certificates is no anchor', () => {
  expect(() => readAnchors('nothing')).toThrow(expect.objectContaining({ code: 'ledger.stamp_anchors' }))
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  expect(() => readAnchors(broken)).toThrow(expect.objectContaining({ code: 'ledger.stamp_anchors' }))
})
