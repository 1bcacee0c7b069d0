import { expect, test } from 'vitest'
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { emptyRoot } from './merkle.ts'

const refusal = expect.objectContaining({ code: 'ledger.checkpoint_malformed' })

// The example of C2SP tlog-checkpoint.
const EXAMPLE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`

test('the example of C2SP tlog-checkpoint reads and is written back the same', () => {
  const checkpoint = parseCheckpoint(EXAMPLE)
  expect(checkpoint.origin).toBe('example.com/behind-the-sofa')
  expect(checkpoint.size).toBe(20_852_163)
  expect(checkpoint.extra).toEqual([])
  expect(formatCheckpoint(checkpoint)).toBe(EXAMPLE)
})

test('the empty tree and extra lines have a place', () => {
  const checkpoint = { origin: '通鉴.example/存档', size: 0, root: emptyRoot(), extra: ['epoch 2', '附言'] }
  expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint)
})

test('a checkpoint spelt in any other way is refused', () => {
  const [origin, size, root] = EXAMPLE.split('\n') as [string, string, string]
  const wrong = [
    '',
    '\n',
    `${origin}\n${size}\n`,
    EXAMPLE.slice(0, -1),
    `${EXAMPLE}\n`,
    `${EXAMPLE}\nextra\n`,
    `\n${size}\n${root}\n`,
    `${origin}\n0${size}\n${root}\n`,
    `${origin}\n+1\n${root}\n`,
    `${origin}\n-1\n${root}\n`,
    `${origin}\n1e3\n${root}\n`,
    `${origin}\n 1\n${root}\n`,
    `${origin}\n9007199254740992\n${root}\n`,
    `${origin}\n${size}\n${root.slice(0, -1)}\n`,
    `${origin}\n${size}\n${root.slice(0, -2)}J=\n`,
    `${origin}\n${size}\nAAAA\n`,
    EXAMPLE.replaceAll('\n', '\r\n'),
  ]
  for (const text of wrong) expect(() => parseCheckpoint(text), text).toThrow(refusal)
})

test('a checkpoint that could be read in two ways is not written', () => {
  const checkpoint = { origin: 'x', size: 1, root: Buffer.alloc(32) }
  expect(() => formatCheckpoint({ ...checkpoint, origin: '' })).toThrow(refusal)
  expect(() => formatCheckpoint({ ...checkpoint, origin: 'x\n5' })).toThrow(refusal)
  expect(() => formatCheckpoint({ ...checkpoint, extra: [''] })).toThrow(refusal)
  expect(() => formatCheckpoint({ ...checkpoint, extra: ['a\tb'] })).toThrow(refusal)
  expect(() => formatCheckpoint({ ...checkpoint, size: 0.5 })).toThrow(
    expect.objectContaining({ code: 'ledger.range' }),
  )
  expect(() => formatCheckpoint({ ...checkpoint, root: Buffer.alloc(31) })).toThrow(
    expect.objectContaining({ code: 'ledger.hash_length' }),
  )
})
