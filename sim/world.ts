import { type Archive, createArchive } from './archive.ts'
import { type Backstage, type BackstageOptions, createBackstage } from './backstage.ts'
import type { PublicKey } from './crypto.ts'
import { planDay } from './day.ts'
import { createLive } from './live.ts'
import { createMediaStore, type MediaStore } from './media.ts'
import { type Draft, newMsgid, type Outgoing, type Stored } from './message.ts'
import { type Acts, createOffice } from './office.ts'
import { type Consent, createPeople, type People } from './people.ts'
import { createRng } from './rng.ts'
import { createStory } from './story.ts'
import type { Plant, TruthLine } from './truth.ts'

export const DEMO_CORPID = 'wwcj0bank0demo01'

export type WorldOptions = BackstageOptions & {
  seed: string | number
  publicKeys: readonly PublicKey[]
  corpid?: string
  /** Of the archive (会话内容存档). */
  secret?: string
  /** Of the application that reads departments and customers. */
  appSecret?: string
  onTruth?: (line: TruthLine) => void
  /** Where seq begins: a world that starts anew beside an archive that knows its earlier self begins higher. */
  firstSeq?: number
}

export type World = Backstage &
  Acts & {
    corpid: string
    secrets: { archive: string; app: string; sync: string }
    now: () => number
    people: People
    media: MediaStore
    archive: Archive
    truth: readonly TruthLine[]
    /** Puts a message into the archive; what is missing (msgid, msgtime, action) is filled in. */
    emit(message: Outgoing, plant?: Plant): Stored
    /** Any decrypted text as it is, even broken JSON; `msgid` is what the record's envelope says. */
    emitRaw(text: string, msgid?: string): Stored
    recall(msgid: string): Stored | undefined
    /** The 24 hours before `endAt`, about `messages` of them; returns how many. */
    simulateDay(day: { messages: number; endAt?: number }): number
    live(pace: { perMinute: number }): void
    livePace(): number
    /** One message of the live threads, now, without a timer. */
    step(): Stored | undefined
    /** The operator uploads another public key: the version that messages are sealed under from now on. */
    rotateKey(pem: string): number
    setConsent(userid: string, external: string, consent: Consent): void
    close(): void
  }

export function createWorld(options: WorldOptions): World {
  const corpid = options.corpid ?? DEMO_CORPID
  const rng = createRng(options.seed)
  const backstage = createBackstage(corpid, rng.fork('backstage'), options)
  const { time, faults } = backstage
  const { now } = time
  const people = createPeople(rng.fork('people'), now())
  // A world started again under the same seed must not hand out yesterday's file ids for other bytes.
  const media = createMediaStore(rng.fork(`media/${now()}`), backstage)
  const archive = createArchive(rng.fork('archive'), options.publicKeys, options.firstSeq)
  const ids = rng.fork('ids')
  const truth: TruthLine[] = []
  let days = 0
  const { store, rotateKey } = keeping(archive, backstage)
  const put = (message: Outgoing, at: number, plant?: Plant): Stored => {
    const msgid =
      message.msgid ?? newMsgid(ids.digits(19), at, [message.from ?? '', ...(message.tolist ?? [])])
    const filled = completed(message, msgid, () => at + skew(faults))
    noteConsent(people, filled)
    if (plant) {
      const line = { msgid, ...plant }
      truth.push(line)
      options.onTruth?.(line)
    }
    return store(msgid, at, JSON.stringify(ordered(filled)), filled)
  }
  const story = createStory(rng.fork('story'), people, media)
  const putDraft = (draft: Draft, at: number): Stored => put(draft.message, at, draft.plant)
  const live = createLive(rng.fork('live'), story, time, draft => putDraft(draft, now()))
  const ground = { rng: rng.fork(`office/${now()}`), people, archive, media, now, tell: backstage.tell }
  const office = createOffice({ ...ground, after: time.after, say: message => put(message, now()) })
  return {
    ...backstage,
    ...office,
    corpid,
    secrets: secretsOf(options),
    now,
    people,
    media,
    archive,
    truth,
    emit: (message, plant) => put(message, now(), plant),
    emitRaw: (text, msgid) => store(msgid ?? newMsgid(ids.digits(19), now(), []), now(), text, {}),
    recall: msgid => {
      const revoke = revokeOf(archive.find(msgid))
      return revoke && put(revoke, now())
    },
    simulateDay: ({ messages, endAt }) => {
      const planned = planDay(rng.fork(`day/${days++}`), story, messages, endAt ?? now())
      for (const { at, draft } of planned) putDraft(draft, at)
      return planned.length
    },
    live: ({ perMinute }) => live.pace(perMinute),
    livePace: live.perMinute,
    step: live.step,
    setConsent: (userid, external, consent) => agree(people, userid, external, consent, now()),
    rotateKey,
    close: () => {
      live.pace(0)
      backstage.callbacks.close()
      time.close()
    },
  }
}

/** A change of company has no time of sending and no parties (wecom-api.md §3.5). */
function completed(message: Outgoing, msgid: string, at: () => number): Outgoing {
  return message.action === 'switch'
    ? { ...message, msgid }
    : { action: 'send', msgtime: at(), ...message, msgid }
}

function secretsOf(options: WorldOptions): World['secrets'] {
  const { secret: archive = 'sim-archive-secret', appSecret: app = 'sim-app-secret' } = options
  return { archive, app, sync: 'sim-sync-secret' }
}

/** What every message passes on its way into the archive: a key that is due is changed first. */
function keeping(
  archive: Archive,
  { faults, archived }: Backstage,
): { store: Archive['append']; rotateKey(pem: string): number } {
  return {
    store: (msgid, at, json, message) => {
      const rotation = faults.takeOf(['key_rotation'])
      if (rotation?.pem) archive.rotate(rotation.pem)
      const stored = archive.append(msgid, at, json, message)
      archived()
      return stored
    },
    rotateKey: pem => {
      const version = archive.rotate(pem)
      faults.note('key_rotation')
      return version
    },
  }
}

function revokeOf(target: Stored | undefined): Outgoing | undefined {
  if (!target?.message.from) return undefined
  const { from, tolist = [], roomid = '' } = target.message
  return { action: 'recall', from, tolist, roomid, msgtype: 'revoke', revoke: { pre_msgid: target.msgid } }
}

/** The envelope first, as WeCom writes it. */
function ordered(message: Outgoing): Outgoing {
  const { msgid, action, from, tolist, roomid, msgtime, msgtype, ...payload } = message
  return { msgid, action, from, tolist, roomid, msgtime, msgtype, ...payload }
}

function noteConsent(people: People, message: Outgoing): void {
  if (message.msgtype !== 'agree' && message.msgtype !== 'disagree') return
  const consent = message.msgtype === 'agree' ? 'Agree' : 'Disagree'
  agree(people, message.tolist?.[0] ?? '', message.from ?? '', consent, message.msgtime ?? 0)
}

function agree(people: People, userid: string, external: string, consent: Consent, atMs: number): void {
  const follow = people.contact.get(external)?.follows.find(one => one.userid === userid)
  if (!follow) return
  follow.consent = consent
  follow.consentAt = Math.floor(atMs / 1000)
}

/** How far WeCom's clock is off at this moment, in ms. */
function skew(faults: Backstage['faults']): number {
  return faults.takeOf(['clock_skew'])?.skewMs ?? 0
}
