import { CARE } from './care.ts'
import { DAILY } from './daily.ts'
import { INNER } from './inner.ts'
import { MARKET } from './market.ts'
import { PRODUCTS } from './products.ts'
import { ROOMS } from './rooms.ts'
import type { Script } from './script.ts'
import { SERVICE } from './service.ts'
import { SUBTLE } from './subtle.ts'
import { ROOM_VIOLATIONS, VIOLATIONS } from './violations.ts'

export { createCasting } from './casting.ts'
export { perform, type Stage } from './perform.ts'
export type { Place, Script } from './script.ts'

/** Everything that can be talked about. */
export const SCRIPTS: readonly Script[] = [
  ...SERVICE,
  ...DAILY,
  ...PRODUCTS,
  ...MARKET,
  ...CARE,
  ...ROOMS,
  ...INNER,
  ...VIOLATIONS,
  ...SUBTLE,
  ...ROOM_VIOLATIONS,
]
