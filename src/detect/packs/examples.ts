import { isAlert } from '../alert.ts'
import type { Audience, Packs, Rule } from '../contract.ts'
import { openEngine } from '../engine.ts'
import { buildImage } from '../match/image.ts'
import { DISGUISES, type Disguise, disguise, seedOf } from './disguises.ts'

export type ExampleRow = {
  rule: string
  name: string
  fires: number
  clean: number
  /** Disguises generated of the words that fired: how many there are, and how many still fire. */
  disguised: number
  seen: number
  unseen: { technique: Disguise; text: string }[]
  failed: { text: string; expected: 'fires' | 'clean'; got: string[] }[]
}

/** Every rule against its own examples; `clean` ones must raise no alert from any rule. */
/** Disguises of each example that fires are reported, not required: `rules test` holds their share against a floor. */
export function runExamples(packs: Packs): ExampleRow[] {
  const engine = openEngine(buildImage(packs))
  return packs.rules.map(rule => {
    const speaker = (e: Rule['fires'][number]): Audience =>
      e.from ?? (rule.direction === 'customer' ? 'customer' : 'staff')
    const ask = (e: Rule['fires'][number]) =>
      engine.detect({ text: e.text, from: speaker(e), context: e.context })
    const failed: ExampleRow['failed'] = []
    let disguised = 0
    const unseen: ExampleRow['unseen'] = []
    for (const e of rule.fires) {
      const hits = ask(e)
      const own = hits.find(hit => hit.rule === rule.id && !hit.path.includes('context'))
      for (const technique of own ? DISGUISES : []) {
        const text = own && disguise(e.text, own, technique, seedOf(e.text + technique))
        if (text === undefined) continue
        disguised += 1
        if (!ask({ ...e, text }).some(hit => hit.rule === rule.id)) unseen.push({ technique, text })
      }
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
    return {
      rule: rule.id,
      name: rule.name,
      fires: rule.fires.length,
      clean: rule.clean.length,
      disguised,
      seen: disguised - unseen.length,
      unseen,
      failed,
    }
  })
}
