import { z } from 'zod'
import { type Attachment, attachment, contentFault } from './attachments.ts'
import { checked, cursor, get, ids, limited, post, seconds } from './checked.ts'
import type { Moment } from './moments.ts'
import type { Office } from './office.ts'
import { paged } from './paging.ts'
import type { Route } from './server.ts'

const task = z.object({
  text: z.object({ content: z.string() }).optional(),
  attachments: z.array(attachment).max(9, '41064').default([]),
  visible_range: z
    .object({
      sender_list: z
        .object({
          user_list: ids(100_000).default([]),
          department_list: z.array(z.number().int()).default([]),
        })
        .optional(),
      external_contact_list: z.object({ tag_list: ids(3000).default([]) }).optional(),
    })
    .optional(),
})
const listing = z.object({
  start_time: seconds,
  end_time: seconds,
  creator: z.string().optional(),
  filter_type: z.number().int().min(0).max(2).default(2),
  cursor,
  limit: limited(20, 20),
})
const one = { moment_id: z.string('41059').min(1, '41059') }
const withUser = { ...one, userid: z.string('40003').min(1) }
const TEXT = 2000
const RANGE = 30 * 86_400

/** 客户朋友圈 (wecom-api.md §5.2). A task publishes nothing: the member must confirm. */
export function momentRoutes(office: Office): Route[] {
  const { moments } = office
  return [
    post(
      'externalcontact/add_moment_task',
      checked(task, input => begin(office, input)),
    ),
    get('externalcontact/get_moment_task_result', ({ jobid }) => result(office, jobid ?? '')),
    post(
      'externalcontact/cancel_moment_task',
      checked(z.object(one), input => {
        const moment = moments.find(input.moment_id)
        if (!moment) return 41060
        if (moment.createType === 1) return 41067
        moment.cancelled = true
        return {}
      }),
    ),
    post(
      'externalcontact/get_moment_list',
      checked(listing, input => list(office, input)),
      { empty: { moment_list: [] } },
    ),
    post(
      'externalcontact/get_moment_task',
      checked(z.object({ ...one, cursor, limit: limited(1000, 500) }), input => {
        const moment = moments.find(input.moment_id)
        if (!moment) return 41060
        if (moments.dispatching(moment)) return 41079
        const { page, next_cursor } = paged(moment.members, input.cursor, input.limit)
        return {
          task_list: page.map(m => ({ userid: m.userid, publish_status: m.published ? 1 : 0 })),
          next_cursor,
        }
      }),
      { empty: { task_list: [] } },
    ),
    audience(office, 'externalcontact/get_moment_customer_list', 1000, (userid, external_userid) => ({
      userid,
      external_userid,
    })),
    audience(office, 'externalcontact/get_moment_send_result', 5000, (_, external_userid) => ({
      external_userid,
    })),
    post(
      'externalcontact/get_moment_comments',
      checked(z.object(withUser), input => {
        const part = published(moments.find(input.moment_id), input.userid)
        if (typeof part === 'number') return part
        const view = ({ id, at }: { id: string; at: number }): Record<string, unknown> =>
          office.ground.people.employee.has(id)
            ? { userid: id, create_time: at }
            : { external_userid: id, create_time: at }
        return { comment_list: part.comments.map(view), like_list: part.likes.map(view) }
      }),
      { empty: { comment_list: [], like_list: [] } },
    ),
  ]
}

type Part = Moment['members'][number]
/** This member's copy, once it is out; 41061 and 41062 when it is not. */
function published(moment: Moment | undefined, userid: string): Part | number {
  if (!moment) return 41060
  const part = moment.members.find(other => other.userid === userid)
  if (!part) return 41061
  return part.published ? part : 41062
}

function audience(
  office: Office,
  path: string,
  most: number,
  view: (userid: string, external: string) => Record<string, unknown>,
): Route {
  const schema = z.object({ ...withUser, cursor, limit: limited(most, Math.min(most, 3000)) })
  return post(
    path,
    checked(schema, input => {
      const moment = office.moments.find(input.moment_id)
      const part = published(moment, input.userid)
      if (typeof part === 'number' || !moment) return typeof part === 'number' ? part : 41060
      const { page, next_cursor } = paged(
        office.moments.audience(moment, input.userid),
        input.cursor,
        input.limit,
      )
      return { customer_list: page.map(id => view(input.userid, id)), next_cursor }
    }),
    { empty: { customer_list: [] } },
  )
}

