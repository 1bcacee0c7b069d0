import type { StageClock } from '../notary/index.ts'

/** Rows asked for at once: few enough that their opened bodies are no weight, many enough that a round trip is none. */
const SLICE = 512

export function slices<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / SLICE) }, (_, i) =>
    items.slice(i * SLICE, (i + 1) * SLICE),
  )
}

/** Each part with its rows, asked for while those before are worked on: PostgreSQL and this process work abreast. */
export async function* ahead<T, R>(
  parts: readonly T[],
  readAhead: (part: T) => Promise<R>,
  clock: StageClock,
): AsyncGenerator<[T, R]> {
  const ask = (i: number): Promise<R> | undefined => {
    const part = parts[i]
    const asked = part === undefined ? undefined : readAhead(part)
    // Told where it is awaited; without this a failure before that would end the process.
    asked?.catch(() => undefined)
    return asked
  }
  let coming = ask(0)
  for (const [i, part] of parts.entries()) {
    const asked = coming
    if (!asked) return
    const rows = await clock.time('read', () => asked)
    coming = ask(i + 1)
    yield [part, rows]
  }
}
