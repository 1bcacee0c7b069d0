import { type Key, t } from '../../i18n/index.ts'

const ROWS: [example: Key, means: Key][] = [
  ['syntax.and', 'syntax.andWhy'],
  ['syntax.phrase', 'syntax.phraseWhy'],
  ['syntax.or', 'syntax.orWhy'],
  ['syntax.not', 'syntax.notWhy'],
  ['syntax.who', 'syntax.whoWhy'],
  ['syntax.time', 'syntax.timeWhy'],
  ['syntax.kind', 'syntax.kindWhy'],
  ['syntax.in', 'syntax.inWhy'],
  ['syntax.rule', 'syntax.ruleWhy'],
]

/** The language in nine examples; with `pick` each is tried by a touch. */
export function SyntaxHelp({ pick }: { pick?: (words: string) => void }) {
  return (
    <dl className="syntax">
      {ROWS.map(([example, means]) => (
        <div key={example}>
          <dt>
            {pick ? (
              <button type="button" className="syntax-try" onClick={() => pick(t(example))}>
                {t(example)}
              </button>
            ) : (
              <code>{t(example)}</code>
            )}
          </dt>
          <dd>{t(means)}</dd>
        </div>
      ))}
    </dl>
  )
}
