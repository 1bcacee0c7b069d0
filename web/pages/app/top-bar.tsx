import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Me } from '../../../src/people/contract.ts'
import { remove } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import { chooseLanguage, language, t } from '../../i18n/index.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Kbd, useKeys } from '../../ui/keys.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { useNow } from '../../ui/time.tsx'
import { exactTime, fullTime } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import { may } from './places.ts'

export function TopBar({ me }: { me: Me }) {
  return (
    <header className="top">
      <div className="brand">
        <span className="seal" aria-hidden="true">
          鉴
        </span>
        <span className="brand-word">{t('brand')}</span>
      </div>
      <div className="where">
        <b>{me.institution}</b>
        {/* a scope says something only to those who see content */}
        {may(me, 'alert.read') ? (
          <span className="quiet">{me.departments.join('、') || t('shell.allDepartments')}</span>
        ) : null}
      </div>
      {may(me, 'message.search') ? <GlobalSearch /> : <span className="grow" />}
      <span className="grow wide-only" />
      {may(me, 'alert.read') ? <LiveState /> : null}
      <WhoAmI me={me} />
    </header>
  )
}

function GlobalSearch() {
  const input = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const asked = useRouterState({ select: state => (state.location.search as { q?: string }).q })
  const there = useRouterState({ select: state => state.location.pathname === '/search' })
  const [text, setText] = useState(there ? (asked ?? '') : '')
  useKeys({ '/': () => input.current?.focus() })
  return (
    <search className="global-search">
      <form
        onSubmit={event => {
          event.preventDefault()
          void navigate({ to: '/search', search: text.trim() ? { q: text.trim() } : {} })
          input.current?.blur()
        }}
      >
        <Icon name="search" size={14} />
        <input
          ref={input}
          value={text}
          maxLength={400}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
          placeholder={t('shell.search')}
          aria-label={t('shell.search')}
        />
        <Kbd>/</Kbd>
      </form>
    </search>
  )
}

function LiveState() {
  const live = useLive()
  const now = useNow()
  const down = live.state === 'down'
  // While the line is open everything known has arrived, so the data is as of now.
  const asOf = down ? live.asOf : now
  return (
    <span className={`live ${live.state}`} role="status" title={asOf ? exactTime(asOf) : undefined}>
      <Glyph of={live.state === 'live' ? 'good' : down ? 'P1' : 'off'} />
      <span className="wide-only">
        {live.state === 'connecting' || asOf === null
          ? t('live.connecting')
          : t(down ? 'live.down' : 'live.on', { time: fullTime(asOf, now) })}
      </span>
      <span className="narrow-only">{t(down ? 'live.downShort' : 'live.onShort')}</span>
    </span>
  )
}

function WhoAmI({ me }: { me: Me }) {
  const menu = useRef<HTMLDetailsElement>(null)
  const signOut = useMutation({
    mutationFn: () => remove('/api/session'),
    onSuccess: () => {
      queries.clear()
      location.assign('/signin')
    },
    onError: () => toast(t('shell.signOutFailed')),
  })
  useEffect(() => {
    const closeOutside = (event: MouseEvent) => {
      if (menu.current && event.target instanceof Node && !menu.current.contains(event.target))
        menu.current.open = false
    }
    document.addEventListener('click', closeOutside)
    return () => document.removeEventListener('click', closeOutside)
  }, [])
  return (
    <details className="who" ref={menu}>
      <summary title={t('shell.account', { name: me.name })}>
        <Avatar of={{ name: me.name, kind: 'staff' }} small />
        <span className="who-name">{me.name}</span>
        <span className="quiet who-role">{t(`role.${me.role}`)}</span>
      </summary>
      <div className="who-menu">
        <div className="who-me">
          <b>{me.name}</b>
          <span className="quiet">
            {t(`role.${me.role}`)} · {me.username}
          </span>
        </div>
        <Link
          to="/me"
          onClick={() => {
            if (menu.current) menu.current.open = false
          }}
        >
          {t('shell.me')}
        </Link>
        <button type="button" onClick={() => chooseLanguage(language() === 'en' ? 'zh-CN' : 'en')}>
          {t('shell.otherLanguage')}
        </button>
        <button type="button" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
          <Icon name="out" size={14} />
          {t('shell.signOut')}
        </button>
      </div>
    </details>
  )
}
