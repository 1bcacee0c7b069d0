import type { Script } from './script.ts'
import { SERVICE } from './service.ts'
import { VIOLATIONS } from './violations.ts'

export { type Casting, createCasting } from './casting.ts'
export { perform, type Stage } from './perform.ts'
export type { Place, Script } from './script.ts'

/** Everything that can be talked about. */
export const SCRIPTS: readonly Script[] = [...SERVICE, ...VIOLATIONS]
