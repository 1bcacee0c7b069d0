import {
  decodeTileLog,
  emptyTileLog,
  encodeTileLog,
  openNote,
  signNote,
  type TileLog,
} from '../../ledger/index.ts'
import type { Outside } from '../../notary/index.ts'

/** The patrol's walks: a round over each log, the newest leaves of each, the bytes of files; and `verify` itself. */
export type Walk = 'archive' | 'trail' | 'newest-archive' | 'newest-trail' | 'files' | 'verify'

/** Where a walk stands. `after`: the hash of the last file read, in hex. */
export type WalkState = {
  round: number
  startedAt: number
  tree: TileLog
  messages: number
  found: number
  bytes: number
  after: string | null
}

export function beginning(round: number, at: number): WalkState {
  return { round, startedAt: at, tree: emptyTileLog(), messages: 0, found: 0, bytes: 0, after: null }
}

function headOf(outside: Outside, walk: Walk): string {
  return `${outside.signer.name}/integrity/${walk}`
}

/** The state as a signed note: who can only write tables cannot move a walk past what he altered. */
export function signState(outside: Outside, walk: Walk, state: WalkState): string {
  const { tree, ...rest } = state
  const line = JSON.stringify({ ...rest, tree: encodeTileLog(tree).toString('base64') })
  return signNote(`${headOf(outside, walk)}\n${line}\n`, outside.signer)
}

/** Null when it is not ours, or of another walk: the walk then begins anew. */
export function readState(outside: Outside, walk: Walk, note: string): WalkState | null {
  try {
    const { text } = openNote(note, [outside.verifier])
    const [head, line = ''] = text.split('\n')
    if (head !== headOf(outside, walk)) return null
    const { tree, ...rest } = JSON.parse(line) as Omit<WalkState, 'tree'> & { tree: string }
    return { ...rest, tree: decodeTileLog(Buffer.from(tree, 'base64')) }
  } catch {
    return null
  }
}
