import type { Actor, Tx } from '../base/index.ts'
import { staffLeft } from '../people/index.ts'
import { isExternal, type WecomEvent } from '../wecom/index.ts'
import { recordConsent } from './consent.ts'
import {
  type FollowKind,
  type GroupKind,
  insertFollowEvents,
  insertGroupEvents,
  upsertWanted,
} from './history-store.ts'
import { contactNoticeDue, groupNoticeDue } from './notice.ts'

type Apply = (tx: Tx, actor: Actor, event: WecomEvent) => Promise<void>

/**
 * Take one event of WeCom into the history (wecom-api.md §2.3). Everything written is keyed by the event itself and the
 * present state is computed from what is written: told twice or in another order, the outcome is the same. What an event
 * does not carry is wanted from WeCom afterwards, for that one customer or group. Other events are not ours and pass.
 */
export async function applyContactEvent(tx: Tx, actor: Actor, event: WecomEvent): Promise<void> {
  const [kind = ''] = event.type.split('.')
  await (APPLY.get(event.type) ?? APPLY.get(kind))?.(tx, actor, event)
}

const APPLY = new Map<string, Apply>(
  Object.entries({
    'change_external_contact.add_external_contact': added('added'),
    'change_external_contact.add_half_external_contact': added('half_added'),
    'change_external_contact.edit_external_contact': wantContact,
    'change_external_contact.del_external_contact': follow('deleted_by_staff'),
    'change_external_contact.del_follow_user': follow('deleted_by_customer'),
    'change_external_contact.transfer_fail': follow('transfer_failed'),
    'change_external_contact.msg_audit_approved': approved,
    'change_external_chat.create': group('created'),
    'change_external_chat.update': groupUpdated,
    'change_external_chat.dismiss': group('dismissed'),
    'change_contact.delete_user': async (tx, actor, event) => {
      await staffLeft(tx, actor.house, event.fields.UserID ?? '')
      await wantDirectory(tx, actor)
    },
    change_contact: wantDirectory,
    // Tags are not kept yet; the customers who carry one are not named by the event.
    change_external_tag: async () => undefined,
  }),
)

function follow(kind: FollowKind): Apply {
  return async (tx, actor, { at, fields }) => {
    const { UserID: userid, ExternalUserID: externalUserid } = fields
    if (!userid || !externalUserid) return
    const reason = fields.FailReason ?? fields.Source ?? ''
    const { corp } = actor.house
    await insertFollowEvents(tx, corp, [
      { userid, externalUserid, kind, reason, source: 'callback', effectiveAt: at },
    ])
  }
}

function added(kind: FollowKind): Apply {
  return async (tx, actor, event) => {
    await follow(kind)(tx, actor, event)
    await wantContact(tx, actor, event)
    const { UserID: staff, ExternalUserID: party, WelcomeCode: code } = event.fields
    if (staff && party) await contactNoticeDue(tx, actor, { staff, party, at: event.at, code: code || null })
  }
}

async function wantContact(tx: Tx, actor: Actor, { fields }: WecomEvent): Promise<void> {
  if (fields.ExternalUserID) await upsertWanted(tx, actor.house.corp, 'contact', fields.ExternalUserID)
}

async function wantDirectory(tx: Tx, actor: Actor): Promise<void> {
  await upsertWanted(tx, actor.house.corp, 'directory', '')
}

/** The customer's consent to archiving, as WeCom tells it (path/92005). */
async function approved(tx: Tx, actor: Actor, { at, fields }: WecomEvent): Promise<void> {
  const { UserID: userid, ExternalUserID: externalUserid } = fields
  if (!externalUserid) return
  await recordConsent(tx, actor.house, {
    externalUserid,
    userid: userid || null,
    chatId: null,
    state: 'agree',
    source: 'callback',
    sourceRef: `${userid ?? ''}|${at}`,
    effectiveAt: at,
  })
}

function group(kind: GroupKind): Apply {
  return async (tx, actor, event) => {
    const { ChatId: chatId } = event.fields
    if (!chatId) return
    await groupEvents(tx, actor, event, kind, [''], null)
    if (kind === 'created') await groupNoticeDue(tx, actor, { party: chatId, at: event.at })
    if (kind !== 'dismissed') await upsertWanted(tx, actor.house.corp, 'group', chatId)
  }
}

const UPDATES = new Map<string, GroupKind>(
  Object.entries({
    add_member: 'joined',
    del_member: 'left',
    change_owner: 'owner_changed',
    change_name: 'renamed',
    change_notice: 'announced',
  } as const),
)

async function groupUpdated(tx: Tx, actor: Actor, event: WecomEvent): Promise<void> {
  const { ChatId: chatId, UpdateDetail: detail = '', JoinScene, QuitScene, MemChangeList } = event.fields
  if (!chatId) return
  const kind = UPDATES.get(detail)
  const changed = membersIn(MemChangeList)
  if (kind === 'joined' || kind === 'left') {
    const scene = Number((kind === 'joined' ? JoinScene : QuitScene) || Number.NaN)
    await groupEvents(tx, actor, event, kind, changed, Number.isInteger(scene) ? scene : null)
  } else if (kind) {
    await groupEvents(tx, actor, event, kind, [''], null)
  }
  // Older events name nobody: the notice is then due, a colleague reading it once too often does no harm.
  if (kind === 'joined' && (changed.length === 0 || changed.some(isExternal))) {
    await groupNoticeDue(tx, actor, { party: chatId, at: event.at })
  }
  await upsertWanted(tx, actor.house.corp, 'group', chatId)
}

async function groupEvents(
  tx: Tx,
  actor: Actor,
  event: WecomEvent,
  kind: GroupKind,
  parties: string[],
  scene: number | null,
): Promise<void> {
  const chatId = event.fields.ChatId ?? ''
  const common = { chatId, kind, scene, source: 'callback' as const, effectiveAt: event.at }
  await insertGroupEvents(
    tx,
    actor.house.corp,
    (parties.length > 0 ? parties : ['']).map(party => ({ ...common, party })),
  )
}

/** JSON as the callback's reader makes it of elements, or plain text: ids are parted by commas, and may be all digits. */
function membersIn(told: string | undefined): string[] {
  if (!told) return []
  const names = /^\s*[[{]/.test(told) ? namesIn(parsed(told)) : told.split(/[,;|\s]+/)
  return [...new Set(names.map(name => name.trim()).filter(name => name !== ''))]
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

/** `["a","b"]` or `{"Item":["a","b"]}`, one item perhaps without its list, the whole element perhaps more than once. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(namesIn)
  return typeof value === 'object' && value !== null && 'Item' in value ? namesIn(value.Item) : []
}
