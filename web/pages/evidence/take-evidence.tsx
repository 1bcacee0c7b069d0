import { Link } from '@tanstack/react-router'
import { EVIDENCE_LIMITS } from '../../../src/evidence/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

type Props = { convs: string[]; from?: string; to?: string; many?: boolean }

/** The way from a conversation or a search to a request for a package, for those who may ask. */
export function TakeEvidence({ convs, from, to, many }: Props) {
  const me = useMe()
  if (convs.length === 0 || !may(me, 'evidence.request')) return null
  const some = convs.slice(0, EVIDENCE_LIMITS.stretches)
  return (
    <Link className="btn small" to="/evidence" search={{ convs: some.join(','), from, to }}>
      <Icon name="seal" size={14} />
      {many ? t('evidence.takeHits', { n: figure(some.length) }) : t('evidence.take')}
    </Link>
  )
}
