/** Reading an untrusted decrypted message: every accessor survives any shape. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(value: Json | undefined, key: string): JsonObject {
  const inner = isObject(value) ? value[key] : undefined
  return isObject(inner) ? inner : {}
}

export function textAt(value: JsonObject, key: string): string {
  const inner = value[key]
  return typeof inner === 'string' ? inner : typeof inner === 'number' ? String(inner) : ''
}

/** A whole number, also when the source sent it as text; null when it is neither. */
export function wholeAt(value: JsonObject, key: string): number | null {
  const inner = value[key]
  const number = typeof inner === 'string' && inner.trim() !== '' ? Number(inner) : inner
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : null
}

export function listAt(value: JsonObject, key: string): Json[] {
  const inner = value[key]
  return Array.isArray(inner) ? inner : []
}

/** Items of chatrecord and mixed carry their content as a JSON string (WeCom path/91774). */
export function parseInner(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : {}
  } catch {
    return { content: text }
  }
}

const OPAQUE = new Set([
  'sdkfileid',
  'md5sum',
  'msgid',
  'from',
  'tolist',
  'roomid',
  'msgtype',
  'action',
  'userid',
])
/**
 * Names that may stand in a path. Paths are stored with hits, where neither NUL nor 700 characters would fit, and two
 * leaves must not share one: any other name is told by its place.
 */
const PLAIN_NAME = /^[\p{L}\p{N}_-]{1,50}$/u
const LEAF_DEPTH = 8
const LEAF_COUNT = 200

/** Every readable string of an unknown payload, so that a new message type is searched and scanned all the same. */
export function textLeaves(
  value: Json,
  path = '',
  depth = 0,
  found: { path: string; text: string }[] = [],
): { path: string; text: string }[] {
  if (depth > LEAF_DEPTH || found.length >= LEAF_COUNT) return found
  if (typeof value === 'string' && value.trim() !== '') found.push({ path, text: value })
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) textLeaves(item, `${path}.${index}`, depth + 1, found)
  else if (isObject(value)) {
    for (const [index, [key, item]] of Object.entries(value).entries()) {
      const name = PLAIN_NAME.test(key) ? key : `#${index}`
      if (!OPAQUE.has(key)) textLeaves(item, path ? `${path}.${name}` : name, depth + 1, found)
    }
  }
  return found
}
