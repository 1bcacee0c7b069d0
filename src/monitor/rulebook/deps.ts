import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageKey } from '../../archive/index.ts'
import type { Db, House, JobQueue, MasterSource } from '../../base/index.ts'
import type { Institution } from '../../detect/index.ts'
import { type PackFile, RULES_FOLDER, type RuleSet } from '../rules.ts'
import { compileApart, type LiveRules } from '../rules-apart.ts'
import type { PackTrouble } from './contract.ts'
import { publishedNow } from './published.ts'

/** What reviews know, from the room after this one. */
type Reviewed = {
  /** Conclusions of the alerts of these messages, where there is one. */
  conclusions(db: Db, house: House, keys: MessageKey[]): Promise<('violation' | 'false_positive')[]>
  /** Median minutes from an alert to its decision, and of how many decisions. */
  handling(db: Db, house: House): Promise<{ minutes: number; decisions: number }>
}

/** What the rulebook stands on. */
export type RulebookDeps = {
  db: Db
  house: House
  jobs: JobQueue
  live: LiveRules
  institution: Institution
  folder?: string
  reviewed: Reviewed
  /** For threads of their own, which open the database and the keys themselves. */
  appUrl: string
  role: string | undefined
  masterKey: { source: MasterSource; next: MasterSource | undefined }
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The text of a file as it is in force: what was published, else the folder's; empty where there is neither. */
export async function textInForce(deps: RulebookDeps, file: string): Promise<string> {
  const { files } = await publishedNow(deps.db, deps.house)
  return files.find(one => one.name === file)?.text ?? folderText(deps, file)
}

export function folderText(deps: RulebookDeps, file: string): string {
  try {
    return readFileSync(join(deps.folder ?? RULES_FOLDER, file), 'utf8')
  } catch {
    return ''
  }
}

/** What lies over the folder with this draft in its place. */
export async function overlayWith(deps: RulebookDeps, draft: PackFile): Promise<PackFile[]> {
  const { files } = await publishedNow(deps.db, deps.house)
  return [...files.filter(file => file.name !== draft.name), draft]
}

export type CompiledDraft = { set: RuleSet; trouble: null } | { set: null; trouble: PackTrouble }

/** The newest few drafts stay compiled: an officer tries one sentence after the other. */
const MOST_KEPT = 4
const kept = new Map<string, Promise<CompiledDraft>>()

/** The rules as they would be with this draft, compiled on a thread apart. */
export async function compileDraft(deps: RulebookDeps, draft: PackFile): Promise<CompiledDraft> {
  const over = await overlayWith(deps, draft)
  const name = hashOf(JSON.stringify([deps.institution, deps.folder, deps.live.current().version, over]))
  const known = kept.get(name)
  if (known) return known
  const made = compileApart(deps.institution, deps.folder, over).then((answer): CompiledDraft => {
    if (!('failed' in answer)) return { set: answer, trouble: null }
    const { failed, code, file, line, remedy } = answer
    // Trouble may lie in another file that names what this one dropped.
    const own = file === draft.name
    return {
      set: null,
      trouble: {
        problem: own ? failed : `${file ?? ''} ${failed}`.trim(),
        code: code ?? null,
        line: own ? (line ?? null) : null,
        remedy: remedy ?? null,
      },
    }
  })
  kept.set(name, made)
  made.catch(() => kept.delete(name))
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break
    kept.delete(oldest)
  }
  return made
}
