import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { newId } from '../base/index.ts'
import { isPage, sendPage } from './static.ts'

/** No entrance of that name. A page of the screens finds its way in the browser; anything else is missing. */
export function answerMissing(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isPage(request)) return sendPage(reply)
  return reply.status(404).send(body('thing.missing', {}))
}

/** An address that cannot be decoded reaches no route, hence no error handler of the kit. */
export function answerBadUrl(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  reply.status(error.statusCode ?? 400).send(body('request.invalid', { reason: error.code }))
}

function body(code: string, details: Record<string, string>) {
  return { error: { code, message: code, details, ref: newId() } }
}
