import type { FastifyReply } from 'fastify'
import type { z } from 'zod'

/** The page's JSON as `schema` has it, or undefined. */
export function read<T>(schema: z.ZodType<T>, body: unknown): T | undefined {
  try {
    return schema.parse(JSON.parse(String(body)))
  } catch {
    return undefined
  }
}

export function refuse(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(400).send({ error: message })
}
