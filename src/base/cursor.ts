import { fail } from './errors.ts'

/** Where a page ended, as text that a caller hands back to go on from there. */
export function writeCursor(values: (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/** A cursor is ours, but comes back from outside: what `accept` does not recognise is `request.invalid`. */
export function readCursor<T>(cursor: string, accept: (values: unknown[]) => T | null): T {
  let found: T | null = null
  try {
    const values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown
    if (Array.isArray(values)) found = accept(values)
  } catch (error) {
    throw fail('request.invalid', { cursor: 'unreadable' }, error)
  }
  if (found === null) throw fail('request.invalid', { cursor: 'unreadable' })
  return found
}
