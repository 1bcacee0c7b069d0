import { open } from 'node:fs/promises'
import { unreadable, type Verdict } from './verifier/verdict.ts'
import { type VerifyOptions, verifyPackage } from './verifier/verify.ts'
import { openZip } from './verifier/zip.ts'

/** Check a package on disk: the same core as verify.html. No network, no database. Throws only what the disk throws. */
export async function verifyFile(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const files = await openZip({
      size,
      async read(from, to) {
        const bytes = new Uint8Array(Math.max(0, to - from))
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, from)
        return bytes.subarray(0, bytesRead)
      },
    })
    return files === null ? unreadable() : await verifyPackage(files, options)
  } finally {
    await handle.close()
  }
}
