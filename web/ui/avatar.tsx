import type { Party } from '../../src/people/contract.ts'

/** The first character on a tint: staff blue, everyone else grey. */
export function Avatar({ of, small = false }: { of: Pick<Party, 'name' | 'kind'>; small?: boolean }) {
  const initial = [...of.name.replace(/^[「『《(（"]+/, '')][0] ?? '·'
  return (
    <span
      className={`avatar${of.kind === 'staff' ? ' staff' : ''}${small ? ' small' : ''}`}
      aria-hidden="true"
    >
      {initial}
    </span>
  )
}
