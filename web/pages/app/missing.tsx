import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote } from '../../ui/notes.tsx'

export function Missing() {
  return (
    <Empty title={t('missing.title')}>
      <Link to="/">{t('missing.home')}</Link>
    </Empty>
  )
}

export function Trouble({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page">
      <ErrorNote what={t('error.page')} error={error} again={reset} />
    </div>
  )
}
