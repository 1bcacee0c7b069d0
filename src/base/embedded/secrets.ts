import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, writeJson } from './json-file.ts'

const shape = z.object({ superuser: z.string(), owner: z.string(), app: z.string(), purge: z.string() })
export type Secrets = z.infer<typeof shape>

/** The passwords of the cluster, made on first use. 192 random bits each, in letters that need no escaping in a URL. */
export function clusterSecrets(dataDir: string, clusterExists: boolean): Secrets {
  const folder = join(dataDir, 'secrets')
  const file = join(folder, 'postgres.json')
  const known = readJson(file, shape)
  if (known) return known
  if (clusterExists) {
    throw new Error(`the passwords of the embedded PostgreSQL are gone: restore ${file} from your backup`)
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const made = { superuser: password(), owner: password(), app: password(), purge: password() }
  writeJson(file, made)
  return made
}

function password(): string {
  return randomBytes(24).toString('hex')
}
