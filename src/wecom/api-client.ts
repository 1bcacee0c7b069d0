import type { z } from 'zod'
import { fail } from '../base/index.ts'
import { fileReply, type WecomFile } from './answer.ts'
import type { Answer, Endpoint, Input } from './api/endpoint.ts'
import { errcodeOf, type Upload, type WecomClient, type WecomRequest } from './client.ts'

/** Which application's secret is used for what (wecom-api.md §1.5). */
export type WecomSecrets = { archive: string; contact: string; sync?: string | undefined }

/** Ready, or to be asked again later: WeCom is still handing the task out (41063, 41079). */
export type Outcome<T> = { ready: true; reply: T } | { ready: false; errcode: number; retryAfter: number }

/** Every declared endpoint, asked with its own secret; what is sent and what comes is checked by its schemas. */
export type WecomApi = {
  /** @throws request.invalid before anything is sent; wecom.refused, wecom.unreachable, wecom.unreadable. */
  ask<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<Answer<E>>
  /** Page after page until the last. */
  pages<E extends Endpoint>(endpoint: E, input: Input<E>): AsyncGenerator<Answer<E>>
  outcome<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<Outcome<Answer<E>>>
  /** Write what `read` makes of the present state; it is read again when somebody else wrote meanwhile (6000). */
  revise<E extends Endpoint>(endpoint: E, read: () => Promise<Input<E>>): Promise<Answer<E>>
  upload<E extends Endpoint>(endpoint: E, input: Input<E>, file: Upload): Promise<Answer<E>>
  download<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<WecomFile>
}

/** Not an external contact, or the list is empty: nobody there (§4.1). */
const NOBODY = 84061
const BEING_DISPATCHED = new Set([41063, 41079])
/** Handing a task out takes WeCom a moment; a quarter of a minute is soon enough to look again. */
const DISPATCH_SECONDS = 15
const CONFLICT = 6000
const CONFLICTS = 3

export function wecomApi(client: WecomClient, secrets: WecomSecrets): WecomApi {
  const secretOf = (one: Endpoint): string => {
    if (one.secret === 'archive') return secrets.archive
    // Without one WeCom answers 48002, which says what is missing.
    return one.secret === 'sync' ? (secrets.sync ?? secrets.contact) : secrets.contact
  }
  const ask = <E extends Endpoint>(one: E, input: Input<E>, upload?: Upload): Promise<Answer<E>> =>
    client.call(secretOf(one), requestFor(one, input, one.reply as z.ZodType<Answer<E>>, upload))
  return {
    ask: async (one, input) => ask(one, input),
    upload: async (one, input, file) => ask(one, input, file),
    download: async (one, input) =>
      client.call(secretOf(one), { ...requestFor(one, input, fileReply), file: true }),
    pages: (one, input) => pagesOf(one, input, next => ask(one, next)),
    async outcome(one, input) {
      try {
        return { ready: true, reply: await ask(one, input) }
      } catch (error) {
        const errcode = errcodeOf(error)
        if (errcode === null || !BEING_DISPATCHED.has(errcode)) throw error
        return { ready: false, errcode, retryAfter: DISPATCH_SECONDS }
      }
    },
    async revise(one, read) {
      for (let conflicts = 0; ; conflicts++) {
        try {
          return await ask(one, await read())
        } catch (error) {
          if (errcodeOf(error) !== CONFLICT || conflicts === CONFLICTS) throw error
        }
      }
    },
  }
}

/** The fields of a query stand in the address, those of a body in it; an upload's body is the file. */
function requestFor<T>(one: Endpoint, input: unknown, reply: z.ZodType<T>, upload?: Upload): WecomRequest<T> {
  const checked = one.request.safeParse(input)
  if (!checked.success) {
    const fields = checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw fail('request.invalid', { api: one.path, fields })
  }
  const { method, path, idempotent, perMinute, window, serial } = one
  const request = { method, path, idempotent, perMinute, window, serial, reply }
  if (method === 'POST' && !upload) return { ...request, body: checked.data as object }
  const query = queryOf(checked.data as Record<string, unknown>)
  return upload ? { ...request, query, upload } : { ...request, query }
}

function queryOf(fields: Record<string, unknown>): Record<string, string | number> {
  const query: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number') query[name] = value
  }
  return query
}

type Paged = { next_cursor?: string; next_offset?: number; total?: number }

/** Until there is no next page, or until it stands still: then it would never end. */
async function* pagesOf<E extends Endpoint>(
  one: E,
  input: Input<E>,
  ask: (input: Input<E>) => Promise<Answer<E>>,
): AsyncGenerator<Answer<E>> {
  const key = one.paging === 'offset' ? 'offset' : 'cursor'
  let at: string | number = key === 'offset' ? 0 : ''
  for (;;) {
    const page = await ask({ ...(input as object), [key]: at } as Input<E>).catch(error => {
      if (errcodeOf(error) === NOBODY) return null
      throw error
    })
    if (page === null) return
    yield page
    const next = nextOf(page as Paged, key)
    if (next === null || next === at) return
    at = next
  }
}

function nextOf(page: Paged, key: 'cursor' | 'offset'): string | number | null {
  if (key === 'cursor') return page.next_cursor || null
  const { next_offset: next = 0, total = 0 } = page
  return next > 0 && next < total ? next : null
}
