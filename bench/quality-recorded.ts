import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseHistory, type Unsealing } from './quality-history.ts'

const DECISION = new URL('../docs/decisions/010-measuring-detection.md', import.meta.url)
export const HISTORY = fileURLToPath(new URL('../docs/quality-history.tsv', import.meta.url))

/** What is committed about the blind sets: their hashes, and the unsealings so far. */
export function recorded(history: string): { decision: string; history: Unsealing[] } {
  return {
    decision: readFileSync(DECISION, 'utf8'),
    history: existsSync(history) ? parseHistory(readFileSync(history, 'utf8')) : [],
  }
}
