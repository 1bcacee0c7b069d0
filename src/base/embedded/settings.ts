import { chownSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './account.ts'

/** For two cores and at most 1 GB; an operator with more writes `local.conf` in the cluster folder. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  password_encryption: 'scram-sha-256',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  effective_cache_size: '512MB',
  max_wal_size: '2GB',
  wal_compression: 'on',
  jit: 'off',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
  // Content must never reach the log. An ERROR may quote a value ("invalid input syntax for type …"), so only what the
  // server says of itself is logged (LOG, FATAL, PANIC stand above ERROR here); the client still gets its error.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_temp_files: '-1',
}

/** A test's cluster is thrown away, so it need not survive a power cut. */
const THROWAWAY = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  // A vacuum worker is the superuser's: a test that drops its database may not end it, and fails.
  autovacuum: 'off',
}

const INCLUDES = "include = 'tongjian.conf'\ninclude_if_exists = 'local.conf'\n"
const HBA = 'host all all 127.0.0.1/32 scram-sha-256\n'

/** Write our settings before each start, so that an upgrade of Tongjian brings its own; initdb's stay beneath them. */
export function writeSettings(cluster: string, account: Account | undefined, throwaway: boolean): void {
  const settings = { ...SETTINGS, ...(throwaway ? THROWAWAY : {}) }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`)
  const note = '# Written by Tongjian at every start; put your own settings in local.conf beside this file.'
  write(join(cluster, 'tongjian.conf'), `${[note, ...lines].join('\n')}\n`, account)
  write(join(cluster, 'pg_hba.conf'), HBA, account)
  const main = join(cluster, 'postgresql.conf')
  const before = readFileSync(main, 'utf8')
  if (!before.endsWith(INCLUDES)) write(main, `${before}\n${INCLUDES}`, account)
}

function write(file: string, text: string, account: Account | undefined): void {
  writeFileSync(file, text, { mode: 0o600 })
  if (account) chownSync(file, account.uid, account.gid)
}
