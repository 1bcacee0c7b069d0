import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The account PostgreSQL runs as when it is not ours: it refuses to run as root. */
export type Account = { uid: number; gid: number; name: string }

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The unprivileged account for a new cluster; undefined means our own. */
export function unprivileged(): Account | undefined {
  if (!isRoot()) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(account => account.uid > 0)
  const found = ['postgres', 'nobody'].map(name => accounts.find(a => a.name === name)).find(a => a)
  if (found) return found
  throw new Error(
    'PostgreSQL refuses to run as root and /etc/passwd has neither "postgres" nor "nobody": create one (useradd --system postgres) or start Tongjian as an ordinary user',
  )
}

/** The account an existing cluster runs as, which is its owner's; undefined means our own. */
export function ownerOf(folder: string): Account | undefined {
  const { uid, gid } = statSync(folder)
  const own = process.getuid?.()
  if (own === 0 && uid === 0) return unprivileged()
  if (own === undefined || own === uid) return undefined
  if (own === 0) return { uid, gid, name: `uid ${uid}` }
  throw new Error(
    `${folder} belongs to user ${uid}, and you are user ${own}: start Tongjian as that user or as root`,
  )
}

/** Whether the account can walk down to this folder: every folder on the way must let it pass. */
export function canReach(folder: string, account: Account | undefined): boolean {
  if (!account) return true
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if (!mayPass(at, account)) return false
    if (at === dirname(at)) return true
  }
}

function mayPass(folder: string, account: Account): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === account.uid) return (mode & 0o100) !== 0
  if (gid === account.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}
