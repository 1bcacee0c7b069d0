import type { z } from 'zod'
import type { aboutView, errorView, quarantinePage } from '../../src/app/contract.ts'
import type { conversationHead, place, searchPage } from '../../src/archive/contract.ts'
import type { certificateItem, certificateList } from '../../src/capture/contract.ts'
import type { alertPage, decisionEvent } from '../../src/cases/contract.ts'
import type { behaviourList, hitList, ruleList } from '../../src/monitor/contract.ts'
import type { foundPeople, revealed, signIn } from '../../src/people/contract.ts'
import type { trailPage, trailView } from '../../src/trail/contract.ts'

/** Shapes the contracts give as schemas only. */
export type About = z.infer<typeof aboutView>
export type AlertPage = z.infer<typeof alertPage>
export type AlertCounts = Pick<AlertPage, 'open' | 'counts' | 'mine'>
export type BehaviourList = z.infer<typeof behaviourList>
export type CertificateItem = z.infer<typeof certificateItem>
export type CertificateList = z.infer<typeof certificateList>
export type { CertificateView } from '../../src/capture/contract.ts'
export type DecisionEvent = z.infer<typeof decisionEvent>
export type ErrorBody = z.infer<typeof errorView>
export type FoundPeople = z.infer<typeof foundPeople>
export type Head = z.infer<typeof conversationHead>
export type HitList = z.infer<typeof hitList>
export type Place = z.infer<typeof place>
export type QuarantinePage = z.infer<typeof quarantinePage>
export type Revealed = z.infer<typeof revealed>
export type RuleList = z.infer<typeof ruleList>
export type SearchPage = z.infer<typeof searchPage>
export type SignIn = z.infer<typeof signIn>
export type TrailPage = z.infer<typeof trailPage>
export type TrailRow = z.infer<typeof trailView>
