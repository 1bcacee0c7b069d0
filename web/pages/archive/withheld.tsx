import { Link } from '@tanstack/react-router'
import type { MessageView } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

/** Words that are kept and may not be read: the customer refuses. Two persons may open them for a dispute or a regulator. */
export function Withheld({ item }: { item: MessageView }) {
  const me = useMe()
  return (
    <p className="absent" title={t('absent.restrictedWhy')}>
      {t('absent.restricted')}
      {may(me, 'restricted.request') ? (
        <Link
          className="link"
          to="/consent"
          search={{ tab: 'unlocks', conv: item.key.convId, at: item.key.sentAt }}
        >
          {t('absent.unlock')}
        </Link>
      ) : null}
    </p>
  )
}
