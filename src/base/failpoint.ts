/**
 * Places where a test may kill this process, to prove that nothing is lost there. Armed only by
 * `TONGJIAN_FAILPOINT=name[:nth]`, which `.env.example` does not mention and production never sets.
 */
let armed: { name: string; countdown: number } | undefined

export function armFailpoint(setting: string | undefined): void {
  if (!setting) return
  const [name = '', nth] = setting.split(':')
  armed = { name, countdown: Number(nth ?? 1) }
}

/** Die here, at once and without clean-up, when this point is armed and its turn has come. */
export function failpoint(name: FailpointName): void {
  if (armed?.name !== name) return
  armed.countdown -= 1
  if (armed.countdown <= 0) process.kill(process.pid, 'SIGKILL')
}

export type FailpointName =
  | 'capture.pulled'
  | 'capture.appended'
  | 'capture.before_commit'
  | 'capture.committed'
  | 'media.slice'
  | 'media.stored'
  | 'notary.sealing'
  | 'notary.committed'
  | 'monitor.detecting'
  | 'monitor.behaviour_noted'
  | 'purge.part'
  | 'purge.part_committed'
  | 'purge.file'
  | 'purge.before_certificate'
  | 'keys.batch'
  | 'keys.retiring'
  | 'keys.retired'
  | 'keys.swapping'
  | 'evidence.building'
  | 'evidence.built'
