import type { Db, House, JobQueue } from '../../base/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import type { WecomCards } from '../../wecom/index.ts'

export type Mail = { id: string; to: string; subject: string; text: string }
export type MailWay = { send(mail: Mail): Promise<void>; close(): Promise<void> }

export type HookCall = { url: string; secret: string; id: string; body: string; at: number }
export type HookWay = {
  /** The only hosts that may be called, as the operator named them. */
  hosts: readonly string[]
  allows(url: string): boolean
  /** @throws when it was not taken: the reason is a code, never an address. */
  send(call: HookCall): Promise<void>
  close(): Promise<void>
}

/** The ways out that this process has; what is missing is off, and the settings page says why. */
export type Ways = {
  cards: WecomCards | undefined
  whyNoCards: 'no_wecom' | 'no_agent' | null
  /** Presses come in only where WeCom can call back. */
  callback: boolean
  mail: MailWay | undefined
  hooks: HookWay | undefined
  /** Where people open the product, without a slash at the end. */
  home: string
}

export type DeliveryDeps = {
  db: Db
  house: House
  rules: () => RuleSet
  jobs: Pick<JobQueue, 'enqueue'>
  ways: Ways
}

/** Where an alert is opened. */
export function alertUrl(ways: Pick<Ways, 'home'>, alert: string): string {
  return `${ways.home}/alerts?alert=${alert}`
}
