import { monotonic } from '../base/index.ts'

/**
 * The stages of a verification. `read`: waiting for rows. `hash`: record hash of every column, commitment of the body,
 * leaf hash. `open`: AES-256-GCM of bodies. `derive`: columns made from the body again. `media`: files and references.
 * `tree`: Merkle nodes, tiles, checkpoints and their signatures.
 */
export type Stage = 'read' | 'hash' | 'open' | 'derive' | 'media' | 'tree'
export type StageClock = {
  time<T>(stage: Stage, work: () => Promise<T>): Promise<T>
  /** For work that never waits. It is also measured in CPU time of this thread, which other processes do not lengthen. */
  sync<T>(stage: Stage, work: () => T): T
  /** Milliseconds by stage. */
  spent(): Record<Stage, number>
  /** CPU milliseconds of what was measured by `sync`. */
  cpu(): Record<Stage, number>
}

const none = (): Record<Stage, number> => ({ read: 0, hash: 0, open: 0, derive: 0, media: 0, tree: 0 })

/** A clock whose stages do not overlap: one thing is done at a time, so that the sum is the time it took. */
export function stageClock(): StageClock {
  const spent = none()
  const cpu = none()
  return {
    async time(stage, work) {
      const began = monotonic()
      try {
        return await work()
      } finally {
        spent[stage] += monotonic() - began
      }
    },
    sync(stage, work) {
      const [began, burnt] = [monotonic(), threadMs()]
      try {
        return work()
      } finally {
        spent[stage] += monotonic() - began
        cpu[stage] += threadMs() - burnt
      }
    },
    spent: () => rounded(spent),
    cpu: () => rounded(cpu),
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function rounded(stages: Record<Stage, number>): Record<Stage, number> {
  return Object.fromEntries(Object.entries(stages).map(([name, ms]) => [name, Math.round(ms)])) as Record<
    Stage,
    number
  >
}
