import { Fault, now } from '../base/index.ts'

export type Token = { value: string; renewAt: number }

/** A wrong secret asked again and again gets the address barred for an hour (§1.1): rest before asking again. */
const WRONG_SECRET = new Set([40001, 40013, 40091])
const REST_AFTER_WRONG_SECRET = 60_000
/** Fetched anew this long before it ends, so that no call starts with a token about to die. */
const TOKEN_MARGIN_SECONDS = 300

export function tokenOf(value: string, seconds: number): Token {
  return { value, renewAt: now() + Math.max(seconds - TOKEN_MARGIN_SECONDS, seconds / 2) * 1000 }
}

/** One token a secret. Callers who come while it is fetched wait for the same one. */
export class Tokens {
  readonly #fetch: (secret: string) => Promise<Token>
  readonly #held = new Map<string, Token>()
  readonly #running = new Map<string, Promise<Token>>()
  readonly #resting = new Map<string, { until: number; error: Fault }>()

  constructor(fetchOne: (secret: string) => Promise<Token>) {
    this.#fetch = fetchOne
  }

  async get(secret: string): Promise<Token> {
    const held = this.#held.get(secret)
    if (held && now() < held.renewAt) return held
    const resting = this.#resting.get(secret)
    if (resting && now() < resting.until) throw resting.error
    const running = this.#running.get(secret)
    if (running) return running
    const fetching = this.#renew(secret).finally(() => this.#running.delete(secret))
    this.#running.set(secret, fetching)
    return fetching
  }

  /** Only if it is still the one that failed: another caller may have renewed it meanwhile. */
  drop(secret: string, token: Token): void {
    if (this.#held.get(secret) === token) this.#held.delete(secret)
  }

  async #renew(secret: string): Promise<Token> {
    try {
      const token = await this.#fetch(secret)
      this.#held.set(secret, token)
      this.#resting.delete(secret)
      return token
    } catch (error) {
      if (error instanceof Fault && WRONG_SECRET.has(Number(error.details.errcode ?? 0))) {
        this.#resting.set(secret, { until: now() + REST_AFTER_WRONG_SECRET, error })
      }
      throw error
    }
  }
}
