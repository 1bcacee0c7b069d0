/**
 * Every error a caller may meet, with the HTTP status it becomes. Codes are the identity: text is translated
 * at the edge (web/i18n), never compared. A code that is not listed here does not compile.
 */
const FAULTS = {
  'request.invalid': 400,
  'auth.required': 401,
  'auth.failed': 401,
  'auth.throttled': 429,
  'auth.denied': 403,
  'csrf.refused': 403,
  'thing.missing': 404,
  'alert.decided': 409,
  'data.in_use': 409,
  'data.is_demo': 409,
  'schema.newer': 500,
  'schema.older': 500,
  'schema.changed': 500,
  'config.invalid': 500,
  'key.missing': 500,
  'key.wrong': 500,
  'key.shredded': 410,
  'blob.missing': 500,
  'ledger.fork': 500,
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

/** The message of anything thrown, for logs and reports. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  const told = (error as { message?: unknown } | null)?.message
  return typeof told === 'string' ? told : String(error)
}
