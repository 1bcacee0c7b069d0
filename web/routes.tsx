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
import { casesAddress } from './pages/cases/files-address.ts'
import { reviewAddress, samplesAddress } from './pages/cases/sampling-address.ts'
import { complaintsAddress } from './pages/complaints/address.ts'
import { evidenceAddress } from './pages/evidence/address.ts'
import { rulesAddress } from './pages/monitor/address.ts'
import { draftsAddress } from './pages/monitor/rulebook/address.ts'
import { mineAddress, policiesAddress } from './pages/policies/address.ts'
import { wallAddress } from './pages/wall/address.ts'

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

const samples = createRoute({
  getParentRoute: () => shell,
  path: '/samples',
  validateSearch: samplesAddress,
  component: lazyRouteComponent(() => import('./pages/cases/sampling-page.tsx'), 'SamplingPage'),
})

const sampleReview = createRoute({
  getParentRoute: () => shell,
  path: '/samples/$id/review',
  validateSearch: reviewAddress,
  component: lazyRouteComponent(() => import('./pages/cases/sampling-review.tsx'), 'SamplingReviewPage'),
})

const wall = createRoute({
  getParentRoute: () => shell,
  path: '/wall',
  validateSearch: wallAddress,
  component: lazyRouteComponent(() => import('./pages/wall/wall.tsx'), 'WallPage'),
})

const cases = createRoute({
  getParentRoute: () => shell,
  path: '/cases',
  validateSearch: casesAddress,
  component: lazyRouteComponent(() => import('./pages/cases/files.tsx'), 'CasesPage'),
})

const quality = createRoute({
  getParentRoute: () => shell,
  path: '/quality',
  validateSearch: (raw: Record<string, unknown>): { look?: string } => ({
    look: typeof raw.look === 'string' && raw.look !== '' ? raw.look : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/cases/quality-page.tsx'), 'QualityPage'),
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

const evidence = createRoute({
  getParentRoute: () => shell,
  path: '/evidence',
  validateSearch: evidenceAddress,
  component: lazyRouteComponent(() => import('./pages/evidence/evidence.tsx'), 'EvidencePage'),
})

const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  validateSearch: rulesAddress,
  component: lazyRouteComponent(() => import('./pages/monitor/rules.tsx'), 'RulesPage'),
})

const complaints = createRoute({
  getParentRoute: () => shell,
  path: '/complaints',
  validateSearch: complaintsAddress,
  component: lazyRouteComponent(() => import('./pages/complaints/complaints.tsx'), 'ComplaintsPage'),
})

const policies = createRoute({
  getParentRoute: () => shell,
  path: '/policies',
  validateSearch: policiesAddress,
  component: lazyRouteComponent(() => import('./pages/policies/policies.tsx'), 'PoliciesPage'),
})

const mine = createRoute({
  getParentRoute: () => shell,
  path: '/mine',
  validateSearch: mineAddress,
  component: lazyRouteComponent(() => import('./pages/policies/mine.tsx'), 'MinePage'),
})

const drafts = createRoute({
  getParentRoute: () => shell,
  path: '/rules/drafts',
  validateSearch: draftsAddress,
  component: lazyRouteComponent(() => import('./pages/monitor/rulebook/drafts.tsx'), 'DraftsPage'),
})

const versions = createRoute({
  getParentRoute: () => shell,
  path: '/rules/versions',
  validateSearch: (raw: Record<string, unknown>): { rule?: string } =>
    typeof raw.rule === 'string' && raw.rule !== '' ? { rule: raw.rule } : {},
  component: lazyRouteComponent(() => import('./pages/monitor/rulebook/versions.tsx'), 'VersionsPage'),
})

const RETENTION_TABS = ['schedule', 'holds', 'purges'] as const
export type RetentionTab = (typeof RETENTION_TABS)[number]

const retention = createRoute({
  getParentRoute: () => shell,
  path: '/retention',
  validateSearch: (
    raw: Record<string, unknown>,
  ): { tab?: RetentionTab; conv?: string; certificate?: string } => ({
    tab: RETENTION_TABS.find(tab => tab === raw.tab),
    conv: typeof raw.conv === 'string' && /^\d{1,19}$/.test(raw.conv) ? raw.conv : undefined,
    certificate: typeof raw.certificate === 'string' ? raw.certificate : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/archive/retention.tsx'), 'RetentionPage'),
})

const me = createRoute({
  getParentRoute: () => shell,
  path: '/me',
  component: lazyRouteComponent(() => import('./pages/app/me-page.tsx'), 'MePage'),
})

const CONSENT_TABS = ['coverage', 'refused', 'papers', 'optouts', 'unlocks'] as const
export type ConsentTab = (typeof CONSENT_TABS)[number]
type ConsentAddress = { tab?: ConsentTab; customer?: string; conv?: string; at?: number }

const consent = createRoute({
  getParentRoute: () => shell,
  path: '/consent',
  validateSearch: (raw: Record<string, unknown>): ConsentAddress => ({
    tab: CONSENT_TABS.find(tab => tab === raw.tab),
    customer: typeof raw.customer === 'string' ? raw.customer : undefined,
    conv: typeof raw.conv === 'string' && /^\d{1,19}$/.test(raw.conv) ? raw.conv : undefined,
    at: /^\d{1,15}$/.test(String(raw.at)) ? Number(raw.at) : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/contacts/consent-page.tsx'), 'ConsentPage'),
})

const DELIVERY_TABS = ['log', 'routes', 'receivers'] as const
export type DeliveryTab = (typeof DELIVERY_TABS)[number]

const delivery = createRoute({
  getParentRoute: () => shell,
  path: '/delivery',
  validateSearch: (raw: Record<string, unknown>): { tab?: DeliveryTab; state?: string } => ({
    tab: DELIVERY_TABS.find(tab => tab === raw.tab),
    state: typeof raw.state === 'string' && /^[a-z]{2,10}$/.test(raw.state) ? raw.state : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/delivery/delivery.tsx'), 'DeliveryPage'),
})

const TABS = ['state', 'quarantine', 'trail'] as const
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
    shell.addChildren([
      home,
      alerts,
      samples,
      sampleReview,
      wall,
      cases,
      quality,
      search,
      conversation,
      consent,
      evidence,
      complaints,
      rules,
      drafts,
      versions,
      policies,
      mine,
      retention,
      delivery,
      system,
      me,
    ]),
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
