import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

/** Read a small JSON file; undefined when it is not there. */
export function readJson<T>(file: string, shape: z.ZodType<T>): T | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return shape.parse(JSON.parse(text))
}

/** Write it so that a crash leaves the old file or the new one, readable by its owner only. */
export function writeJson(file: string, value: object): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(fd, `${JSON.stringify(value, null, 2)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(draft, file)
  syncFolder(dirname(file))
}

/** Make a rename or a creation in this folder survive a power cut. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
