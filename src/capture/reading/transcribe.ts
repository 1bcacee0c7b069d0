import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A voice message lasts a minute at most, a recorded call longer: ten minutes of work, then it is given up. */
const DEADLINE_MS = 600_000
const MOST_BYTES = 1 << 20

/**
 * What the operator's own recogniser makes of a recording: its command with the path of the file after it, run without
 * a shell; it prints the text. The file lies in a folder only we may enter and is gone when the command ends.
 */
export async function transcribe(command: string[], bytes: Buffer): Promise<string> {
  const [program = '', ...given] = command
  const folder = await mkdtemp(join(tmpdir(), 'tongjian-voice-'))
  try {
    const file = join(folder, 'voice')
    await writeFile(file, bytes, { mode: 0o600 })
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const options = {
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MOST_BYTES,
      // No settings, no passwords of ours.
      env: { LANG: 'C.UTF-8', PATH: '/usr/local/bin:/usr/bin:/bin' },
    }
    execFile(program, [...given, file], options, (error, out) => (error ? reject(error) : resolve(out)))
    return (await promise).trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
