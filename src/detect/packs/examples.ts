import { isAlert } from '../alert.ts'
import type { Audience, Packs, Rule } from '../contract.ts'
import { openEngine } from '../engine.ts'
import { buildImage } from '../match/image.ts'

export type ExampleRow = {
  rule: string
  name: string
  fires: number
  clean: number
  failed: { text: string; expected: 'fires' | 'clean'; got: string[] }[]
}

/** Every rule against its own examples; `clean` ones must raise no alert from any rule. */
export function runExamples(packs: Packs): ExampleRow[] {
  const engine = openEngine(buildImage(packs))
  return packs.rules.map(rule => {
    const speaker = (e: Rule['fires'][number]): Audience =>
      e.from ?? (rule.direction === 'customer' ? 'customer' : 'staff')
    const ask = (e: Rule['fires'][number]) =>
      engine.detect({ text: e.text, from: speaker(e), context: e.context })
    const failed: ExampleRow['failed'] = []
    for (const e of rule.fires) {
      const hits = ask(e)
      if (rule.status !== 'deprecated' && !hits.some(hit => hit.rule === rule.id)) {
        failed.push({ text: e.text, expected: 'fires', got: hits.map(hit => hit.rule) })
      }
    }
    for (const e of rule.clean) {
      const hits = ask(e)
      if (hits.some(hit => hit.rule === rule.id) || isAlert(hits, speaker(e))) {
        failed.push({ text: e.text, expected: 'clean', got: hits.map(hit => `${hit.rule} ${hit.matched}`) })
      }
    }
    return { rule: rule.id, name: rule.name, fires: rule.fires.length, clean: rule.clean.length, failed }
  })
}
