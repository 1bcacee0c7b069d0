import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { authorization, type Signable } from './sigv4.ts'

// The examples of "Signature Calculations for the Authorization Header" in the Amazon S3 API reference.
const KEY = {
  keyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const request = (more: Partial<Signable> & { body?: string }): Signable => {
  const bodyHash = hash('sha256', more.body ?? '')
  return {
    method: 'GET',
    path: '/',
    query: [],
    bodyHash,
    ...more,
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': bodyHash,
      'x-amz-date': '20130524T000000Z',
      ...more.headers,
    },
  }
}
const CASES: [string, Signable, string, string][] = [
  [
    'GET Object',
    request({ path: '/test.txt', headers: { range: 'bytes=0-9' } }),
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT Object',
    request({
      method: 'PUT',
      path: '/test$file.text',
      body: 'Welcome to Amazon S3.',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    }),
    'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'GET Bucket Lifecycle',
    request({ query: [['lifecycle', '']] }),
    'host;x-amz-content-sha256;x-amz-date',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'Get Bucket (List Objects)',
    request({
      query: [
        ['prefix', 'J'],
        ['max-keys', '2'],
      ],
    }),
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
]

test.each(CASES)('the published example %s has the published signature', (_, asked, signed, signature) => {
  expect(authorization(asked, KEY)).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed},Signature=${signature}`,
  )
})
