/** One page of a list; the cursor is opaque to the caller and empty at the end. */
export function paged<T>(
  rows: readonly T[],
  cursor: string,
  limit: number,
): { page: T[]; next_cursor: string } {
  const from = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64url').toString()) || 0
  const next = from + limit
  return {
    page: rows.slice(from, next),
    next_cursor: next < rows.length ? Buffer.from(String(next)).toString('base64url') : '',
  }
}
