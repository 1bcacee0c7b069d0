import { isAlert } from './alert.ts'
import { type Hit, scanInput } from './contract.ts'
import type { Engine } from './engine.ts'
import { explain } from './explain.ts'

export type ScanResult = { id: string | number | null; alert: boolean; hits: (Hit & { why: string })[] }

/**
 * One line of `tongjian scan` (design.md §4). Throws with the reason when the line is not of that form. `names` are
 * those of the categories, for what the model finds.
 */
export function scanLine(engine: Engine, line: string, names: Record<string, string> = {}): ScanResult {
  const parsed = scanInput.safeParse(JSON.parse(line))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Error(`${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'wrong shape'}`)
  }
  const { id, text, from, context } = parsed.data
  const hits = engine.detect({ text, from, context })
  return {
    id: id ?? null,
    alert: isAlert(hits, from),
    hits: hits.map(hit => ({ ...hit, why: explain({ ...hit, categoryName: names[hit.category] }) })),
  }
}
