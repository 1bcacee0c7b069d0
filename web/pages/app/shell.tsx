import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Me } from '../../../src/people/contract.ts'
import { listen } from '../../api/live.ts'
import { countsQuery, meQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Denied } from './denied.tsx'
import { IntegrityBanner } from './integrity-banner.tsx'
import { may, mayOpen, type Place, placesOf } from './places.ts'
import { TopBar } from './top-bar.tsx'
import './shell.css'

/** The frame around every page. It also keeps the one connection that brings new alerts. */
export function Shell() {
  const me = useQuery(meQuery).data
  const { href, pathname, step } = useRouterState({
    select: state => ({
      href: state.location.href,
      pathname: state.location.pathname,
      step: (state.location.search as { step?: string }).step,
    }),
  })
  const hears = me ? may(me, 'alert.read') : false
  useEffect(() => (hears ? listen() : undefined), [hears])
  if (!me) return <Navigate to="/signin" search={{ back: href }} />
  const places = placesOf(me)
  // Deep in an alert the phone gives its whole height to the work: the page brings its own head and foot.
  const deep = pathname === '/alerts' && step !== undefined
  return (
    <div className={`shell${deep ? ' deep' : ''}`}>
      <a className="skip" href="#main">
        {t('shell.skip')}
      </a>
      <div className="shell-head">
        {me.demo ? <DemoBanner controlUrl={me.demo.controlUrl} /> : null}
        <TopBar me={me} />
        {may(me, 'system.read') ? <IntegrityBanner /> : null}
      </div>
      <Nav places={places} me={me} />
      <main className="main" id="main">
        {mayOpen(me, pathname) ? <Outlet /> : <Denied me={me} />}
      </main>
    </div>
  )
}

function DemoBanner({ controlUrl }: { controlUrl: string }) {
  return (
    <div className="demo-banner">
      <span>
        <b>{t('demo.label')}</b>
        <span className="wide-only">{t('demo.what')}</span>
      </span>
      <a href={controlUrl} target="_blank" rel="noreferrer">
        {t('demo.control')}
      </a>
    </div>
  )
}

function Nav({ places, me }: { places: Place[]; me: Me }) {
  const bar = useRef<HTMLElement>(null)
  const pathname = useRouterState({ select: state => state.location.pathname })
  // On a phone the bar is longer than the screen: where one is stays in sight.
  useEffect(() => {
    if (pathname !== '')
      bar.current?.querySelector('a.on')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [pathname])
  return (
    <nav className="nav" aria-label={t('nav.label')} ref={bar}>
      {places.map((place, index) => (
        <Link
          key={place.to}
          to={place.to}
          className={index > 0 && places[index - 1]?.group !== place.group ? 'first' : ''}
          activeProps={{ className: 'on' }}
          title={t(place.word)}
        >
          <Icon name={place.icon} />
          <span className="word">{t(place.word)}</span>
          {place.to === '/alerts' && may(me, 'alert.read') ? <OpenCount /> : null}
        </Link>
      ))}
    </nav>
  )
}

function OpenCount() {
  const listed = useRouterState({ select: state => state.location.pathname === '/alerts' })
  const counts = useQuery({ ...countsQuery, enabled: !listed }).data
  return counts ? <em>{figure(counts.counts.open)}</em> : null
}
