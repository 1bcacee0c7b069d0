import { z } from 'zod'
import { bytes } from './checked.ts'

/**
 * The reference gives 42014–42051 for template cards without saying which is which (wecom-api.md §1.3); within the
 * range the choice is this simulator's own, one code for each thing that can be wrong.
 */
export const CARD = {
  taskId: '42014',
  taskTwice: 42015,
  type: '42016',
  source: '42017',
  title: '42018',
  action: '42019',
  buttons: '42020',
  contents: '42021',
  jumps: '42022',
  selection: '42024',
  checkbox: '42025',
  selects: '42026',
  submit: '42027',
  menu: '42028',
  codeUnknown: 42049,
  codeUsed: 42050,
  codeExpired: 42051,
} as const

const short = z.string().max(512)
const option = z.object({ id: short.min(1), text: short.min(1), is_checked: z.boolean().optional() })
const button = z.object({
  type: z.union([z.literal(0), z.literal(1)]).default(0),
  text: short.min(1),
  style: z.number().int().min(1, CARD.buttons).max(4, CARD.buttons).default(1),
  key: bytes(1024, CARD.buttons).optional(),
  url: bytes(2048, CARD.buttons).optional(),
})
const select = z.object({
  question_key: bytes(1024).min(1),
  title: short.optional(),
  selected_id: short.optional(),
  option_list: z.array(option).min(1, CARD.selects).max(10, CARD.selects),
})
const title = z.object({ title: short.optional(), desc: short.optional() })

const shape = z.object({
  card_type: z.enum(
    ['text_notice', 'news_notice', 'button_interaction', 'vote_interaction', 'multiple_interaction'],
    CARD.type,
  ),
  source: z
    .object({
      icon_url: short.optional(),
      desc: short.optional(),
      desc_color: z.number().int().min(0).max(3, CARD.source).optional(),
    })
    .optional(),
  action_menu: z
    .object({
      desc: short,
      action_list: z
        .array(z.object({ text: short, key: short }))
        .min(1, CARD.menu)
        .max(3, CARD.menu),
    })
    .optional(),
  main_title: title.optional(),
  sub_title_text: short.optional(),
  quote_area: z.record(z.string(), z.unknown()).optional(),
  emphasis_content: title.optional(),
  card_image: z.record(z.string(), z.unknown()).optional(),
  image_text_area: z.record(z.string(), z.unknown()).optional(),
  vertical_content_list: z.array(title).max(4, CARD.contents).optional(),
  horizontal_content_list: z
    .array(
      z.object({ type: z.number().int().min(0).max(3).optional(), keyname: short, value: short.optional() }),
    )
    .max(6, CARD.contents)
    .optional(),
  jump_list: z
    .array(z.object({ type: z.number().int().min(0).max(2).optional(), title: short }))
    .max(3, CARD.jumps)
    .optional(),
  card_action: z.object({ type: z.number().int().min(0).max(2), url: bytes(2048).optional() }).optional(),
  task_id: z
    .string()
    .regex(/^[0-9A-Za-z_\-@]{1,128}$/, CARD.taskId)
    .optional(),
  button_list: z.array(button).min(1, CARD.buttons).max(6, CARD.buttons).optional(),
  button_selection: select.optional(),
  checkbox: z
    .object({
      question_key: bytes(1024).min(1),
      mode: z.number().int().min(0).max(1).optional(),
      option_list: z.array(option).min(1, CARD.checkbox).max(20, CARD.checkbox),
    })
    .optional(),
  select_list: z.array(select).min(1, CARD.selects).max(3, CARD.selects).optional(),
  submit_button: z.object({ text: short.min(1), key: bytes(1024).min(1) }).optional(),
})
type Shape = z.infer<typeof shape>

/** A template card as message/send takes it (wecom-api.md §8.2). */
export const card = shape.superRefine((one, context) => {
  const fault = missing(one)
  if (fault) context.addIssue({ code: 'custom', message: fault })
})
export type Card = z.infer<typeof card>

function missing(one: Shape): string | undefined {
  if (isInteractive(one) && !one.task_id) return CARD.taskId
  if (one.action_menu && !one.task_id) return CARD.menu
  if (!one.main_title?.title && !one.sub_title_text) return CARD.title
  switch (one.card_type) {
    case 'text_notice':
    case 'news_notice':
      return one.card_action && one.card_action.type > 0 ? undefined : CARD.action
    case 'button_interaction':
      return one.button_list?.every(b => (b.type === 1 ? b.url : b.key)) ? undefined : CARD.buttons
    case 'vote_interaction':
      return !one.checkbox ? CARD.checkbox : one.submit_button ? undefined : CARD.submit
    case 'multiple_interaction':
      return !one.select_list ? CARD.selects : one.submit_button ? undefined : CARD.submit
  }
}

export function isInteractive(one: Pick<Shape, 'card_type'>): boolean {
  return /interaction$/.test(one.card_type)
}

/** Every key that a tap on this card can bring. */
export function keysOf(one: Card): string[] {
  const buttons = (one.button_list ?? []).filter(b => b.type === 0).flatMap(b => b.key ?? [])
  return [...buttons, ...(one.submit_button ? [one.submit_button.key] : [])]
}
