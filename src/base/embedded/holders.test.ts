import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startChild, UNTIL_RELEASED } from '../../../test/support/child.ts'
import { testFolder } from '../../../test/support/folder.ts'
import { hold, holders, inTurn, release } from './holders.ts'
import { runsSince, startOf } from './processes.ts'

const ENTRY = JSON.stringify(join(import.meta.dirname, 'holders.ts'))

test('a turn is had by one at a time, among processes and within one', async () => {
  const folder = join(testFolder(), 'run')
  const note = join(folder, 'note')
  const work = `
    import { appendFileSync } from 'node:fs'
    import { inTurn } from ${ENTRY}
    for (let round = 0; round < 25; round += 1) {
      await inTurn(${JSON.stringify(folder)}, async () => {
        appendFileSync(${JSON.stringify(note)}, 'in ')
        await new Promise(done => setTimeout(done, round % 3))
        appendFileSync(${JSON.stringify(note)}, 'out ')
      })
    }`
  const children = [1, 2, 3, 4].map(() => startChild(work))
  for (const child of children) expect([await child.ended, child.complaint()]).toEqual([0, ''])
  expect(readFileSync(note, 'utf8')).toBe('in out '.repeat(100))

  let inside = 0
  await Promise.all(
    Array.from({ length: 10 }, () =>
      inTurn(folder, async () => {
        inside += 1
        expect(inside).toBe(1)
        await new Promise(done => setImmediate(done))
        inside -= 1
      }),
    ),
  )
  expect(readdirSync(folder)).toEqual(['note'])
})

test('whoever is killed in its turn loses it, and what it held', async () => {
  const folder = join(testFolder(), 'run')
  const child = startChild(`
    import { hold, inTurn } from ${ENTRY}
    await inTurn(${JSON.stringify(folder)}, async () => {
      hold(${JSON.stringify(folder)}, 'server')
      console.log('in')
      ${UNTIL_RELEASED}
    })`)
  onTestFinished(() => child.kill())
  await child.line()
  expect(holders(folder)).toMatchObject([{ pid: child.pid, word: 'server' }])
  let had = false
  const waiting = inTurn(folder, async () => {
    had = true
  })
  await new Promise(done => setImmediate(done))
  expect(had).toBe(false)
  child.kill()
  await waiting
  expect(holders(folder)).toEqual([])
})

test('an error in a turn ends the turn', async () => {
  const folder = join(testFolder(), 'run')
  await expect(inTurn(folder, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await inTurn(folder, async () => 'next')).toBe('next')
})

test('a name left by an earlier process of the same number counts for nothing', async () => {
  const folder = join(testFolder(), 'run')
  const mine = hold(folder, 'server')
  // Process 1 of a container keeps its number over restarts, and may even start at the same tick after a reboot.
  writeFileSync(join(folder, `${process.pid}-${startOf(process.pid)}-0000000000000000.server`), '')
  writeFileSync(join(folder, `${process.ppid}-1-0000000000000000.server`), '')
  writeFileSync(join(folder, 'something else'), '')
  expect(holders(folder).map(holder => holder.name)).toEqual([mine.name])
  release(folder, mine)
  expect(readdirSync(folder)).toEqual(['something else'])
})

test('a process is known by its number and its start', async () => {
  const start = startOf(process.pid) ?? ''
  expect(runsSince(process.pid, start)).toBe(true)
  if (process.platform === 'linux') expect(runsSince(process.pid, '1')).toBe(false)
  expect(startOf(2 ** 31 - 1)).toBeUndefined()
  expect(startOf(0)).toBeUndefined()
  expect(startOf(Number.NaN)).toBeUndefined()
  const child = startChild('')
  await child.ended
  expect(startOf(child.pid)).toBeUndefined()
})
