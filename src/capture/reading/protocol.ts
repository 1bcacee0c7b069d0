/** What goes between the server and the process that opens strangers' files. */
export type ReadRequest = { id: number; bytes: Buffer; name: string }
export type ReadText = { source: 'ocr' | 'qr' | 'document'; place: string; text: string }
/** `texts` may be there beside a reason: read up to a bound, and no further. */
export type ReadAnswer = { id: number; texts: ReadText[]; reason: Refusal | null }

/** Why a file, or the rest of it, was not read. */
export type Refusal =
  | 'broken'
  | 'encrypted'
  | 'too_many_pixels'
  | 'too_much_inside'
  | 'truncated'
  | 'animated'
  | 'unsupported'
  | 'no_ocr'

/** Thrown on the way; anything else that is thrown means the file is broken. */
export class Refused extends Error {
  readonly reason: Refusal
  constructor(reason: Refusal) {
    super(reason)
    this.reason = reason
  }
}
