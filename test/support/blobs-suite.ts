import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Blobs } from '../../src/base/index.ts'

/** What every place for blobs must do. `make` opens one; names of a run never meet those of another. */
export function blobsSuite(what: string, make: () => Promise<Blobs>): void {
  const run = randomBytes(6).toString('hex')
  const name = (rest: string): string => `suite-${run}/${rest}`

  describe(`blobs in ${what}`, () => {
    test('what was put is got, byte for byte: nothing, everything, a megabyte', async () => {
      const blobs = await make()
      for (const [i, bytes] of [
        Buffer.alloc(0),
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        randomBytes(1_048_576),
      ].entries()) {
        await blobs.put(name(`bytes/${i}`), bytes)
        expect((await blobs.get(name(`bytes/${i}`)))?.equals(bytes)).toBe(true)
      }
    })

    test('a view of a larger buffer is put as the view', async () => {
      const blobs = await make()
      await blobs.put(name('view'), new Uint8Array(Buffer.from('abcdef')).subarray(2, 4))
      expect((await blobs.get(name('view')))?.toString()).toBe('cd')
    })

    test('a second put replaces the first', async () => {
      const blobs = await make()
      await blobs.put(name('twice'), Buffer.from('the first, longer one'))
      await blobs.put(name('twice'), Buffer.from('second'))
      expect((await blobs.get(name('twice')))?.toString()).toBe('second')
    })

    test('what is not there is null, also below something that is', async () => {
      const blobs = await make()
      await blobs.put(name('there'), Buffer.from('x'))
      expect(await blobs.get(name('not/there'))).toBe(null)
      expect(await blobs.get(name('the'))).toBe(null)
    })

    test('removed is gone, and may be removed again', async () => {
      const blobs = await make()
      await blobs.put(name('gone'), Buffer.from('x'))
      await blobs.remove(name('gone'))
      expect(await blobs.get(name('gone'))).toBe(null)
      await blobs.remove(name('gone'))
      await blobs.remove(name('never/was'))
    })

    test('every name the ledger uses, and signs that must be encoded', async () => {
      const blobs = await make()
      const names = ['tile/0/x001/067.p/8', 'stamp/12-0fa3.tsr', 'a b+c&d=e', "it's(1)*!~$", '通鉴', 'a%2Fb']
      for (const each of names) await blobs.put(name(each), Buffer.from(each))
      for (const each of names) expect((await blobs.get(name(each)))?.toString()).toBe(each)
    })

    test('a name may not lead out', async () => {
      const blobs = await make()
      for (const bad of ['../outside', 'a/../../outside', '..'])
        await expect(blobs.put(bad, Buffer.from('x')), bad).rejects.toMatchObject({ code: 'blob.missing' })
    })

    test('many at once', async () => {
      const blobs = await make()
      const all = Array.from({ length: 40 }, (_, i) => name(`many/${i}`))
      await Promise.all(all.map(each => blobs.put(each, Buffer.from(each))))
      const got = await Promise.all(all.map(each => blobs.get(each)))
      expect(got.map(bytes => bytes?.toString())).toEqual(all)
    })

    test('where it is can be told', async () => {
      expect((await make()).where).not.toBe('')
    })
  })
}
