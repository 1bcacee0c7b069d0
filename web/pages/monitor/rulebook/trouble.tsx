import type { PackTrouble } from '../../../../src/monitor/rulebook/contract.ts'
import { maybe, t } from '../../../i18n/index.ts'

/** What keeps a text from compiling: in words, the line to go to, and what to do. */
export function TroubleNote({
  trouble,
  toLine,
}: {
  trouble: PackTrouble | null
  toLine?: (line: number) => void
}) {
  if (!trouble) return null
  const { line, code, problem, remedy } = trouble
  const words = maybe(`pack.${code ?? ''}`)?.replace('{to}', remedy ?? '')
  return (
    <div className="note-error rb-trouble" role="alert">
      <div className="note-title">
        {line === null ? (
          t('rulebook.troubleNoLine')
        ) : toLine ? (
          <button type="button" className="link" onClick={() => toLine(line)}>
            {t('rulebook.trouble', { line })}
          </button>
        ) : (
          t('rulebook.trouble', { line })
        )}
        {words ? `：${words}` : ''}
      </div>
      <div className="note-body mono">{problem}</div>
      {remedy && code !== 'rule.version' ? (
        <div className="note-foot small">{t('rulebook.remedy', { what: remedy })}</div>
      ) : null}
    </div>
  )
}
