import {
  type Config,
  fail,
  inTransaction,
  type KeyStatus,
  keyStatus,
  type Log,
  openDb,
  rewrapAll,
  serversWithout,
} from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { openPremises, type Premises } from '../house.ts'
import { sealNow } from '../services.ts'
import { type Io, shellUser, table } from './io.ts'

const USAGE = '用法：keys status [--json]   或   keys rotate'
const TELL_EVERY = 10_000

/** `keys status`, `keys rotate`: which master key wraps the data keys, and changing it. */
export async function keysCommand(config: Config, log: Log, io: Io, args: string[]): Promise<number> {
  const [what] = args
  if (what !== 'status' && what !== 'rotate') {
    io.err(USAGE)
    return 2
  }
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    if (what === 'status') return await showStatus(premises, io, args.includes('--json'))
    await rotate(premises, io)
    await sealNow(premises)
    return 0
  } finally {
    await premises.close()
  }
}

async function showStatus(premises: Premises, io: Io, json: boolean): Promise<number> {
  const { db, house } = premises
  authorise(shellUser(house), 'system.read')
  const { suite, masters } = house.keys
  const status = await keyStatus(db, house.keys)
  const state = { suite, current: masters.current.id, next: masters.next?.id ?? null, ...status }
  if (json) io.out(JSON.stringify(state))
  else sayStatus(io, state, house.zone)
  return status.unopened === 0 ? 0 : 1
}

type Shown = KeyStatus & { suite: string; current: string; next: string | null }

function sayStatus(io: Io, state: Shown, zone: string): void {
  const day = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const when = (at: number | null): string => (at === null ? '—' : day.format(at))
  const role = (master: string | null): string =>
    master === null ? '旧格式' : master === state.current ? '在用' : master === state.next ? '待换' : ''
  io.out(`算法套件 ${state.suite === 'gm' ? '国密（SM4、SM3、SM2）' : '国际（AES-256、SHA-256、Ed25519）'}`)
  io.out(
    table(
      ['主密钥指纹', '', '封装的数据密钥', '启用', '停用'],
      state.masters.map(one => [
        one.master ?? '未标明',
        role(one.master),
        String(one.keys),
        when(one.since),
        when(one.retiredAt),
      ]),
    ),
  )
  io.out(`数据密钥 ${state.keys} 个，已销毁 ${state.shredded} 个`)
  io.out(
    state.unopened === 0
      ? '全部数据密钥都能打开'
      : `有 ${state.unopened} 个数据密钥打不开：缺少上面对应指纹的主密钥`,
  )
}

/** Wrap all data keys under a new master key, and put it in the old one's place where that is ours to do. */
async function rotate(premises: Premises, io: Io): Promise<void> {
  const { house, config, embedded } = premises
  const actor = shellUser(house)
  authorise(actor, 'key.rotate')
  const ownerUrl = embedded?.ownerUrl() ?? config.databaseOwnerUrl
  if (!ownerUrl) {
    throw fail('config.invalid', {
      hint: 'a rotation changes rows the app may only add to: set DATABASE_OWNER_URL for this command',
    })
  }
  const owner = openDb(ownerUrl, { max: 2, application: 'tongjian-rotate' })
  try {
    const { db } = owner
    const { masters } = house.keys
    const before = masters.current.id
    const to = await masters.prepareNext()
    const without = await serversWithout(db, to)
    if (without.length > 0) {
      throw fail('config.invalid', {
        hint: `a running server (connection ${without.join(', ')}) was not given master key ${to.id}: give it the next key as well and start it again`,
      })
    }
    const { keys, unopened } = await keyStatus(db, house.keys)
    if (unopened > 0) {
      throw fail('key.wrong', {
        hint: `${unopened} data keys are wrapped under a master key that is not here: "keys status" names it; nothing was changed`,
      })
    }
    const thing = { kind: 'key', id: to.id }
    await inTransaction(db, tx =>
      record(tx, actor, { verb: 'keys.rotation_began', thing, detail: { master: to.id, before, keys } }),
    )
    io.err(`由 ${before} 换为 ${to.id}，共 ${keys} 个数据密钥；中途停下可再次运行，从断处继续`)
    const done = await rewrapAll({
      db,
      ring: house.keys,
      to,
      said: count => {
        if (count % TELL_EVERY === 0 && count > 0) io.err(`已重新封装 ${count} 个`)
      },
      within: async (tx, count) =>
        void (await record(tx, actor, {
          verb: 'keys.rotated',
          thing,
          detail: { master: to.id, keys: count },
        })),
    })
    const swapped = await masters.promote()
    io.out(`已重新封装 ${done} 个数据密钥，主密钥现为 ${to.id}`)
    io.out(
      swapped
        ? `旧主密钥存于其旁，文件名以 .retired-${before} 结尾：移到离线保管，恢复旧备份时要用`
        : '把新主密钥设为 TONGJIAN_MASTER_KEY…，去掉 TONGJIAN_NEXT_MASTER_KEY…，逐个重启；旧主密钥离线保管',
    )
  } finally {
    await owner.close()
  }
}
