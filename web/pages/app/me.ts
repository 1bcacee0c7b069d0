import { getRouteApi } from '@tanstack/react-router'
import type { Me } from '../../../src/people/contract.ts'

const shell = getRouteApi('/shell')

/** Who is looking. Only pages inside the shell may ask; there it is always somebody. */
export function useMe(): Me {
  return shell.useRouteContext().me
}
