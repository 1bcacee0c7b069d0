import { type Db, type House, hash63, keyMonth, now, pooledRandom, seal } from '../base/index.ts'
import { type ConsentEvent, consentIn, openGate, pendingChoice } from '../contacts/index.ts'
import { commitment } from '../ledger/index.ts'
import { type Media, mediaOf, type Normal, textsOf } from '../wecom/index.ts'
import { type GramHasher, gramHasher } from './grams.ts'
import { passingOf } from './passing.ts'
import { bodyContext, derivedContext, derivedRecord, messageRecord, micros } from './record.ts'

/** A decrypted, normalised message on its way into the archive. */
export type Incoming = { raw: Buffer; normal: Normal; seq: number | null; source: string }

type PreparedDerived = { part: string; body: Buffer; commitment: Buffer; recordHash: Buffer }
type PreparedMedia = { part: string; sdkfileid: Buffer }

/** Everything that is written for one message, computed before the transaction opens. */
export type Prepared = {
  incoming: Incoming
  conv: string
  sentAt: number
  capturedAt: number
  keyId: string
  /** Null: the customer refused, and only metadata are kept (decision 014). */
  body: Buffer | null
  /** The choice that stood in the way, whether the body was dropped for it or kept all the same. */
  consentEvent: string | null
  commitment: Buffer
  recordHash: Buffer
  grams: number[]
  derived: PreparedDerived[]
  media: PreparedMedia[]
}

const SALT_BYTES = 32

/** The conversation a message belongs to: a number anyone can compute, without a look-up. */
export function conversationId(house: House, normal: Pick<Normal, 'conversation'>): string {
  return hash63('tongjian conversation v1', house.corpid, ...normal.conversation)
}

const hashers = new WeakMap<House, GramHasher>()

/** The institution's gram hasher, made once. */
export async function gramsOf(db: Db, house: House): Promise<GramHasher> {
  let hasher = hashers.get(house)
  if (!hasher) {
    hasher = gramHasher(await house.keys.gramSecret(db))
    hashers.set(house, hasher)
  }
  return hasher
}

/** Seal, commit, hash and index a batch. Pure work but for fetching and making data keys. */
export async function prepare(db: Db, house: House, batch: Incoming[]): Promise<Prepared[]> {
  const hasher = await gramsOf(db, house)
  const convs = batch.map(item => conversationId(house, item.normal))
  const scopes = batch.map((item, i) => ({ conv: convs[i] ?? '', month: keyMonth(item.normal.sentAt) }))
  const keys = await house.keys.forScopes(db, scopes)
  const capturedAt = now()
  const verdicts = await verdictsOf(db, house, batch, capturedAt)
  return batch.map((incoming, i) => {
    const key = keys[i]
    const conv = convs[i]
    if (!key || conv === undefined) throw new Error('a key is missing for a prepared message')
    return prepareOne(house.corp, incoming, verdicts[i] ?? PASSED, { conv, key, capturedAt, hasher })
  })
}

type Key = Awaited<ReturnType<House['keys']['forScopes']>>[number]

/** What the gate said of a message, and the word its meta carries for it; both stand in its leaf. */
type Verdict = { consent: 'refused' | 'by_law' | 'others' | null; event: string | null }
const PASSED: Verdict = { consent: null, event: null }

/**
 * May these bodies be taken in? Choices that stand in the batch itself count, so that a refusal and what follows it may
 * come in one page.
 */
async function verdictsOf(db: Db, house: House, batch: Incoming[], capturedAt: number): Promise<Verdict[]> {
  const passing = batch.map(({ normal }) => passingOf({ ...normal, capturedAt }))
  const pending = consentsIn(batch, capturedAt).map(event => ({
    ...pendingChoice(house, event, capturedAt),
    externalUserid: event.externalUserid,
  }))
  const gate = await openGate(db, house, passing, pending)
  return passing.map(message => {
    const refusal = gate.refusal(message)
    if (!refusal) return PASSED
    const event = refusal.choice.id
    if (refusal.whose === 'other') return { consent: 'others', event }
    return { consent: house.archiveBasis === undefined ? 'refused' : 'by_law', event }
  })
}

