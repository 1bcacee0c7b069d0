import { z } from 'zod'

/** Whose token opens it: the application's, the archive's, contact sync's (wecom-api.md §1.5); `any` needs no right. */
export type SecretKind = 'app' | 'archive' | 'sync' | 'any'

/**
 * One endpoint of WeCom as a declared value: the client calls by it, the register for the institution's due diligence
 * is printed from it. Schemas are those of the wire; fields nobody named are kept, because the platform adds some
 * without notice.
 */
export type Endpoint<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  name: string
  method: 'GET' | 'POST'
  /** What follows /cgi-bin/. */
  path: string
  secret: SecretKind
  /** The body of a POST, the query of a GET and of an upload. */
  request: I
  reply: O
  /** May it be sent twice? Only then is it tried again when nobody knows whether it arrived (§1.2). */
  idempotent: boolean
  /** Calls a minute the platform allows the institution; 10,000 unless it says otherwise (§1.4). */
  perMinute?: number
  /** The longest window of its limit, where it is not the minute and the hour of every API. */
  window?: 'day' | 'month'
  /** "Call serially": one at a time (§9). */
  serial?: boolean
  /** How its pages are asked for. */
  paging?: 'cursor' | 'offset'
  /** A file goes with it, or comes back. */
  file?: 'up' | 'down'
  /** What must be granted in WeCom, in the words of its administration page. */
  permission: string
  /** Official page: developer.work.weixin.qq.com/document/path/{doc}. */
  doc: number
  /** What it reads or sends. */
  data: string
  /** Why the product needs it; M1–M16 are the obligations it serves. */
  why: string
}

export type Input<E> = E extends Endpoint<infer I, z.ZodType> ? z.input<I> : never
export type Answer<E> = E extends Endpoint<z.ZodType, infer O> ? z.output<O> : never

export function endpoint<I extends z.ZodType, O extends z.ZodType>(one: Endpoint<I, O>): Endpoint<I, O> {
  return one
}

/** Rights as the administration page names them. */
export const RIGHTS = {
  contact: '应用可见范围',
  customer: '客户联系 → API → 可调用接口的应用',
  archive: '会话内容存档（专用 Secret 与 IP 白名单）',
  message: '应用可见范围；企业可信 IP',
  login: '网页授权及企业微信授权登录（可信域名）',
  none: '无需专门授权',
} as const

/** An answer that says only whether it worked. */
export const done = z.looseObject({})
export const empty = z.looseObject({})
export const whole = z.number().int()
export const text = z.string()
export const list = z.array(z.string())
export const numbers = z.array(z.number().int())

/** A page's cursor: absent and '' at the first, and at the end. */
export const cursor = z.string().optional()

/** At most so many characters; the platform counts UTF-8 characters, not UTF-16 units. */
export function upTo(characters: number): z.ZodType<string, string> {
  return z.string().refine(value => [...value].length <= characters, `at most ${characters} characters`)
}

/** At most so many bytes of UTF-8. */
export function upToBytes(bytes: number): z.ZodType<string, string> {
  return z.string().refine(value => Buffer.byteLength(value) <= bytes, `at most ${bytes} bytes`)
}

/** What a message or Moment carries beside its text (§5.1, §5.2). */
export const attachment = z.looseObject({
  msgtype: z.enum(['image', 'link', 'miniprogram', 'video', 'file']),
  image: z.looseObject({ media_id: text.optional(), pic_url: text.optional() }).optional(),
  link: z
    .looseObject({
      title: upToBytes(128).optional(),
      picurl: upToBytes(2048).optional(),
      desc: upToBytes(512).optional(),
      url: upToBytes(2048),
      media_id: text.optional(),
    })
    .optional(),
  miniprogram: z
    .looseObject({ title: upToBytes(64), pic_media_id: text, appid: text, page: text })
    .optional(),
  video: z.looseObject({ media_id: text, thumb_media_id: text.optional() }).optional(),
  file: z.looseObject({ media_id: text }).optional(),
})
export type Attachment = z.infer<typeof attachment>
