import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import type { DraftView, TestResult } from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { rulebookChanged } from '../../../api/rulebook.ts'
import { t } from '../../../i18n/index.ts'
import { ErrorNote } from '../../../ui/notes.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { isEditable } from './address.ts'
import { TroubleNote } from './trouble.tsx'

/** The examples of every rule and their disguises. */
export function TestPane({ draft, next }: { draft: DraftView; next: () => void }) {
  const testing = useMutation({
    mutationFn: () => post<TestResult>(`/api/rulebook/drafts/${draft.id}/test`, {}),
    onSuccess: rulebookChanged,
  })
  const may_ = may(useMe(), 'rule.draft') && isEditable(draft)
  const { test } = draft
  return (
    <section className="sheet rb-form">
      <p className="small quiet">{t('rulebook.test.lead')}</p>
      <TroubleNote trouble={draft.trouble} />
      {test ? <Verdict test={test} /> : null}
      {may_ ? (
        <div className="line rb-wrap">
          <Button
            type={test && test.failed === 0 ? 'default' : 'primary'}
            disabled={draft.trouble !== null}
            loading={testing.isPending}
            onClick={() => testing.mutate()}
          >
            {t(test ? 'rulebook.test.again' : 'rulebook.test.go')}
          </Button>
          {test && test.failed === 0 ? (
            <Button type="primary" onClick={next}>
              {t('rulebook.view.backtest')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {testing.error ? <ErrorNote what={t('rulebook.test.failed')} error={testing.error} /> : null}
      {test ? <Rows test={test} changed={draft.changed} /> : null}
    </section>
  )
}

function Verdict({ test }: { test: TestResult }) {
  if (test.failed > 0)
    return <p className="rb-verdict bad">{t('rulebook.test.broken', { n: test.failed })}</p>
  const { rules, fires, clean, seen, disguised } = test
  return (
    <p className="rb-verdict good">
      {t('rulebook.test.passed', { n: rules, examples: fires + clean, seen, disguised })}
    </p>
  )
}

function Rows({ test, changed }: { test: TestResult; changed: string[] }) {
  const order = (rule: string, failed: number) => (failed > 0 ? 0 : changed.includes(rule) ? 1 : 2)
  const rows = test.rows.toSorted((a, b) => order(a.rule, a.failed.length) - order(b.rule, b.failed.length))
  return (
    <table className="rb-table">
      <thead>
        <tr>
          <th>{t('rulebook.test.rule')}</th>
          <th className="num">{t('rulebook.test.fires')}</th>
          <th className="num">{t('rulebook.test.clean')}</th>
          <th className="num">{t('rulebook.test.disguised')}</th>
          <th>{t('rulebook.test.result')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.rule} className={changed.includes(row.rule) ? 'own' : ''}>
            <td>
              {row.name} <span className="small quiet">{row.rule}</span>
            </td>
            <td className="num">{row.fires}</td>
            <td className="num">{row.clean}</td>
            <td className="num">
              {row.seen}/{row.disguised}
            </td>
            <td>
              {row.failed.length === 0
                ? t('rulebook.test.ok')
                : row.failed.map(miss => (
                    <p key={miss.text} className="bad">
                      {miss.expected === 'fires'
                        ? t('rulebook.test.missed', { text: miss.text })
                        : t('rulebook.test.wrong', { text: miss.text, got: miss.got.join('、') })}
                    </p>
                  ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
