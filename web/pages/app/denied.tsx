import { Link } from '@tanstack/react-router'
import type { Me } from '../../../src/people/contract.ts'
import { t } from '../../i18n/index.ts'
import { Empty } from '../../ui/notes.tsx'

/** A page that is not this reader's: said plainly, before anything is asked of the server. */
export function Denied({ me }: { me: Me }) {
  return (
    <Empty title={t('denied.title')}>
      <p>{t('denied.why', { role: t(`role.${me.role}`) })}</p>
      <p>
        <Link to="/">{t('missing.home')}</Link>
      </p>
    </Empty>
  )
}
