import { createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../base/index.ts'
import { type DecryptPool, openDecryptPool } from './decrypt-pool.ts'

type Held = { versions: Set<number>; pool: DecryptPool; running: Set<Promise<unknown>> }

/**
 * Decryption with the private keys of a folder. WeCom seals with a new key from the minute its public half is uploaded
 * (wecom-api.md §3.2), so a record of a version not held makes the folder be read again: the operator adds N.pem and
 * nothing needs a restart.
 */
export function openKeyFolder(folder: string): DecryptPool {
  let held = hold(folder)
  const current = (records: { publickey_ver: number }[]): Held => {
    if (records.every(record => held.versions.has(record.publickey_ver))) return held
    const keys = loadArchiveKeys(folder)
    if ([...keys.keys()].every(version => held.versions.has(version))) return held
    const old = held
    held = { versions: new Set(keys.keys()), pool: openDecryptPool(keys), running: new Set() }
    // Batches under way end where they began.
    void Promise.allSettled(old.running).then(() => old.pool.close())
    return held
  }
  const within = async <T>(one: Held, work: Promise<T>): Promise<T> => {
    one.running.add(work)
    return work.finally(() => one.running.delete(work))
  }
  return {
    decrypt: async records => {
      const one = current(records)
      return within(one, one.pool.decrypt(records))
    },
    unwrap: async records => {
      const one = current(records)
      return within(one, one.pool.unwrap(records))
    },
    close: () => held.pool.close(),
  }
}

function hold(folder: string): Held {
  const keys = loadArchiveKeys(folder)
  return { versions: new Set(keys.keys()), pool: openDecryptPool(keys), running: new Set() }
}

/** Private keys by publickey_ver, from `<folder>/<version>.pem`. Old versions stay: history was sealed with them.
 * @throws config.invalid naming the file that is no key. */
export function loadArchiveKeys(folder: string): Map<number, KeyObject> {
  const keys = new Map<number, KeyObject>()
  if (!existsSync(folder)) return keys
  for (const name of readdirSync(folder)) {
    const version = /^(\d+)\.pem$/.exec(name)?.[1]
    if (version) keys.set(Number(version), readKey(join(folder, name)))
  }
  return keys
}

function readKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (error) {
    throw fail('config.invalid', { hint: `${file} is no PEM private key without a passphrase` }, error)
  }
}
