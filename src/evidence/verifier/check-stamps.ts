import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64, textOf, toHex } from './bytes.ts'
import { type PackageFiles, readWhole } from './files.ts'
import { FILES, STAMPS } from './format.ts'
import { attempt, isFields } from './messages.ts'
import { type Checkpoint, type Key, openNote, readCheckpoint } from './note.ts'
import { isPrefix } from './record.ts'
import { readStamp } from './stamp.ts'
import type { Tallies, Verdict } from './verdict.ts'

type Run = {
  files: PackageFiles
  tallies: Tallies
  key: Key | null
  archive: Checkpoint | null
  stamps: Verdict['stamps']
}

/**
 * RFC 3161: that each stamp is about a checkpoint our key signed, whose tree is a prefix of the package's, and the time
 * it tells. So every leaf below its size was there at that time. Who made the stamp is not checked here.
 */
export async function checkStamps(run: Run): Promise<void> {
  for (const file of run.files.names.filter(name => name.startsWith(STAMPS) && name.endsWith('.tsr'))) {
    const stem = file.slice(0, -'.tsr'.length)
    const beside = `${stem}.note`
    const own = run.files.names.includes(beside)
    const note = await read(run, own ? beside : FILES.checkpoint)
    const bytes = await read(run, file)
    const stamp = bytes && readStamp(bytes)
    if (!stamp) run.tallies.bad('stamps', { what: 'stamp.unreadable', file })
    else if (!note || toHex(stamp.imprint) !== toHex(sha256(note)))
      run.tallies.bad('stamps', { what: 'stamp.imprint', file })
    else {
      const size = own ? await earlier(run, note, `${stem}.json`) : (run.archive?.size ?? null)
      if (size === null) {
        run.tallies.bad('stamps', { what: 'stamp.checkpoint', file: own ? beside : file })
        continue
      }
      run.tallies.good('stamps')
      run.stamps.push({ file, at: stamp.at, policy: stamp.policy, size })
    }
  }
}

function read(run: Run, file: string): Promise<Uint8Array | null> {
  return readWhole(run.files, file).catch(() => null)
}

/** How many leaves the stamped checkpoint had; null unless it is a signed earlier state of the package's own log. */
async function earlier({ files, key, archive }: Run, note: Uint8Array, link: string): Promise<number | null> {
  const text = key && openNote(textOf(note), key)
  const stamped = text ? readCheckpoint(text) : null
  const bytes = await readWhole(files, link).catch(() => null)
  const told = bytes && attempt(() => JSON.parse(textOf(bytes)) as unknown)
  if (!stamped || !archive || !isFields(told) || !Array.isArray(told.consistency)) return null
  const path = told.consistency.map(hash => (typeof hash === 'string' ? fromBase64(hash) : null))
  if (stamped.origin !== archive.origin || path.some(hash => !hash)) return null
  const claim = {
    ...{ first: stamped.size, second: archive.size, firstRoot: stamped.root, secondRoot: archive.root },
    path: path.filter(hash => hash !== null && hash !== undefined),
  }
  return isPrefix(claim) ? stamped.size : null
}
