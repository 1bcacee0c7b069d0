import type { Attachment } from './attachments.ts'
import { DAY, type Ground, seconds } from './ground.ts'

type Feedback = { id: string; at: number }
/** A post to customers' Moments. Times in seconds. */
export type Moment = {
  momentId: string
  creator: string
  createTime: number
  /** 0 by the company, 1 by the member alone. */
  createType: 0 | 1
  text: string
  attachments: Attachment[]
  location?: { latitude: string; longitude: string; name: string }
  /** Tags whose customers may see it; all when empty. */
  tags: string[]
  members: { userid: string; published: boolean; comments: Feedback[]; likes: Feedback[] }[]
  cancelled: boolean
}
type NewMoment = Pick<Moment, 'text' | 'attachments' | 'tags'> & { senders: string[] }
type MomentJob = {
  jobid: string
  createdAt: number
  /** The moment, or why there is none. */
  momentId: string
  errcode: number
  invalid: { users: string[]; departments: number[]; tags: string[] }
}

export type Moments = {
  /** Undefined when too many jobs run at once (41078). */
  begin(input: NewMoment, fault: number, invalid: MomentJob['invalid']): MomentJob | undefined
  job(jobid: string): { job: MomentJob; status: 1 | 2 | 3 } | undefined
  find(momentId: string): Moment | undefined
  all(): readonly Moment[]
  /** Its job is not done yet (41079). */
  dispatching(moment: Moment): boolean
  /** The member taps 发表. */
  publish(momentId: string, userid: string): boolean
  personal(userid: string, said: Pick<NewMoment, 'text' | 'attachments'>): Moment
  audience(moment: Moment, userid: string): string[]
  comment(momentId: string, userid: string, by: string, kind: 'comments' | 'likes'): boolean
}

const STARTED_MS = 1000
const CREATING_MS = 3000
const JOB_LIFE = DAY
const JOBS_AT_ONCE = 10

export function createMoments(ground: Ground): Moments {
  const moments = new Map<string, Moment>()
  const jobs = new Map<string, MomentJob>()
  const partOf = (momentId: string, userid: string): Moment['members'][number] | undefined =>
    moments.get(momentId)?.members.find(one => one.userid === userid)
  const make = (input: NewMoment, creator: string, createType: 0 | 1): Moment => {
    const { senders, ...said } = input
    const members = senders.map(userid => ({ userid, published: createType === 1, comments: [], likes: [] }))
    const momentId = `momcJ7kDQAA${ground.rng.id(21)}`
    const made = {
      ...said,
      momentId,
      creator,
      createTime: seconds(ground.now()),
      createType,
      members,
      cancelled: false,
    }
    moments.set(momentId, made)
    return made
  }
  const fresh = (at: number): boolean => ground.now() - at < CREATING_MS
  return {
    begin: (input, errcode, invalid) => {
      if ([...jobs.values()].filter(one => fresh(one.createdAt)).length >= JOBS_AT_ONCE) return undefined
      const momentId = errcode === 0 ? make(input, '', 0).momentId : ''
      const job = { jobid: ground.rng.id(43), createdAt: ground.now(), momentId, errcode, invalid }
      jobs.set(job.jobid, job)
      return job
    },
    job: jobid => {
      const job = jobs.get(jobid)
      const age = job && ground.now() - job.createdAt
      if (!job || age === undefined || age >= JOB_LIFE) return undefined
      return { job, status: age < STARTED_MS ? 1 : age < CREATING_MS ? 2 : 3 }
    },
    find: momentId => moments.get(momentId),
    all: () => [...moments.values()],
    dispatching: moment => moment.createType === 0 && fresh(moment.createTime * 1000),
    publish: (momentId, userid) => {
      const part = partOf(momentId, userid)
      if (!part || part.published || moments.get(momentId)?.cancelled) return false
      part.published = true
      return true
    },
    personal: (userid, said) => make({ ...said, tags: [], senders: [userid] }, userid, 1),
    audience: (moment, userid) =>
      ground.people.contacts
        .filter(one =>
          one.follows.some(
            f =>
              f.userid === userid && (moment.tags.length === 0 || f.tags.some(t => moment.tags.includes(t))),
          ),
        )
        .map(one => one.id),
    comment: (momentId, userid, by, kind) => {
      const part = partOf(momentId, userid)
      if (!part?.published) return false
      part[kind].push({ id: by, at: seconds(ground.now()) })
      return true
    },
  }
}
