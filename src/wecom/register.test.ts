import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ENDPOINTS } from './api/index.ts'
import { wecomRegister } from './register.ts'

test('the register in docs/ is the one the program prints', () => {
  const held = readFileSync(join(import.meta.dirname, '../../docs/WECOM-APIS.md'), 'utf8')
  expect(held).toBe(wecomRegister())
})

test('the register names every endpoint once, each in nine cells', () => {
  const rows = wecomRegister()
    .split('\n')
    .filter(line => line.startsWith('| `GET') || line.startsWith('| `POST'))
  expect(rows.length).toBe(ENDPOINTS.length)
  expect(new Set(rows).size).toBe(rows.length)
  expect(rows.filter(row => row.split(' | ').length !== 9)).toEqual([])
})
