import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of the test's own, that PostgreSQL's account may enter; removed when the test ends. */
export function testFolder(mode = 0o711): string {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-folder-'))
  chmodSync(folder, mode)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return folder
}
