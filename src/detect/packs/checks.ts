import type { CategoryFile } from '../contract.ts'
import { ConditionError, compileCondition } from '../judge/condition.ts'
import { foldWord } from '../match/fold-word.ts'
import { isPlace, type Near } from '../match/near.ts'
import { PackError } from './error.ts'

type Place = { file: string; line: number }
type Written = CategoryFile['rules'][number]['near'][number]

/** Words are folded as texts are, so that a pack may be written in any script. */
export function nearOf(near: Written): Near {
  const folded = (word: string) => (isPlace(word) ? word : foldWord(word))
  return {
    within: near.within,
    in: near.in,
    anyOrder: near.any_order,
    groups: near.groups.map(group => group.map(folded)),
    notNear: near.not_near && { within: near.not_near.within, words: near.not_near.words.map(folded) },
  }
}

/** Every group must be able to match, and one of them must consist of words, or every figure would wake the rule. */
export function checkNear(near: Near, place: Place, rule: string): void {
  const stop = (problem: string, remedy: string): never => {
    throw new PackError('pack.near', place, `${rule}: near ${problem}`, remedy)
  }
  const words = [...near.groups.flat(), ...(near.notNear?.words ?? [])]
  if (words.some(word => word === '')) stop('has a word that folds to nothing', 'Write a word')
  const odd = words.find(word => /^<.*>$/.test(word) && !isPlace(word))
  if (odd) stop(`has ${odd}, which is not known`, 'Use <比例>, <金额> or <数字>')
  const long = words.find(word => word.length > 32)
  if (long) stop(`has a word of more than 32 characters`, 'Shorten it')
  if (near.groups.every(group => group.some(isPlace)))
    stop('has no group of words alone', 'Give one group without <比例>, <金额> and <数字>')
}

export function checkCondition(source: string, place: Place, rule: string): void {
  try {
    compileCondition(source)
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    throw new PackError(
      'pack.condition',
      place,
      `${rule}: when "${source}" ${error.message}`,
      'Names and functions are listed in src/detect/judge/condition.ts',
    )
  }
}
