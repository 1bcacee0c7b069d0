import { createHash } from 'node:crypto'
import type { World } from './world.ts'

/** Of whose secret the token is: 会话内容存档, the application, 通讯录同步. */
export type Permission = 'archive' | 'app' | 'sync'
export type Tokens = {
  issue(corpid: string, secret: string, ip?: string): { token: string; expiresIn: number } | number
  /** The permission, or the errcode that refuses. */
  check(token: string | undefined): Permission | number
  invalidate(): void
}

/** Nobody publishes how many wrong secrets bar an address; the hour is in the note on 45009 (wecom-api.md §1.1). */
const WRONG_SECRETS = 20
const BARRED_MS = 3600_000

/** One token per secret, the same as long as it is valid (wecom-api.md §1.1). */
export function createTokens(world: World, ttlSeconds: number): Tokens {
  const issued = new Map<string, { permission: Permission; until: number }>()
  const wrong = new Map<string, number[]>()
  let salt = 0
  const recentlyWrong = (ip: string): number[] =>
    (wrong.get(ip) ?? []).filter(at => at > world.now() - BARRED_MS)
  return {
    issue: (corpid, secret, ip = '') => {
      if (recentlyWrong(ip).length >= WRONG_SECRETS) return 45009
      if (corpid !== world.corpid) return 40013
      const permission = permissionOf(world, secret)
      if (!permission) {
        wrong.set(ip, [...recentlyWrong(ip), world.now()])
        return 40001
      }
      if (permission === 'app' && !world.ip.allows('app', ip)) return 60020
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

function permissionOf(world: World, secret: string): Permission | undefined {
  const { archive, app, sync } = world.secrets
  return secret === archive ? 'archive' : secret === app ? 'app' : secret === sync ? 'sync' : undefined
}
