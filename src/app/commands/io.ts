import { userInfo } from 'node:os'
import { type Actor, type House, shellActor } from '../../base/index.ts'

/** Where a command writes: answers to stdout, everything else to stderr, so that a pipe carries only answers. */
export type Io = { out(line: string): void; err(line: string): void }

export const terminal: Io = {
  out: line => void process.stdout.write(`${line}\n`),
  err: line => void process.stderr.write(`${line}\n`),
}

/** The person at the shell, as the trail knows him. */
export function shellUser(house: House): Actor {
  return shellActor(house, userInfo().username)
}

/** A table for people: columns padded, wide characters counted as two. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(width(title), ...rows.map(row => width(row[i] ?? ''))))
  const line = (cells: string[]): string =>
    cells
      .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map(w => '─'.repeat(w))), ...rows.map(line)].join('\n')
}

function width(text: string): number {
  return [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        char,
      )
        ? 2
        : 1),
    0,
  )
}
