import type { ErrorBody } from './types.ts'

/** A refusal of the server, or of the network (code `network.down`). */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly ref: string

  constructor(code: string, message: string, status: number, ref: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.ref = ref
  }
}

type Query = Record<string, string | number | undefined>

function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  if (entries.length === 0) return path
  return `${path}?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`
}

async function refusal(answer: Response): Promise<ApiError> {
  const body = (await answer.json().catch(() => null)) as ErrorBody | null
  const error = body?.error
  return new ApiError(error?.code ?? 'unknown', error?.message ?? '', answer.status, error?.ref ?? '')
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  const answer = await fetch(path, { credentials: 'same-origin', ...init }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError('network.down', String(cause), 0, '')
  })
  if (!answer.ok) throw await refusal(answer)
  if (answer.status === 204) return undefined as T
  return (await answer.json()) as T
}

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return send<T>(withQuery(path, query), signal ? { signal } : {})
}

/** The header is what another site's form cannot send: our guard against CSRF. */
export function post<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tongjian': '1' },
    body: JSON.stringify(body),
  })
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-tongjian': '1' },
    body: JSON.stringify(body),
  })
}

export function remove(path: string): Promise<void> {
  return send<void>(path, { method: 'DELETE', headers: { 'x-tongjian': '1' } })
}
