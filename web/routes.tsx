import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { meQuery, queries } from './api/queries.ts'
import { Missing, Trouble } from './pages/app/missing.tsx'
import { homeOf } from './pages/app/places.ts'
import { conversationAddress, searchAddress } from './pages/archive/address.ts'
import { alertsAddress } from './pages/cases/address.ts'
import { rulesAddress } from './pages/monitor/address.ts'

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Trouble })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/signin',
  validateSearch: (raw: Record<string, unknown>): { back?: string } =>
    typeof raw.back === 'string' && raw.back.startsWith('/') && !raw.back.startsWith('//')
      ? { back: raw.back }
      : {},
  component: lazyRouteComponent(() => import('./pages/people/sign-in.tsx'), 'SignInPage'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    const me = await queries.ensureQueryData(meQuery)
    if (me === null) throw redirect({ to: '/signin', search: { back: location.href } })
    return { me }
  },
  component: lazyRouteComponent(() => import('./pages/app/shell.tsx'), 'Shell'),
})

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ to: homeOf(context.me) })
  },
})

const alerts = createRoute({
  getParentRoute: () => shell,
  path: '/alerts',
  validateSearch: alertsAddress,
  component: lazyRouteComponent(() => import('./pages/cases/alerts.tsx'), 'AlertsPage'),
})

const search = createRoute({
  getParentRoute: () => shell,
  path: '/search',
  validateSearch: searchAddress,
  component: lazyRouteComponent(() => import('./pages/archive/search.tsx'), 'SearchPage'),
})

const conversation = createRoute({
  getParentRoute: () => shell,
  path: '/conversations/$convId',
  validateSearch: conversationAddress,
  component: lazyRouteComponent(() => import('./pages/archive/conversation-page.tsx'), 'ConversationPage'),
})

const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  validateSearch: rulesAddress,
  component: lazyRouteComponent(() => import('./pages/monitor/rules.tsx'), 'RulesPage'),
})

const me = createRoute({
  getParentRoute: () => shell,
  path: '/me',
  component: lazyRouteComponent(() => import('./pages/app/me-page.tsx'), 'MePage'),
})

const TABS = ['state', 'notice', 'quarantine', 'trail'] as const
export type SystemTab = (typeof TABS)[number]

const system = createRoute({
  getParentRoute: () => shell,
  path: '/system',
  validateSearch: (raw: Record<string, unknown>): { tab?: SystemTab; actor?: string; verb?: string } => ({
    tab: TABS.find(tab => tab === raw.tab),
    actor: typeof raw.actor === 'string' ? raw.actor : undefined,
    verb: typeof raw.verb === 'string' ? raw.verb : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/app/system.tsx'), 'SystemPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    shell.addChildren([home, alerts, search, conversation, rules, system, me]),
  ]),
  defaultPreload: 'intent',
  // Ids are long numbers: they must stay strings, so an address is read as plain text, not as JSON.
  parseSearch: text => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: values => {
    const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString()
    return text === '' ? '' : `?${text}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
