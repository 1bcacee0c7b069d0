import type { z } from 'zod'
import { type Actor, after, fail, inTransaction, monotonic, newId, now } from '../../base/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { isConcealedCategory } from '../../policies/index.ts'
import { record } from '../../trail/index.ts'
import { bookOf, forgetBook, nameOfAccount, sealAddress, sealHook } from './book.ts'
import { endHook, insertHook, upsertAddress } from './book-store.ts'
import type {
  addressView,
  DeliveryOverview,
  DeliverySettings,
  DeliveryView,
  deliveryQuery,
  madeHook,
  newHook,
  saveSettings,
  setAddress,
  testDelivery,
  tested,
} from './contract.ts'
import type { DeliveryDeps } from './deps.ts'
import { newSecret } from './hooks.ts'
import { isQuiet } from './hours.ts'
import { sendDue, testRow } from './send.ts'
import {
  countChannels,
  countOpen,
  insertDeliveries,
  insertSettings,
  reviveDelivery,
  selectDeliveries,
  selectDelivery,
} from './store.ts'

const DAY_MS = 86_400_000

/** `w***@bank.example`: enough to know it again. */
function maskMail(mail: string): string {
  const at = mail.lastIndexOf('@')
  return `${mail.slice(0, 1)}***${mail.slice(at)}`
}

/** Everything the settings page shows. Addresses are masked, secrets are not there. */
export async function deliveryOverview(deps: DeliveryDeps, actor: Actor): Promise<DeliveryOverview> {
  authorise(actor, 'delivery.manage')
  const { db, house, rules } = deps
  const book = await bookOf(db, house)
  const counts = await countOpen(db, house.corp)
  const { departments } = await directoryOf(db, house)
  const categories = new Map([...rules().rules.values()].map(rule => [rule.category, rule.categoryName]))
  const receivers: DeliveryOverview['receivers'] = []
  for (const person of book.people.values()) {
    const { accountId: account, name: username, role, userid } = person
    if (!TOLD_ROLES.includes(role)) continue
    const mail = book.mail.get(account)
    const name = (await nameOfAccount(db, house, username)) ?? username
    receivers.push({
      ...{ account, username, name, role: role as DeliveryOverview['receivers'][number]['role'] },
      ...{ card: userid !== null && userid !== '', mail: mail === undefined ? null : maskMail(mail) },
    })
  }
  return {
    version: book.version,
    settings: book.settings,
    setBy: book.setBy,
    setAt: book.setAt,
    channels: await channelsOf(deps),
    receivers,
    hooks: [...book.hooks.values()].map(({ id, name, url, severities, madeBy, madeAt }) => {
      return { id, name, url, severities, madeBy, madeAt }
    }),
    hosts: [...(deps.ways.hooks?.hosts ?? [])],
    quietNow: isQuiet(book.settings, now(), house.zone),
    waiting: counts.waiting,
    escalating: counts.escalating,
    categories: [...categories].map(([id, name]) => ({ id, name, concealed: isConcealedCategory(id) })),
    departments: [...departments.values()].map(({ id, name }) => ({ id, name })),
  }
}

/** Who can be told of alerts at all: those who may read them. */
const TOLD_ROLES = ['officer', 'lead', 'risk', 'supervisor', 'auditor', 'inspector']

async function channelsOf({ db, house, ways }: DeliveryDeps): Promise<DeliveryOverview['channels']> {
  const counted = new Map(
    (await countChannels(db, house.corp, now() - DAY_MS)).map(one => [one.channel, one]),
  )
  const book = await bookOf(db, house)
  const why = {
    card: ways.cards ? (ways.callback ? 'ready' : 'no_callback') : (ways.whyNoCards ?? 'no_wecom'),
    mail: ways.mail ? 'ready' : 'no_smtp',
    hook: ways.hooks ? (book.hooks.size > 0 ? 'ready' : 'no_hook') : 'no_hosts',
  } as const
  return (['card', 'mail', 'hook'] as const).map(channel => ({
    channel,
    on: channel === 'card' ? ways.cards !== undefined : why[channel] === 'ready',
    why: why[channel],
    sent: Number(counted.get(channel)?.sent ?? 0),
    failed: Number(counted.get(channel)?.failed ?? 0),
  }))
}

/** Put new settings in force. Nobody may switch off that somebody who decides hears of P0 at once. */
export async function saveDeliverySettings(
  deps: DeliveryDeps,
  actor: Actor,
  input: z.output<typeof saveSettings>,
): Promise<DeliveryOverview> {
  authorise(actor, 'delivery.manage')
  refuseSilence(input.settings)
  const { db, house } = deps
  await inTransaction(db, async tx => {
    const row = { version: input.version + 1, settings: input.settings, by: actor.name, at: now() }
    if (!(await insertSettings(tx, house.corp, row))) throw fail('delivery.moved')
    await record(tx, actor, {
      verb: 'delivery.configured',
      thing: { kind: 'delivery', id: 'settings' },
      detail: { version: row.version, settings: JSON.stringify(input.settings).slice(0, LONGEST_DETAIL) },
    })
  })
  forgetBook(house)
  return deliveryOverview(deps, actor)
}

const LONGEST_DETAIL = 16_000
const DECIDES = new Set(['officer', 'lead'])

function refuseSilence(settings: DeliverySettings): void {
  const heard = settings.routes.some(
    route =>
      route.severities.includes('P0') &&
      route.categories.length === 0 &&
      route.departments.length === 0 &&
      route.roles.some(role => DECIDES.has(role)) &&
      route.channels.some(channel => channel !== 'digest'),
  )
  if (!heard) throw fail('delivery.silent')
  if (!settings.escalation.some(step => step.severity === 'P0')) throw fail('delivery.silent')
}

