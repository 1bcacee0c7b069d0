import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '../../../src/people/contract.ts'
import { t } from '../../i18n/index.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { useMe } from './me.ts'
import './me-page.css'
import { OwnAddress } from '../delivery/own-address.tsx'
import { may, placesOf } from './places.ts'

const TOLD = ['what', 'why', 'customer', 'judged', 'seen', 'ask'] as const

/** Who I am here, and what everybody whose words are kept should know. For many it is the only page. */
export function MePage() {
  const me = useMe()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls and holds nothing else that takes the focus
    <div className="page me-page" tabIndex={0}>
      <section className="sheet me-card">
        <Avatar of={{ name: me.name, kind: 'staff' }} />
        <div className="me-name">
          <h1>{me.name}</h1>
          <span className="quiet">{me.institution}</span>
        </div>
        <dl className="me-facts">
          <Fact name={t('me.role')}>{t(`role.${me.role}`)}</Fact>
          <Fact name={t('signIn.username')}>{me.username}</Fact>
          {me.departments.length > 0 ? (
            <Fact name={t('me.departments')}>{me.departments.join('、')}</Fact>
          ) : null}
          <Fact name={t('me.pages')}>
            <Pages me={me} />
          </Fact>
          {may(me, 'alert.read') ? (
            <Fact name={t('delivery.own')}>
              <OwnAddress />
            </Fact>
          ) : null}
        </dl>
      </section>
      <section className="sheet me-told">
        <h2>{t('me.told')}</h2>
        {TOLD.map(topic => (
          <div key={topic} className="me-topic">
            <h3>{t(`me.${topic}`)}</h3>
            <p>{t(`me.${topic}.say`)}</p>
          </div>
        ))}
      </section>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Pages({ me }: { me: Me }) {
  const places = placesOf(me).filter(place => place.to !== '/me')
  if (places.length === 0) return <>{t('me.noPages')}</>
  return (
    <span className="me-pages">
      {places.map(place => (
        <Link key={place.to} to={place.to}>
          {t(place.word)}
        </Link>
      ))}
    </span>
  )
}
