import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  newId,
  now,
  open,
  seal,
  systemActor,
  type Tx,
} from '../base/index.ts'
import { record } from '../trail/index.ts'
import { authorise, can } from './can.ts'
import { type NewAccount, newAccount, type Role } from './contract.ts'
import { hashPassword, newPassword } from './password.ts'
import {
  type AccountRow,
  bindUserid,
  deleteSessionsOf,
  insertAccount,
  markDisabled,
  selectAccount,
  selectActive,
  updatePassword,
} from './store.ts'

/** NIST SP 800-63B asks for 15 where the password is the only factor; what we generate has 20. */
const SHORTEST_PASSWORD = 12

/** Make an account. There is no default password anywhere: the caller brings one, or `addAccount` generates it. */
export async function createAccount(
  tx: Tx,
  actor: Actor,
  input: NewAccount & { password: string },
): Promise<{ id: string }> {
  authorise(actor, 'account.create')
  if (input.password.length < SHORTEST_PASSWORD) {
    throw fail('request.invalid', { hint: `the password needs ${SHORTEST_PASSWORD} characters or more` })
  }
  const account = checked(input)
  const id = await insert(tx, actor, account, await hashPassword(input.password))
  if (id === null) throw fail('request.invalid', { hint: 'this username is taken' })
  return { id }
}

/** For the shell: make an account with a password generated here, to be shown once and written down nowhere. */
export async function addAccount(
  db: Db,
  actor: Actor,
  input: NewAccount,
): Promise<{ username: string; password: string }> {
  const password = newPassword()
  await inTransaction(db, tx => createAccount(tx, actor, { ...input, password }))
  return { username: input.username, password }
}

const DEMO: { username: Role; name: string }[] = [
  { username: 'officer', name: '林晓雯' },
  { username: 'lead', name: '周明远' },
  { username: 'risk', name: '顾怀瑾' },
  { username: 'supervisor', name: '陈立群' },
  { username: 'adviser', name: '林悦' },
  { username: 'admin', name: '何志强' },
  { username: 'auditor', name: '秦若兰' },
]

/**
 * The demo's accounts, all with one password, set anew at every start. Refused anywhere but in a demo, so that no
 * production system ever has an account whose name and password are known.
 */
export async function ensureDemoAccounts(
  db: Db,
  house: House,
  password: string,
  people: { supervisorOf: number; userids?: Partial<Record<Role, string>> } = { supervisorOf: 1 },
): Promise<string[]> {
  if (!house.demo) throw fail('config.invalid', { hint: 'demo accounts exist in a demo only' })
  const actor = systemActor(house, 'demo')
  const hash = await hashPassword(password)
  await inTransaction(db, async tx => {
    for (const { username, name } of DEMO) {
      const departments = username === 'supervisor' ? [people.supervisorOf] : []
      const userid = people.userids?.[username] ?? null
      const made = await insert(
        tx,
        actor,
        checked({ username, name, role: username, departments, userid }),
        hash,
      )
      if (made !== null) continue
      await updatePassword(tx, house.corp, username, hash)
      if (userid !== null) await bindUserid(tx, house.corp, username, userid)
    }
  })
  return DEMO.map(account => account.username)
}

/** For the shell: a new generated password for somebody who lost his. Every session of his ends. */
export async function resetPassword(
  db: Db,
  actor: Actor,
  username: string,
): Promise<{ username: string; password: string }> {
  authorise(actor, 'account.create')
  const password = newPassword()
  const hash = await hashPassword(password)
  await inTransaction(db, async tx => {
    const account = await selectAccount(tx, actor.house.corp, username)
    if (!account) throw fail('thing.missing', { account: username })
    await updatePassword(tx, actor.house.corp, username, hash)
    await deleteSessionsOf(tx, actor.house.corp, account.id)
    await record(tx, actor, {
      verb: 'password.reset',
      thing: { kind: 'account', id: account.id },
      detail: { username },
    })
  })
  return { username, password }
}

/** For the shell: nobody signs in as this any more, and who is signed in is out. The account stays: the trail names it. */
export async function disableAccount(db: Db, actor: Actor, username: string): Promise<void> {
  authorise(actor, 'account.create')
  await inTransaction(db, async tx => {
    const account = await selectAccount(tx, actor.house.corp, username)
    if (!account) throw fail('thing.missing', { account: username })
    await markDisabled(tx, actor.house.corp, account.id, now())
    await deleteSessionsOf(tx, actor.house.corp, account.id)
    await record(tx, actor, {
      verb: 'account.disabled',
      thing: { kind: 'account', id: account.id },
      detail: { username },
    })
  })
}

/** The name an account shows. */
export async function accountName(db: Db, house: House, account: AccountRow): Promise<string> {
  const own = await house.keys.own(db)
  const plain = open(own.key, account.sealed, accountContext(house, account.id)).toString()
  return (JSON.parse(plain) as { name: string }).name
}

/** Names behind usernames, for what is printed; an account that is not there keeps its username. */
export async function accountNames(
  db: Db,
  house: House,
  usernames: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const username of new Set(usernames)) {
    const account = await selectAccount(db, house.corp, username)
    names.set(username, account ? await accountName(db, house, account) : username)
  }
  return names
}

/** Everybody who may decide alerts, as they would act, with the names their accounts show. */
export async function decidersOf(db: Db, house: House): Promise<{ actor: Actor; name: string }[]> {
  const found = []
  for (const account of await selectActive(db, house.corp)) {
    const { username, role, id, userid, departments } = account
    const actor: Actor = {
      house,
      kind: 'person',
      name: username,
      role,
      accountId: id,
      userid,
      departments,
    }
    if (can(actor, 'alert.decide')) found.push({ actor, name: await accountName(db, house, account) })
  }
  return found
}

function checked(input: NewAccount) {
  const parsed = newAccount.safeParse(input)
  if (!parsed.success) {
    const hint = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw fail('request.invalid', { hint })
  }
  if (parsed.data.role === 'supervisor' && parsed.data.departments.length === 0) {
    throw fail('request.invalid', { hint: 'a supervisor needs the departments he is limited to' })
  }
  return parsed.data
}

/** Null when the username is taken. */
async function insert(
  tx: Tx,
  actor: Actor,
  account: ReturnType<typeof checked>,
  passwordHash: string,
): Promise<string | null> {
  const { house } = actor
  const own = await house.keys.own(tx)
  const id = newId()
  const { username, role, userid, departments, name } = account
  const sealed = seal(own.key, JSON.stringify({ name }), accountContext(house, id))
  const row = { id, username, passwordHash, role, userid, departments, sealed, createdAt: now() }
  if (!(await insertAccount(tx, house.corp, row))) return null
  await record(tx, actor, {
    verb: 'account.created',
    thing: { kind: 'account', id },
    detail: { username, role },
  })
  return id
}

function accountContext(house: House, id: string): string {
  return `account|${house.corp}|${id}`
}
