/**
 * Every error a caller may meet, with the HTTP status it becomes. Codes are the identity: text is translated
 * at the edge (web/i18n), never compared. A code that is not listed here does not compile.
 */
const FAULTS = {
  'request.invalid': 400,
  'query.invalid': 400,
  'auth.required': 401,
  'auth.failed': 401,
  'auth.throttled': 429,
  'auth.denied': 403,
  'csrf.refused': 403,
  'thing.missing': 404,
  'media.unplayable': 422,
  'alert.decided': 409,
  'alert.moved': 409,
  'alert.held': 409,
  'alert.level': 403,
  'alert.own': 403,
  'alert.department': 403,
  'alert.undo_own': 403,
  'alert.assignee': 422,
  'alert.note': 422,
  'alert.together': 409,
  'stepin.asked': 409,
  'stepin.answered': 409,
  'stepin.concealed': 409,
  'case.moved': 409,
  'case.undecided': 409,
  'case.own': 403,
  'case.undo_own': 403,
  'violation.counted': 409,
  'account.no_member': 409,
  'training.waits': 409,
  'training.ended': 409,
  'penalty.no_evidence': 422,
  'penalty.not_grave': 422,
  'penalty.concealed': 422,
  'penalty.ground_gone': 409,
  'penalty.twice': 409,
  'penalty.moved': 409,
  'penalty.unheard': 409,
  'sample.nobody': 422,
  'sample.too_long': 422,
  'sample.own_department': 403,
  'sample.unread': 409,
  'sample.concluded': 409,
  'inspection.moved': 409,
  'finding.moved': 409,
  'finding.known': 409,
  'look.moved': 409,
  'delivery.moved': 409,
  'delivery.silent': 422,
  'hook.refused': 422,
  'complaint.known': 409,
  'complaint.interest': 403,
  'complaint.moved': 409,
  'approval.own': 403,
  'consent.decided': 409,
  'consent.future': 422,
  'consent.moved': 409,
  'restricted.locked': 403,
  'retention.below_law': 422,
  'retention.no_period': 422,
  'retention.moved': 409,
  'purge.unavailable': 409,
  'rule.moved': 409,
  'rule.broken': 422,
  'rule.untested': 409,
  'rule.stale': 409,
  'rule.growth': 409,
  'rule.staged': 409,
  'evidence.moved': 409,
  'evidence.own': 403,
  'data.in_use': 409,
  'data.is_demo': 409,
  'schema.newer': 500,
  'schema.older': 500,
  'schema.changed': 500,
  'config.invalid': 500,
  'key.missing': 500,
  'key.wrong': 500,
  'key.shredded': 410,
  'key.in_use': 409,
  'blob.missing': 500,
  'blob.refused': 500,
  'blob.unreachable': 502,
  'ledger.fork': 500,
  'ledger.unsealed': 409,
  'capture.lease_lost': 500,
  'wecom.refused': 502,
  'wecom.unreachable': 502,
  'wecom.unreadable': 502,
  'egress.refused': 500,
  'sdk.library': 500,
  'sdk.crashed': 502,
  'callback.off': 404,
  'callback.refused': 403,
} as const

export type FaultCode = keyof typeof FAULTS

/** An expected failure. `details` may be shown to the caller, so it never holds content, names or secrets. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly details: Record<string, string | number | boolean>

  constructor(
    code: FaultCode,
    message: string,
    details: Record<string, string | number | boolean>,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.details = details
  }

  get status(): number {
    return FAULTS[this.code]
  }
}

/**
 * Build a Fault to throw: `throw fail('thing.missing', {alert: id})`. A `hint` among the details says what to do
 * next and becomes the message.
 */
export function fail(
  code: FaultCode,
  details: Record<string, string | number | boolean> = {},
  cause?: unknown,
): Fault {
  const hint = details.hint
  return new Fault(code, typeof hint === 'string' ? `${code}: ${hint}` : code, details, cause)
}

/**
 * What may be logged or kept of anything thrown. A Fault says it all. Of any other error only its name, its code and
 * where in our own code it came from: PostgreSQL and JSON.parse quote the value they choked on, a command that failed
 * quotes what it printed, and either may be what a customer wrote.
 */
export function causeOf(error: unknown): string {
  if (error instanceof Fault) return error.message
  if (!(error instanceof Error)) return typeof error
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  const told = [code, constraint].filter(value => typeof value === 'string' || typeof value === 'number')
  const frame = /\/((?:src|sim|bench)\/[\w/.-]+\.ts:\d+)/.exec(
    error.stack?.split('\n    at ').slice(1).join() ?? '',
  )
  return [error.name, ...told, ...(frame ? [`at ${frame[1]}`] : [])].join(' ')
}

/** The message of anything thrown, for the person who typed a command. Never for a log or a table: see causeOf. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  const told = (error as { message?: unknown } | null)?.message
  return typeof told === 'string' ? told : String(error)
}
