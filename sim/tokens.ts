import { createHash } from 'node:crypto'
import type { World } from './world.ts'

export type Permission = 'archive' | 'app'
export type Tokens = {
  issue(corpid: string, secret: string): { token: string; expiresIn: number } | number
  /** The permission, or the errcode that refuses. */
  check(token: string | undefined): Permission | number
  invalidate(): void
}

/** One token per secret, the same as long as it is valid (wecom-api.md §1.1). */
export function createTokens(world: World, ttlSeconds: number): Tokens {
  const issued = new Map<string, { permission: Permission; until: number }>()
  let salt = 0
  return {
    issue: (corpid, secret) => {
      if (corpid !== world.corpid) return 40013
      const permission =
        secret === world.secrets.archive ? 'archive' : secret === world.secrets.app ? 'app' : undefined
      if (!permission) return 40001
      const now = world.now()
      for (const [token, one] of issued) {
        const left = Math.floor((one.until - now) / 1000)
        if (one.permission === permission && left > 0) return { token, expiresIn: left }
      }
      const token = createHash('sha512').update(`${secret}/${now}/${salt++}`).digest('base64url')
      issued.set(token, { permission, until: now + ttlSeconds * 1000 })
      return { token, expiresIn: ttlSeconds }
    },
    check: token => {
      if (!token) return 41001
      const found = issued.get(token)
      if (!found) return 40014
      return found.until > world.now() ? found.permission : 42001
    },
    invalidate: () => issued.clear(),
  }
}
