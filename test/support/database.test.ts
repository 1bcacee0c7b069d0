import { expect, test } from 'vitest'
import { freshDatabase, sharedDatabase } from './database.ts'
import { ask } from './embedded.ts'

const shared = sharedDatabase()

test('a database is shared by the tests of a file and reached as each of the three roles', async () => {
  for (const [url, role] of [
    [shared.ownerUrl, 'tongjian_owner'],
    [shared.appUrl, 'tongjian_app'],
    [shared.purgeUrl, 'tongjian_purge'],
  ] as const) {
    expect(await ask(url, 'SELECT current_user AS role, current_database() AS name')).toEqual([
      { role, name: shared.name },
    ])
  }
})

test('it holds the whole schema', async () => {
  expect(await ask(shared.ownerUrl, 'SELECT count(*) > 0 AS migrated FROM schema_migration')).toEqual([
    { migrated: true },
  ])
})

test('databases asked for at the same time are apart, and one that is dropped is gone', async () => {
  const made = await Promise.all([1, 2, 3, 4].map(() => freshDatabase()))
  expect(new Set(made.map(database => database.name)).size).toBe(4)
  await ask(made[0]!.ownerUrl, 'CREATE TABLE only_here ()')
  expect(await ask(made[1]!.ownerUrl, "SELECT to_regclass('only_here') AS here")).toEqual([{ here: null }])
  await Promise.all(made.map(database => database.drop()))
  await expect(ask(made[0]!.ownerUrl, 'SELECT 1')).rejects.toThrow('does not exist')
})
