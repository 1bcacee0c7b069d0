import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import type { Me } from '../../../src/people/contract.ts'
import { post } from '../../api/client.ts'
import { aboutQuery, queries } from '../../api/queries.ts'
import type { SignIn } from '../../api/types.ts'
import { t } from '../../i18n/index.ts'
import { errorWords } from '../../ui/notes.tsx'
import { homeOf, mayOpen } from '../app/places.ts'
import './sign-in.css'

const route = getRouteApi('/signin')

export function SignInPage() {
  return (
    <div className="sign-in">
      <main className="sign-in-card">
        <div className="sign-in-brand">
          <span className="seal" aria-hidden="true">
            鉴
          </span>
          <h1>{t('brand')}</h1>
        </div>
        <p className="sign-in-what">{t('signIn.what')}</p>
        <SignInForm />
      </main>
      <p className="sign-in-foot">{t('signIn.foot')}</p>
    </div>
  )
}

function SignInForm() {
  const router = useRouter()
  const { back } = route.useSearch()
  const [asked, setAsked] = useState<SignIn>({ username: '', password: '' })
  const opening = useMutation({
    mutationFn: (body: SignIn) => post<Me>('/api/session', body),
    onSuccess: async me => {
      queries.clear()
      queries.setQueryData(['me'], me)
      // Somebody else may have been sent here before: an address that is not his leads to his own first page.
      const theirs = back && mayOpen(me, back.split(/[?#]/, 1)[0] ?? '/')
      // Everything the first page needs is here before this one goes: its keys listen from its first moment.
      await Promise.all([import('../app/shell.tsx'), router.preloadRoute({ to: homeOf(me) })])
      router.history.push(theirs ? back : homeOf(me))
    },
  })
  const ready = asked.username.trim() !== '' && asked.password !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) opening.mutate({ ...asked, username: asked.username.trim() })
  }
  return (
    <form onSubmit={submit} className="sign-in-form">
      <label htmlFor="username">{t('signIn.username')}</label>
      <Input
        id="username"
        size="large"
        autoFocus
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        value={asked.username}
        onChange={event => setAsked({ ...asked, username: event.target.value })}
      />
      <label htmlFor="password">{t('signIn.password')}</label>
      <Input.Password
        id="password"
        size="large"
        autoComplete="current-password"
        maxLength={256}
        value={asked.password}
        onChange={event => setAsked({ ...asked, password: event.target.value })}
      />
      <div className="sign-in-error" role="alert">
        {opening.error ? errorWords(opening.error) : null}
      </div>
      <Button
        type="primary"
        htmlType="submit"
        size="large"
        block
        disabled={!ready}
        loading={opening.isPending}
      >
        {t('signIn.go')}
      </Button>
      <DemoHint />
    </form>
  )
}

/** Where the demo's accounts are to be found; in production nobody prints them. */
function DemoHint() {
  const { data } = useQuery(aboutQuery)
  return data?.demo ? <p className="sign-in-hint">{t('signIn.demoHint')}</p> : null
}
