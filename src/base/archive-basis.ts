import { fail } from './errors.ts'

const SHORTEST = 8
const LONGEST = 500

/**
 * The law on which refused bodies are archived all the same, or undefined. Keeping what a customer refused needs a law that
 * demands it, written down before the first message is kept (decision 014): `config.invalid` without one.
 */
export function archiveBasis(
  onRefusal: 'metadata' | 'archive',
  basis: string | undefined,
): string | undefined {
  if (onRefusal === 'metadata') return undefined
  if (basis !== undefined && basis.length >= SHORTEST && basis.length <= LONGEST) return basis
  throw fail('config.invalid', {
    hint: `TONGJIAN_ON_REFUSAL=archive needs TONGJIAN_ARCHIVE_BASIS, in ${SHORTEST} to ${LONGEST} characters: the law and article that oblige you to keep the records (see .env.example)`,
  })
}
