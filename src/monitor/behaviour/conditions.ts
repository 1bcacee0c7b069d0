import { conditionsOver } from '../../detect/index.ts'

/** What `when` of a step may ask of one message. */
export type StepFacts = {
  /** text, image, file, card, redpacket, external_redpacket … as the archive calls them */
  kind: string
  /** customer, group (with customers), internal */
  audience: string
  /** Time of sending in the institution's zone, 0–23. */
  hour: bigint
  /** 21:00–8:00 (base/calendar). */
  night: boolean
  business_day: boolean
  /** Characters of the folded text, without spaces and punctuation. */
  chars: bigint
}

/** What `when` of a rule may ask of everything within the window. */
export type FindingFacts = {
  events: bigint
  staff: bigint
  customers: bigint
  conversations: bigint
  /** From the first to the last. */
  minutes: number
  /** Of the message that completed it. */
  hour: bigint
  night: boolean
  business_day: boolean
}

export const compileStep = conditionsOver<StepFacts>({
  kind: 'string',
  audience: 'string',
  hour: 'int',
  night: 'bool',
  business_day: 'bool',
  chars: 'int',
})
export const compileFinding = conditionsOver<FindingFacts>({
  events: 'int',
  staff: 'int',
  customers: 'int',
  conversations: 'int',
  minutes: 'double',
  hour: 'int',
  night: 'bool',
  business_day: 'bool',
})
