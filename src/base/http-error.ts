import type { FastifyReply } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Actor } from './actor.ts'
import { Fault, messageOf } from './errors.ts'
import type { RouteInfo } from './http.ts'
import type { Log } from './log.ts'

type Answer = { status: number; code: string; message: string; details: Record<string, unknown> }

/** What the caller is told. Anything not thrown on purpose is `internal`: its text could hold content. */
function answerFor(error: unknown): Answer {
  if (error instanceof Fault) {
    return { status: error.status, code: error.code, message: error.message, details: error.details }
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = error.validationContext ?? 'request'
    const paths = error.validation.map(issue =>
      `${place}${issue.instancePath.replaceAll('/', '.')}`.replace(/\.$/, ''),
    )
    return {
      status: 400,
      code: 'request.invalid',
      message: `request.invalid: ${paths.join(', ')}`,
      details: { paths, problems: error.validation.map(issue => issue.keyword) },
    }
  }
  const refused = refusedByFastify(error)
  if (refused) return refused
  return { status: 500, code: 'internal', message: 'internal', details: {} }
}

/** Fastify's own refusals: a body too large, of another type, or not JSON. Their code says it all. */
function refusedByFastify(error: unknown): Answer | null {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return null
  const { statusCode, code } = error
  if (typeof statusCode !== 'number' || typeof code !== 'string' || statusCode < 400 || statusCode > 499)
    return null
  return {
    status: statusCode,
    code: 'request.invalid',
    message: `request.invalid: ${code}`,
    details: { reason: code },
  }
}

type Failure = {
  error: unknown
  ref: string
  info: RouteInfo | null
  actor: Actor | undefined
  reply: FastifyReply
  log: Log
  onDenied: ((actor: Actor, refused: RouteInfo) => Promise<void>) | undefined
}

/** The one place where an error becomes an answer. */
export async function answerError(failure: Failure): Promise<void> {
  const { error, ref, info, actor, reply, log } = failure
  const answer = answerFor(error)
  if (answer.code === 'auth.denied' && actor && info) await tellDenied(failure, actor, info)
  const facts = {
    ref,
    code: answer.code,
    status: answer.status,
    method: info?.method,
    route: info?.url,
    who: actor?.name,
  }
  if (answer.status >= 500) log.error({ ...facts, ...traceOf(error) }, 'request failed')
  else log.debug(facts, 'request refused')
  const { retryAfter } = answer.details
  if (typeof retryAfter === 'number') reply.header('retry-after', Math.ceil(retryAfter))
  const { code, message, details } = answer
  await reply
    .status(answer.status)
    .type('application/json; charset=utf-8')
    .send({ error: { code, message, details, ref } })
}

async function tellDenied(failure: Failure, actor: Actor, info: RouteInfo): Promise<void> {
  try {
    await failure.onDenied?.(actor, info)
  } catch (error) {
    failure.log.error({ ref: failure.ref, ...traceOf(error) }, 'a refusal could not be recorded')
  }
}

/**
 * Where it happened. The message of an error that nobody threw on purpose stays out of the log: PostgreSQL and
 * JSON.parse quote the value they choked on, and that may be what a customer wrote.
 */
function traceOf(error: unknown): Record<string, unknown> {
  if (error instanceof Fault)
    return { message: error.message, cause: error.cause ? nameOf(error.cause) : undefined }
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line)) : []
  return { thrown: nameOf(error), frames: frames.slice(0, 8).map(line => line.trim()) }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  return error instanceof Fault ? messageOf(error) : `${error.name}${code}`
}
