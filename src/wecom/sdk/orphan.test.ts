import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startChild } from '../../../test/support/child.ts'
import { standIn } from '../../../test/support/finance-sdk.ts'
import { testFolder } from '../../../test/support/folder.ts'

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a server killed while the library hangs leaves no process with the secret behind', async () => {
  const stand = standIn(testFolder(), 'http://127.0.0.1:9')
  stand.misbehave('GetChatData hang - -1')
  const parent = startChild(`
    const { SdkProcess } = await import(${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))})
    const sdk = new SdkProcess({ library: ${JSON.stringify(stand.library)}, known: ['${stand.sha256}'], corpid: 'ww1', secret: 's' })
    const network = { proxy: '', passwd: '', timeout: 5 }
    sdk.call({ op: 'decrypt', items: [] }, 30000).then(() => {
      process.stdout.write(sdk.vitals().pid + '\\n')
      return sdk.call({ op: 'pull', seq: 0, limit: 1, network }, 600000)
    }).catch(error => process.stderr.write(String(error)))
  `)
  onTestFinished(() => parent.kill())
  const pid = Number(await parent.line())
  expect(lives(pid), parent.complaint()).toBe(true)
  const deadline = performance.now() + 30_000
  while (!stand.log().some(line => line.startsWith('GetChatData')) && performance.now() < deadline)
    await wait(20)
  parent.kill()
  await parent.ended
  while (lives(pid) && performance.now() < deadline) await wait(20)
  expect(lives(pid)).toBe(false)
})
