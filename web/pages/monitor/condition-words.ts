import { maybe, t } from '../../i18n/index.ts'

/** Signs and functions of a condition that stand between the names. */
const SIGNS: [RegExp, Parameters<typeof t>[0]][] = [
  [/\s*&&\s*/g, 'cond.and'],
  [/\s*\|\|\s*/g, 'cond.or'],
  [/\s*>=\s*/g, 'cond.atLeast'],
  [/\s*<=\s*/g, 'cond.atMost'],
  [/\s*==\s*/g, 'cond.is'],
  [/\s*!=\s*/g, 'cond.isNot'],
  [/\s*>\s*/g, 'cond.over'],
  [/\s*<\s*/g, 'cond.under'],
  [/!/g, 'cond.not'],
]

/** A condition as a compliance officer reads it; words in quotes stay as they are, and so does what has no name here. */
export function conditionWords(when: string): string {
  return when
    .split(/("[^"]*"|'[^']*')/)
    .map((piece, i) => (i % 2 === 1 ? `「${piece.slice(1, -1)}」` : plain(piece)))
    .join('')
    .trim()
}

function plain(piece: string): string {
  const signs = SIGNS.reduce((text, [sign, key]) => text.replace(sign, t(key)), piece)
  return signs
    .replace(
      /\.(contains|startsWith|endsWith|reads)\(/g,
      (_, name: string) => `${maybe(`cond.${name}`) ?? name}(`,
    )
    .replace(/\b[a-z]+(?:_[a-z]+)*\b/g, name => maybe(`fact.${name}`) ?? name)
    .replace(/(\d)\.0+(?!\d)/g, '$1')
}
