import { z } from 'zod'
import { chars, checked, cursor, get, ids, limited, post, seconds } from './checked.ts'
import { DAY, dayOf, dayStart, seconds as second } from './ground.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import type { Link } from './reach.ts'
import type { Route } from './server.ts'

const picture = z.object({
  type: z.literal('image', '41065'),
  image: z.object({ media_id: z.string('40007') }),
})
const product = {
  product_sn: z
    .string()
    .regex(/^[0-9A-Za-z]{1,128}$/)
    .optional(),
  description: chars(300).min(1, '40063'),
  price: z.number().int().min(0).max(5_000_000),
  attachments: z.array(picture).min(1, '41088').max(9, '41064'),
}
const productId = { product_id: z.string().min(1) }
const link = {
  link_name: chars(30).min(1, '40063'),
  range: z.object({
    user_list: ids(500).default([]),
    department_list: z.array(z.number().int()).default([]),
  }),
  skip_verify: z.boolean().default(true),
}
const linkId = { link_id: z.string().min(1) }
const QUOTA = 1000

/** 商品图册 and 获客助手 (wecom-api.md §9). */
export function acquisitionRoutes(office: Office): Route[] {
  return [...productRoutes(office), ...linkRoutes(office)]
}

function productRoutes(office: Office): Route[] {
  const { products: shelf } = office.reach
  const stale = (list: readonly { image: { media_id: string } }[]): boolean =>
    list.some(one => office.files.check(one.image.media_id, 'album') !== undefined)
  return [
    post(
      'externalcontact/add_product_album',
      checked(z.object(product), input => {
        if (stale(input.attachments)) return 40007
        return { product_id: shelf.add({ ...input, create_time: second(office.ground.now()) }) }
      }),
    ),
    post(
      'externalcontact/get_product_album',
      checked(z.object(productId), ({ product_id }) => {
        const found = shelf.get(product_id)
        return found ? { product: { product_id, ...found } } : 40058
      }),
    ),
    post(
      'externalcontact/get_product_album_list',
      checked(z.object({ limit: limited(100, 50), cursor }), input => {
        const { page, next_cursor } = paged(shelf.entries(), input.cursor, input.limit)
        const product_list = page.map(([product_id, { create_time: _, ...one }]) => ({ product_id, ...one }))
        return { next_cursor, product_list }
      }),
      { empty: { product_list: [] } },
    ),
    post(
      'externalcontact/update_product_album',
      checked(z.object(product).partial().extend(productId), ({ product_id, ...change }) => {
        const found = shelf.get(product_id)
        if (!found) return 40058
        if (change.attachments && stale(change.attachments)) return 40007
        const given = Object.entries(change).filter(([, value]) => value !== undefined)
        shelf.set(product_id, { ...found, ...Object.fromEntries(given) })
        return {}
      }),
    ),
    post(
      'externalcontact/delete_product_album',
      checked(z.object(productId), ({ product_id }) => (shelf.remove(product_id) ? {} : 40058)),
    ),
  ]
}

/** A customer who comes by a link bears its id as state. */
function customersOf(office: Office, id: string): { external_userid: string; userid: string; at: number }[] {
  return office.ground.people.contacts.flatMap(contact =>
    contact.follows
      .filter(one => one.state === id)
      .map(one => ({ external_userid: contact.id, userid: one.userid, at: one.createtime })),
  )
}

const path = (name: string): string => `externalcontact/customer_acquisition/${name}`

function found(
  office: Office,
  id: string,
  handle: (one: Link) => Record<string, unknown> | number,
): Record<string, unknown> | number {
  const one = office.reach.links.get(id)
  return one ? handle(one) : 40058
}

function linkCustomers(office: Office): Route[] {
  const { now } = office.ground
  const { links: shelf } = office.reach
  return [
    post(
      path('customer'),
      checked(z.object({ ...linkId, limit: limited(1000, 1000), cursor }), ({ link_id, ...input }) =>
        found(office, link_id, () => {
          const { page, next_cursor } = paged(customersOf(office, link_id), input.cursor, input.limit)
          const customer_list = page.map(({ external_userid, userid }) => ({
            external_userid,
            userid,
            chat_status: 0,
            state: link_id,
          }))
          return { customer_list, next_cursor }
        }),
      ),
      { empty: { customer_list: [] } },
    ),
    post(
      path('statistic'),
      checked(
        z.object({ ...linkId, start_time: seconds, end_time: seconds }),
        ({ link_id, start_time, end_time }) =>
          found(office, link_id, () => {
            if (end_time < start_time || end_time - start_time > 30 * 86_400) return 600018
            const came = customersOf(office, link_id).filter(
              one => one.at >= start_time && one.at < end_time + 86_400,
            )
            return { click_link_customer_cnt: came.length, new_customer_cnt: came.length }
          }),
      ),
    ),
    get('externalcontact/customer_acquisition_quota', () => {
      const balance = Math.max(
        0,
        QUOTA - shelf.entries().reduce((sum, [id]) => sum + customersOf(office, id).length, 0),
      )
      const expire_date = dayStart(dayOf(now() + 365 * DAY)) / 1000
      return { total: QUOTA, balance, quota_list: [{ expire_date, balance }] }
    }),
  ]
}

function linkRoutes(office: Office): Route[] {
  const { links: shelf } = office.reach
  const { people, now } = office.ground
  const url = (id: string): string => `https://work.weixin.qq.com/ca/${id}`
  const fault = ({ user_list, department_list }: Link['range']): number | undefined => {
    if (user_list.length + department_list.length === 0) return 40063
    if (user_list.some(id => !people.employee.get(id)?.adviser)) return 40003
    return department_list.some(id => !people.departments.some(one => one.id === id)) ? 60123 : undefined
  }
  return [
    post(
      path('list_link'),
      checked(z.object({ limit: limited(100, 100), cursor }), input => {
        const { page, next_cursor } = paged(shelf.entries(), input.cursor, input.limit)
        return { link_id_list: page.map(([id]) => id), next_cursor }
      }),
      { empty: { link_id_list: [] } },
    ),
    post(
      path('get'),
      checked(z.object(linkId), ({ link_id }) =>
        found(office, link_id, ({ range, ...one }) => ({
          link: { link_id, url: url(link_id), ...one },
          range,
        })),
      ),
    ),
    post(
      path('create_link'),
      checked(z.object(link), input => {
        const create_time = second(now())
        const refused = fault(input.range)
        if (refused) return refused
        const link_id = shelf.add({ ...input, create_time })
        return { link: { link_id, link_name: input.link_name, url: url(link_id), create_time } }
      }),
    ),
    post(
      path('update_link'),
      checked(z.object(link).partial().extend(linkId), ({ link_id, ...change }) =>
        found(office, link_id, one => {
          const { range = one.range, link_name = one.link_name, skip_verify = one.skip_verify } = change
          return fault(range) ?? (shelf.set(link_id, { ...one, range, link_name, skip_verify }) ? {} : 40058)
        }),
      ),
    ),
    post(
      path('delete_link'),
      checked(z.object(linkId), ({ link_id }) => (shelf.remove(link_id) ? {} : 40058)),
    ),
    ...linkCustomers(office),
  ]
}
