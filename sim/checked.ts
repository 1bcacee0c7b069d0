import { z } from 'zod'
import type { Route } from './server.ts'

type Answer = Record<string, unknown> | number
export type Handle = Route['handle']

/**
 * A handler that sees only what the schema let through. A check that has a code of its own says it as its message
 * (`z.array(word).max(300, '41068')`); everything else is 40058, invalid request parameter (wecom-api.md §1.3).
 */
export function checked<S extends z.ZodType>(schema: S, handle: (input: z.output<S>) => Answer): Handle {
  return (_, body) => {
    const parsed = schema.safeParse(body)
    return parsed.success ? handle(parsed.data) : errcodeOf(parsed.error.issues)
  }
}

/** A wrong type is told before a missed limit, whatever the order of the fields. */
function errcodeOf(issues: readonly { code?: string; message: string }[]): number {
  const own = (one: { message: string }): boolean => /^\d{5,6}$/.test(one.message)
  const wrongType = issues.find(one => one.code === 'invalid_type')
  const first = wrongType ?? issues.find(own)
  return first && own(first) ? Number(first.message) : 40058
}

/** Text of at most so many bytes in UTF-8; 45002 is content too long. */
export function bytes(max: number, code = '45002'): z.ZodString {
  return z.string().refine(text => Buffer.byteLength(text) <= max, code)
}

/** Text of at most so many characters. */
export function chars(max: number, code = '45002'): z.ZodString {
  return z.string().refine(text => [...text].length <= max, code)
}

export function limited(max: number, standard: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(1).max(max).default(standard)
}

export const cursor = z.string().default('')
export const ids = (max: number, code = '40058'): z.ZodArray<z.ZodString> =>
  z.array(z.string().min(1)).max(max, code)
export const seconds = z.number().int().min(0)

type Rest = Partial<Pick<Route, 'empty' | 'permission' | 'perMinute'>>
/** Short forms for the tables of routes; the application's secret unless another is named. */
export function post(path: string, handle: Handle, rest: Rest = {}): Route {
  return { method: 'POST', path: `/cgi-bin/${path}`, permission: 'app', handle, ...rest }
}
export function get(path: string, handle: Handle, rest: Rest = {}): Route {
  return { method: 'GET', path: `/cgi-bin/${path}`, permission: 'app', handle, ...rest }
}
