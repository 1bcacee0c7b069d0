import { fail } from '../base/index.ts'
import type { Input } from './api/endpoint.ts'
import { wecom } from './api/index.ts'
import { type WecomSecrets, wecomApi } from './api-client.ts'
import { errcodeOf, type WecomClient } from './client.ts'

export type CardButton = { text: string; style: 1 | 2 | 3 | 4; key: string } | { text: string; url: string }
/** What a card of the application shows (wecom-api.md §8.2). Without buttons that ask it only leads somewhere. */
export type CardFace = {
  title: string
  subtitle: string
  text: string
  lines: { name: string; value: string }[]
  url: string
  buttons: CardButton[]
}
/** `again`: a card of this task was sent before, so it arrived then. */
export type CardSent = { again: boolean; code: string | null }

export type WecomCards = {
  /** `task` names the card for ever: WeCom refuses a second one, so a repeat after a crash shows nothing twice. */
  send(userid: string, task: string, face: CardFace): Promise<CardSent>
  /** Change one member's card; the code works once, within 72 hours. */
  change(userid: string, code: string, face: CardFace): Promise<void>
}

/**
 * This task_id is taken. The reference gives 42014–42051 for template cards without saying which is which; with another
 * number on the real platform a repeat after a crash is refused all the same and then shown as not delivered.
 */
const TASK_TAKEN = 42015
const TITLE = 26
const TEXT = 112
const NAME = 5
const VALUE = 26
const MOST_LINES = 6

export function wecomCards(client: WecomClient, secrets: WecomSecrets, agentid: number): WecomCards {
  const api = wecomApi(client, secrets)
  return {
    async send(userid, task, face) {
      const message = {
        touser: userid,
        msgtype: 'template_card',
        agentid,
        template_card: cardOf(face, task),
      }
      try {
        const answer = await api.ask(wecom.messages.send, message)
        if ((answer.invaliduser ?? '') !== '' || (answer.unlicenseduser ?? '') !== '')
          throw fail('wecom.refused', { api: wecom.messages.send.path, errcode: NO_RECEIVER })
        return { again: false, code: answer.response_code || null }
      } catch (error) {
        if (errcodeOf(error) === TASK_TAKEN) return { again: true, code: null }
        throw error
      }
    },
    async change(userid, response_code, face) {
      const template_card = cardOf(face, null)
      await api.ask(wecom.messages.updateCard, { userids: [userid], agentid, response_code, template_card })
    },
  }
}

/** All receivers are invalid (§1.3). */
const NO_RECEIVER = 81013

type Card = NonNullable<Input<typeof wecom.messages.send>['template_card']>

function cardOf(face: CardFace, task: string | null): Card {
  const asks = face.buttons.length > 0 && task !== null
  return {
    card_type: asks ? 'button_interaction' : 'text_notice',
    source: { desc: '通鉴', desc_color: 0 },
    main_title: { title: cut(face.title, TITLE), desc: cut(face.subtitle, TITLE) },
    sub_title_text: cut(face.text, TEXT),
    horizontal_content_list: face.lines
      .slice(0, MOST_LINES)
      .map(({ name, value }) => ({ keyname: cut(name, NAME), value: cut(value, VALUE) })),
    card_action: { type: 1, url: face.url },
    ...(task === null ? {} : { task_id: task }),
    ...(asks ? { button_list: face.buttons.map(buttonOf) } : {}),
  }
}

function buttonOf(button: CardButton): { text: string } & Record<string, unknown> {
  return 'url' in button ? { type: 1, text: button.text, url: button.url } : { type: 0, ...button }
}

/** By characters, as the platform counts. */
function cut(text: string, most: number): string {
  const signs = [...text]
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join('')}…`
}
