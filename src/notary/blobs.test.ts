import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { blobsSuite } from '../../test/support/blobs-suite.ts'
import { testPremises } from '../../test/support/premises.ts'
import { openS3Server, type S3Server } from '../../test/support/s3-server.ts'
import { folderBlobs, inTransaction, loadConfig, type S3Config } from '../base/index.ts'
import { isFinal, logLeaves, s3Blobs, startSealer, verifyLog } from './index.ts'

const KEY = { keyId: 'AKIDTEST', secret: 'a/secret+of=ours', region: 'cn-north-1' }
const folder = mkdtempSync(join(tmpdir(), 'tongjian-blobs-'))
let server: S3Server
beforeAll(async () => {
  server = await openS3Server(KEY)
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
const configOf = (more: Partial<S3Config> = {}): S3Config => ({
  endpoint: server.endpoint,
  style: 'path',
  bucket: 'bucket',
  prefix: 'some/where',
  lockDays: 0,
  ...KEY,
  ...more,
})
function open(more: Partial<S3Config> = {}) {
  const blobs = s3Blobs(configOf(more), isFinal)
  onTestFinished(() => blobs.close())
  return blobs
}

blobsSuite('a folder', async () => folderBlobs(folder))
blobsSuite('a server that speaks some S3', async () => open())
// A real object store, where one is at hand: http://keyId:secret@host:port/bucket/prefix?region=…&lockDays=…
const real = process.env.TEST_S3_URL
if (real !== undefined) {
  const url = new URL(real)
  const [, bucket = '', ...prefix] = url.pathname.split('/')
  blobsSuite('the object store of TEST_S3_URL', async () =>
    open({
      endpoint: url.origin,
      bucket,
      prefix: prefix.join('/'),
      keyId: decodeURIComponent(url.username),
      secret: decodeURIComponent(url.password),
      region: url.searchParams.get('region') ?? 'us-east-1',
      lockDays: Number(url.searchParams.get('lockDays') ?? 0),
    }),
  )
}

test('what passes is tried again, and five tries are all', async () => {
  const blobs = open()
  server.troubles.push({ status: 503, code: 'SlowDown' }, 'reset', { status: 500, code: 'InternalError' })
  await blobs.put('again', Buffer.from('x'))
  server.troubles.push('half', { status: 429, code: 'TooManyRequests' })
  expect((await blobs.get('again'))?.toString()).toBe('x')
  server.troubles.push(...Array.from({ length: 5 }, () => ({ status: 503, code: 'SlowDown' })))
  await expect(blobs.get('again')).rejects.toMatchObject({
    code: 'blob.unreachable',
    details: { reason: '503 SlowDown' },
  })
  expect(server.troubles).toEqual([])
  await expect(open({ endpoint: 'http://127.0.0.1:1' }).get('x')).rejects.toMatchObject({
    code: 'blob.unreachable',
    details: { reason: 'ECONNREFUSED' },
  })
})

test('a refusal is told at once, with what to do, and never with the secret', async () => {
  const cases: [Partial<S3Config>, string][] = [
    [{ secret: 'wrong' }, 'SignatureDoesNotMatch'],
    [{ region: 'elsewhere' }, 'SignatureDoesNotMatch'],
    [{ keyId: 'NOBODY' }, 'InvalidAccessKeyId'],
    [{ bucket: 'other' }, 'NoSuchBucket'],
  ]
  for (const [wrong, code] of cases) {
    const before = server.asked.length
    for (const work of [
      () => open(wrong).put('x', Buffer.from('x')),
      () => open(wrong).get('x'),
      () => open(wrong).remove('x'),
    ]) {
      const error = await work().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error, code).toMatchObject({ code: 'blob.refused', details: { code } })
      expect(JSON.stringify(error) + String(error)).not.toContain(KEY.secret)
    }
    expect(server.asked.length - before, code).toBe(3)
  }
  server.troubles.push({ status: 400, code: 'InvalidRequest' })
  await expect(open({ lockDays: 1 }).put('archive/tile/0/000', Buffer.alloc(1))).rejects.toThrow(
    'without Object Lock',
  )
})

test('what is final is put under a lock until the day, the rest is not', async () => {
  const blobs = open({ lockDays: 3650 })
  const locks = async (name: string) => {
    await blobs.put(name, Buffer.from('x'))
    const { headers } = server.asked.at(-1)!
    return [headers['x-amz-object-lock-mode'], headers['x-amz-object-lock-retain-until-date']] as const
  }
  for (const name of [
    'archive/tile/0/x001/067',
    'archive/tile/1/000',
    'trail/stamp/7-0a.tsr',
    'archive/stamp/7-0a.note',
    'archive/epoch/1.json',
  ]) {
    const [mode, until] = await locks(name)
    expect(mode, name).toBe('COMPLIANCE')
    const days = (Date.parse(String(until)) - Date.now()) / 86_400_000
    expect(days, name).toBeGreaterThan(3649.9)
    expect(days, name).toBeLessThan(3650.1)
  }
  for (const name of ['archive/checkpoint', 'archive/tile/0/000.p/12', 'verifier'])
    expect(await locks(name), name).toEqual([undefined, undefined])
})

test('a whole ledger lives in the object store, and verifies from there', async () => {
  const premises = await testPremises({
    TONGJIAN_BLOBS: 's3://bucket/house',
    TONGJIAN_S3_ENDPOINT: server.endpoint,
    TONGJIAN_S3_REGION: KEY.region,
    TONGJIAN_S3_KEY_ID: KEY.keyId,
    TONGJIAN_S3_SECRET: KEY.secret,
    TONGJIAN_S3_LOCK_DAYS: '30',
  })
  const { db, house, outside } = premises
  const leaves = Array.from({ length: 300 }, (_, i) => ({
    kind: 'message',
    recordHash: Buffer.alloc(32, i),
    conv: '7',
    sentAt: i,
    ref: `m${i}`,
  }))
  await inTransaction(db, tx => logLeaves(tx, house, 'archive', leaves))
  await startSealer(db, house, outside, ['archive']).stop()
  const report = await verifyLog(db, house, outside, 'archive', async () => [])
  expect(report).toMatchObject({ size: 300, outsideSize: 300, problems: [] })
  const names = [...server.objects.keys()].filter(name => name.startsWith('/bucket/house/archive/'))
  expect(names.toSorted()).toEqual([
    '/bucket/house/archive/checkpoint',
    '/bucket/house/archive/tile/0/000',
    '/bucket/house/archive/tile/0/001.p/44',
    '/bucket/house/archive/tile/1/000.p/1',
  ])
  const tile = Buffer.from(server.objects.get('/bucket/house/archive/tile/0/000') ?? [])
  tile[40 * 32]! ^= 1
  server.objects.set('/bucket/house/archive/tile/0/000', tile)
  const altered = await verifyLog(db, house, outside, 'archive', async () => [])
  expect(altered.problems[0]).toMatchObject({ index: 40 })
})

test('host style puts the bucket before the host; half a configuration is refused', () => {
  expect(open({ style: 'host', endpoint: 'https://oss.example' }).where).toContain(
    'https://bucket.oss.example',
  )
  const env = { TONGJIAN_BLOBS: 's3://bucket/x', TONGJIAN_S3_ENDPOINT: 'https://s3.example' }
  expect(() => loadConfig(env)).toThrow('TONGJIAN_S3_KEY_ID')
  expect(() => loadConfig({ TONGJIAN_BLOBS: 's3://Bucket!' })).toThrow('s3://bucket/prefix')
})
