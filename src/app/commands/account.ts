import { parseArgs } from 'node:util'
import type { Config, Log } from '../../base/index.ts'
import { role } from '../../people/contract.ts'
import { addAccount, disableAccount, resetPassword } from '../../people/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { type Io, shellUser } from './io.ts'

const USAGE = `用法：
  account add 用户名 角色 [--name 显示姓名] [--userid 企微账号] [--department 编号]…
  account reset 用户名      换新密码，原有登录全部失效
  account disable 用户名    停用，原有登录全部失效
角色：officer lead risk supervisor adviser admin auditor inspector（supervisor 至少要有一个 --department）`

/** Accounts are made and unmade in the shell. A password is generated here, shown once and written down nowhere. */
export async function accountCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      userid: { type: 'string' },
      department: { type: 'string', multiple: true },
    },
  })
  const [what, username, roleName] = positionals
  const wanted = role.safeParse(roleName)
  if (!username || !['add', 'reset', 'disable'].includes(what ?? '') || (what === 'add' && !wanted.success)) {
    io.err(USAGE)
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    if (what === 'disable') return await disable(premises, io, username)
    if (what === 'reset')
      return shown(io, await resetPassword(premises.db, shellUser(premises.house), username))
    const input = {
      username,
      name: values.name ?? username,
      role: wanted.data ?? 'adviser',
      departments: (values.department ?? []).map(Number),
      userid: values.userid ?? null,
    }
    return shown(io, await addAccount(premises.db, shellUser(premises.house), input))
  } finally {
    await premises.close()
  }
}

async function disable(premises: Premises, io: Io, username: string): Promise<number> {
  await disableAccount(premises.db, shellUser(premises.house), username)
  io.out(`账号 ${username} 已停用`)
  return 0
}

function shown(io: Io, made: { username: string; password: string }): number {
  io.out(`账号 ${made.username}  密码 ${made.password}`)
  io.err('密码只显示这一次，不作保存')
  return 0
}