/** Nine pictures, or one video, or one link. */
function mixed(attachments: readonly Attachment[]): boolean {
  const kinds = new Set(attachments.map(item => item.msgtype))
  return kinds.size > 1 || (!kinds.has('image') && attachments.length > 1)
}

function begin(office: Office, input: z.infer<typeof task>): Record<string, unknown> | number {
  const { people } = office.ground
  const said = { text: input.text, attachments: input.attachments }
  if (input.attachments.some(item => item.msgtype === 'file' || item.msgtype === 'miniprogram')) return 41065
  if (mixed(input.attachments)) return 41072
  // What the content itself is like is told by the job.
  const fault = contentFault(said, office.files, 'moment') ?? 0
  if (fault === 41089 || fault === 40063) return fault
  const tooLong = [...(input.text?.content ?? '')].length > TEXT
  const { user_list: users = [], department_list: departments = [] } = input.visible_range?.sender_list ?? {}
  const asked = input.visible_range?.external_contact_list?.tag_list ?? []
  const everyone = users.length + departments.length === 0
  const senders = people.advisers
    .filter(o => everyone || users.includes(o.userid) || departments.includes(o.department))
    .map(o => o.userid)
    .filter(id => !office.access.hidden.has(id))
  const invalid = {
    users: users.filter(id => !senders.includes(id)),
    departments: departments.filter(id => !people.departments.some(o => o.id === id)),
    tags: asked.filter(id => !office.tags.byId(id)),
  }
  const tags = asked.flatMap(id => office.tags.byId(id)?.tag.name ?? [])
  const content = { text: input.text?.content ?? '', attachments: input.attachments, tags, senders }
  const job = office.moments.begin(content, tooLong ? 45002 : fault, invalid)
  return job ? { jobid: job.jobid } : 41078
}

const JOB_FAULTS: Record<number, string> = {
  0: 'ok',
  45002: 'invalid text size',
  40007: 'invalid attachments media_id',
}

function result(office: Office, jobid: string): Record<string, unknown> | number {
  const found = office.moments.job(jobid)
  if (!found) return 40058
  const { job, status } = found
  const outcome = {
    errcode: job.errcode,
    errmsg: JOB_FAULTS[job.errcode] ?? 'invalid attachments',
    ...(job.errcode === 0 ? { moment_id: job.momentId } : {}),
    invalid_sender_list: { user_list: job.invalid.users, department_list: job.invalid.departments },
    invalid_external_contact_list: { tag_list: job.invalid.tags },
  }
  return { status, type: 'add_moment_task', ...(status === 3 ? { result: outcome } : {}) }
}

function list(office: Office, input: z.infer<typeof listing>): Record<string, unknown> | number {
  const { start_time, end_time, filter_type, creator } = input
  if (end_time < start_time || end_time - start_time > RANGE) return 600018
  const rows = office.moments
    .all()
    .filter(
      m =>
        !office.moments.dispatching(m) &&
        m.createTime >= start_time &&
        m.createTime <= end_time &&
        (filter_type === 2 || m.createType === filter_type) &&
        (!creator || m.creator === creator),
    )
  const { page, next_cursor } = paged(rows, input.cursor, input.limit)
  return { moment_list: page.map(view), next_cursor }
}

function view(m: Moment): Record<string, unknown> {
  const images = m.attachments.flatMap(item =>
    item.msgtype === 'image' ? { media_id: item.image?.media_id ?? '' } : [],
  )
  const video = m.attachments.find(item => item.msgtype === 'video')?.video?.media_id
  const link = m.attachments.find(item => item.msgtype === 'link')?.link
  return {
    moment_id: m.momentId,
    creator: m.creator,
    create_time: m.createTime,
    create_type: m.createType,
    visible_type: m.tags.length > 0 ? 0 : 1,
    ...(m.text === '' ? {} : { text: { content: m.text } }),
    ...(images.length > 0 ? { image: images } : {}),
    ...(video ? { video: { media_id: video, thumb_media_id: video } } : {}),
    ...(link ? { link: { title: link.title, url: link.url } } : {}),
    ...(m.location ? { location: m.location } : {}),
  }
}