/** The choices that messages of a batch make, learnt when it was captured. */
export function consentsIn(batch: Incoming[], capturedAt: number): ConsentEvent[] {
  return batch.flatMap(item => {
    const event = consentIn(item.normal)
    return event ? [{ ...event, recordedAt: capturedAt }] : []
  })
}

type Place = { conv: string; key: Key; capturedAt: number; hasher: GramHasher }

function prepareOne(corp: number, told: Incoming, verdict: Verdict, place: Place): Prepared {
  const { conv, key, capturedAt, hasher } = place
  const incoming = marked(told, verdict)
  const kept = verdict.consent !== 'refused'
  const { normal, raw } = incoming
  const { sentAt, msgid } = normal
  const salt = pooledRandom(SALT_BYTES)
  const committed = commitment(salt, raw)
  // Of what is not kept nothing is derived: no grams, no texts, no files.
  const texts = kept ? textsOf(normal) : []
  const recordHash = messageRecord(
    {
      corp,
      conv,
      sentAt: micros(sentAt),
      msgid,
      source: incoming.source,
      seq: incoming.seq === null ? null : String(incoming.seq),
      kind: normal.kind,
      action: normal.action,
      direction: normal.direction,
      from: normal.from,
      meta: normal.meta,
      consentEvent: verdict.event,
      retention: 'forever',
      capturedAt: micros(capturedAt),
      links: normal.links,
    },
    committed,
  )
  const forwarded = normal.kind === 'chatrecord' ? texts.filter(text => text.part !== 'title') : []
  return {
    incoming,
    conv,
    sentAt,
    capturedAt,
    keyId: key.id,
    // The salt goes with the body: whoever guesses the words cannot hold his guess against the commitment.
    body: kept ? seal(key.key, Buffer.concat([salt, raw]), bodyContext(corp, conv, sentAt, msgid)) : null,
    consentEvent: verdict.event,
    commitment: committed,
    recordHash,
    grams: hasher.of(texts.map(text => text.text).join('\n')),
    derived: forwarded.map(text =>
      sealDerived(
        { corp, conv, sentAt, msgid, source: 'record', part: text.part },
        text.text,
        key,
        capturedAt,
      ),
    ),
    media: (kept ? mediaOf(normal) : []).map(media => sealMedia(media, corp, conv, sentAt, msgid, key)),
  }
}

function marked(incoming: Incoming, { consent }: Verdict): Incoming {
  if (consent === null) return incoming
  return { ...incoming, normal: { ...incoming.normal, meta: { ...incoming.normal.meta, consent } } }
}

type DerivedRef = {
  corp: number
  conv: string
  sentAt: number
  msgid: string
  source: string
  part: string
}

/** Seal a text derived from a message: a forwarded record, or what a picture or file says. */
export function sealDerived(ref: DerivedRef, text: string, key: Key, derivedAt: number): PreparedDerived {
  const salt = pooledRandom(SALT_BYTES)
  const raw = Buffer.from(text)
  const committed = commitment(salt, raw)
  const { corp, conv, sentAt, msgid, source, part } = ref
  return {
    part,
    body: seal(key.key, Buffer.concat([salt, raw]), derivedContext(corp, conv, sentAt, msgid, source, part)),
    commitment: committed,
    recordHash: derivedRecord(
      { corp, conv, sentAt: micros(sentAt), msgid, source, part, derivedAt: micros(derivedAt) },
      committed,
    ),
  }
}

function sealMedia(
  media: Media,
  corp: number,
  conv: string,
  sentAt: number,
  msgid: string,
  key: Key,
): PreparedMedia {
  return {
    part: media.part,
    sdkfileid: seal(key.key, media.sdkfileid, `media|${corp}|${conv}|${sentAt}|${msgid}|${media.part}`),
  }
}

/** Split an opened body into the salt of its commitment and the decrypted bytes. */
export function splitBody(opened: Buffer): { salt: Buffer; raw: Buffer } {
  return { salt: opened.subarray(0, SALT_BYTES), raw: opened.subarray(SALT_BYTES) }
}