export async function addHook(
  deps: DeliveryDeps,
  actor: Actor,
  input: z.output<typeof newHook>,
): Promise<z.infer<typeof madeHook>> {
  authorise(actor, 'delivery.manage')
  const { db, house, ways } = deps
  if (!ways.hooks?.allows(input.url)) throw fail('hook.refused', { reason: 'host' })
  const id = newId()
  const secret = newSecret()
  await inTransaction(db, async tx => {
    const sealed = await sealHook(tx, house, id, { name: input.name, url: input.url, secret })
    await insertHook(tx, house.corp, { id, sealed, severities: input.severities, by: actor.name, at: now() })
    await record(tx, actor, {
      verb: 'hook.added',
      thing: { kind: 'hook', id },
      detail: { host: new URL(input.url).host, severities: input.severities.join(' ') },
    })
  })
  forgetBook(house)
  return { id, secret }
}

export async function removeHook({ db, house }: DeliveryDeps, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'delivery.manage')
  await inTransaction(db, async tx => {
    if (!(await endHook(tx, house.corp, id, actor.name, now()))) throw fail('thing.missing', { hook: id })
    await record(tx, actor, { verb: 'hook.removed', thing: { kind: 'hook', id }, detail: {} })
  })
  forgetBook(house)
}

export async function listDeliveries(
  { db, house }: DeliveryDeps,
  actor: Actor,
  query: z.output<typeof deliveryQuery>,
): Promise<{ items: DeliveryView[] }> {
  authorise(actor, 'delivery.manage')
  const book = await bookOf(db, house)
  const rows = await selectDeliveries(db, house.corp, query)
  const names = new Map<string, string>()
  for (const id of new Set(rows.map(row => row.receiver))) {
    const person = book.people.get(id)
    const name = person ? await nameOfAccount(db, house, person.name) : book.hooks.get(id)?.name
    names.set(id, name ?? '已停用')
  }
  return { items: rows.map(({ receiver, ...row }) => ({ ...row, receiver: names.get(receiver) ?? '' })) }
}

/** Try once more what was given up, or what had no way to go. */
export async function redeliver(deps: DeliveryDeps, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'delivery.manage')
  const { db, house } = deps
  await inTransaction(db, async tx => {
    if (!(await selectDelivery(tx, house.corp, id))) throw fail('thing.missing', { delivery: id })
    if (!(await reviveDelivery(tx, house.corp, id, now()))) throw fail('delivery.moved')
    await record(tx, actor, { verb: 'delivery.again', thing: { kind: 'delivery', id }, detail: {} })
  })
}

/** Send a test to oneself, or to a webhook, and say what came of it. */
export async function testChannel(
  deps: DeliveryDeps,
  actor: Actor,
  input: z.output<typeof testDelivery>,
): Promise<z.infer<typeof tested>> {
  authorise(actor, 'delivery.manage')
  const { db, house } = deps
  const receiver = input.channel === 'hook' ? input.hook : actor.accountId
  if (!receiver) throw fail('request.invalid', { hint: 'a webhook test names its webhook' })
  const row = testRow(receiver, input.channel)
  await inTransaction(db, async tx => {
    await insertDeliveries(tx, house.corp, [row])
    await record(tx, actor, {
      verb: 'delivery.tested',
      thing: { kind: 'delivery', id: row.id },
      detail: { channel: input.channel },
    })
  })
  return outcomeOf(deps, row.id, input.channel)
}

const PATIENCE_MS = 15_000
const LOOK_MS = 100

/** Sent by whoever takes it first, this call or the sender that runs anyway. */
async function outcomeOf(
  deps: DeliveryDeps,
  id: string,
  channel: 'card' | 'mail' | 'hook',
): Promise<z.infer<typeof tested>> {
  const { db, house } = deps
  const deadline = monotonic() + PATIENCE_MS
  for (;;) {
    await sendDue(deps, channel)
    const found = await selectDelivery(db, house.corp, id)
    const state = found?.state ?? 'void'
    if (state !== 'waiting' || monotonic() > deadline) return { state, reason: found?.reason ?? null }
    await after(LOOK_MS)
  }
}

/** A person's own address, or one set by whoever manages deliveries. */
export async function putAddress(
  { db, house }: DeliveryDeps,
  actor: Actor,
  account: string,
  { email }: z.output<typeof setAddress>,
): Promise<void> {
  if (account !== actor.accountId) authorise(actor, 'delivery.manage')
  const book = await bookOf(db, house)
  if (!book.people.has(account)) throw fail('thing.missing', { account })
  await inTransaction(db, async tx => {
    const sealed = await sealAddress(tx, house, account, email)
    await upsertAddress(tx, house.corp, { account, sealed, by: actor.name, at: now() })
    await record(tx, actor, {
      verb: 'delivery.address_set',
      thing: { kind: 'account', id: account },
      detail: { removed: email === '' },
    })
  })
  forgetBook(house)
}

export async function ownAddress(deps: DeliveryDeps, actor: Actor): Promise<z.infer<typeof addressView>> {
  const { db, house, ways } = deps
  const book = await bookOf(db, house)
  return {
    email: book.mail.get(actor.accountId ?? '') ?? null,
    userid: ways.cards !== undefined && actor.userid !== null && actor.userid !== '',
    mail: ways.mail !== undefined,
  }
}
