import { fail, type Kit } from '../base/index.ts'
import type { CallbackQuery } from '../wecom/index.ts'
import { type CallbackDeps, receiveCallback, verifyAddress } from './callbacks.ts'

const URL = '/wecom/callback'
/** The longest event (a tag given to 1,000 people of 64 characters) is 128 KB in base64 within XML. */
const BODY_LIMIT = 512 * 1024

/**
 * WeCom's entrance (path/90930). The signature proves the caller, so there is neither session nor CSRF header. Null:
 * no keys are set, and nothing is taken.
 */
export function callbackRoutes(deps: CallbackDeps | null): (kit: Kit) => void {
  return kit => {
    kit.raw({
      method: 'GET',
      url: URL,
      bodyLimit: BODY_LIMIT,
      handler: async ({ query }) => verifyAddress(configured(deps), queryOf(query), query.echostr ?? ''),
    })
    kit.raw({
      method: 'POST',
      url: URL,
      bodyLimit: BODY_LIMIT,
      // An empty answer with status 200 is "received" (wecom-api.md §2.1).
      handler: async ({ query, body }) => {
        await receiveCallback(configured(deps), queryOf(query), body)
        return ''
      },
    })
  }
}

function configured(deps: CallbackDeps | null): CallbackDeps {
  if (!deps) throw fail('callback.off', { hint: 'set WECOM_CALLBACK_TOKEN and WECOM_CALLBACK_AES_KEY' })
  return deps
}

function queryOf(query: Record<string, string>): CallbackQuery {
  return {
    signature: query.msg_signature ?? '',
    timestamp: query.timestamp ?? '',
    nonce: query.nonce ?? '',
  }
}
