import { constants } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { fail } from './errors.ts'
import { newId } from './ids.ts'

/**
 * Bytes by name, outside the database. Four functions, so that an object store with retention locks can stand in for
 * the folder (decision 3 of issue "An archive that stands up in court").
 */
export type Blobs = {
  /** Write all or nothing, durable when it returns. Replaces what stood there. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** The bytes, or null when there is nothing by that name. */
  get(name: string): Promise<Buffer | null>
  remove(name: string): Promise<void>
  /** Where it is, for messages to the operator. */
  where: string
}

/** Blobs as files below `folder`. Names are relative paths with forward slashes and may not leave the folder. */
export function folderBlobs(folder: string): Blobs {
  const fileOf = (name: string): string => {
    const file = normalize(join(folder, name))
    if (!file.startsWith(normalize(folder) + sep)) throw fail('blob.missing', { name })
    return file
  }
  return {
    where: folder,
    async put(name, bytes) {
      const file = fileOf(name)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const draft = `${file}.${newId()}.tmp`
      const handle = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, file)
    },
    async get(name) {
      try {
        return await readFile(fileOf(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    async remove(name) {
      await rm(fileOf(name), { force: true })
    },
  }
}
