import type { FaultKind } from '../sim/index.ts'
import type { Week } from './week.ts'

/** One thing that goes wrong; returns how often it really did. */
export type Incident = { name: string; slow?: boolean; happen(week: Week): Promise<number> }

const DAY_MS = 86_400_000

/** Pulls meet it twice, files once. */
function pulls(kind: FaultKind, options: { slow?: boolean } = {}): Incident {
  return {
    name: `拉取 ${kind}`,
    ...options,
    happen: week =>
      counted(week, kind, async () => {
        week.sim.world.faults.add({
          kind,
          endpoint: 'getchatdata',
          times: 2,
          ...(kind === 'slow' ? { delayMs: 1500 } : {}),
        })
        await week.talk()
        await until(() => !week.sim.world.faults.list().some(one => one.kind === kind))
      }),
  }
}

function files(kind: FaultKind): Incident {
  return {
    name: `原件 ${kind}`,
    happen: week =>
      counted(week, kind, async () => {
        week.sim.world.faults.add({
          kind,
          endpoint: 'getchatmediadata',
          times: 1,
          ...(kind === 'slow' ? { delayMs: 1500 } : {}),
        })
        await week.talk()
        await until(() => !week.sim.world.faults.list().some(one => one.kind === kind))
      }),
  }
}

/** Changes among people while their callbacks go wrong, and talk beside them. */
function callbacks(kind: FaultKind): Incident {
  return {
    name: `回调 ${kind}`,
    happen: week =>
      counted(week, kind, async () => {
        const { world } = week.sim
        world.faults.add({ kind, times: 2, ...(kind === 'callback_slow' ? { delayMs: 1500 } : {}) })
        const staff = world.people.advisers[0]?.userid ?? ''
        for (let i = 0; i < 3; i++) world.addContact(staff, world.newContact(`新客户${kind}${i}`))
        await week.talk()
        await world.callbacks.idle()
      }),
  }
}

function library(name: string, ...lines: string[]): Incident {
  return {
    name: `SDK ${name}`,
    happen: async week => {
      week.stand.misbehave(...lines)
      await week.talk()
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
  }
}

async function counted(week: Week, kind: FaultKind, work: () => Promise<void>): Promise<number> {
  const before = week.sim.world.faults.injected()[kind] ?? 0
  await work()
  await week.house.untilCaughtUp(week.sim.world.archive.latest(1)[0]?.seq ?? 0)
  return (week.sim.world.faults.injected()[kind] ?? 0) - before
}

/** In the order of the week. */
export const INCIDENTS: readonly Incident[] = [
  { name: '寻常一日', happen: async week => week.talk().then(() => 0) },
  pulls('-1'),
  pulls('40014'),
  pulls('42001'),
  pulls('token_expiry'),
  pulls('45009', { slow: true }),
  pulls('60020'),
  pulls('301042'),
  pulls('301058'),
  pulls('10001'),
  pulls('10002'),
  pulls('10003'),
  pulls('10009'),
  pulls('10011'),
  pulls('cut'),
  pulls('slow'),
  pulls('http500'),
  pulls('down'),
  files('cut'),
  files('slow'),
  files('http500'),
  files('301048'),
  marked('md5_empty'),
  marked('md5_wrong'),
  marked('clock_skew'),
  callbacks('callback_slow'),
  callbacks('callback_truncated'),
  callbacks('callback_duplicate'),
  callbacks('callback_out_of_order'),
  callbacks('callback_lost'),
  callbacks('callback_forged'),
  library('拉取时崩溃', 'GetChatData abort - 2'),
  library('解密时崩溃', 'DecryptData abort - 1'),
  library('取原件时崩溃', 'GetMediaData abort - 1'),
  library('内存越界', 'GetChatData segv - 1'),
  rotation('密钥轮换（私钥先放好）', true),
  rotation('密钥轮换（私钥先放好，再次）', true),
  rotation('密钥轮换（私钥后补）', false),
  {
    name: '数据库被杀',
    happen: async week => {
      await week.talk()
      await week.house.killDatabase()
      await week.talk()
      return 1
    },
  },
  {
    name: '持锁进程被杀，备机接管',
    happen: async week => {
      await week.house.standBy()
      await week.talk()
      await week.house.killServer()
      await week.talk()
      await week.house.untilCaughtUp(week.sim.world.archive.latest(1)[0]?.seq ?? 0)
      await week.house.start()
      await week.house.endStandby()
      return 1
    },
  },
  {
    name: '停机四天',
    happen: async week => {
      await week.house.stop()
      const now = week.sim.world.now()
      for (const days of [3, 2, 1, 0])
        week.sim.world.simulateDay({ messages: 60, endAt: now - days * DAY_MS })
      await week.talk()
      await week.house.start()
      return 1
    },
  },
]

function marked(kind: FaultKind): Incident {
  return {
    name: `世界 ${kind}`,
    happen: week =>
      counted(week, kind, async () => {
        week.sim.world.faults.add({ kind, times: 2, ...(kind === 'clock_skew' ? { skewMs: 90_000 } : {}) })
        await week.talk()
      }),
  }
}

function rotation(name: string, ready: boolean): Incident {
  return {
    name,
    happen: async week => {
      const key = week.rotate()
      if (ready) key.lay()
      await week.talk()
      if (ready) return 1
      await week.house.untilCaughtUp(week.sim.world.archive.latest(1)[0]?.seq ?? 0)
      key.lay()
      await week.house.run('quarantine', 'retry')
      return 1
    },
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 180_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('the fault was never met')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
