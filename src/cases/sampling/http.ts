import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db, JobQueue, Kit } from '../../base/index.ts'
import type { Outside } from '../../notary/index.ts'
import {
  concludeUnit,
  planOptions as optionsView,
  planCreated,
  planDetail,
  planInput,
  planList,
  preview,
  unitRow,
} from './contract.ts'
import { exportSample } from './export.ts'
import { planOptions, previewPlan, registerPlan } from './register.ts'
import { concludeClean, openUnit } from './review.ts'
import { listPlans, readPlan } from './view.ts'

export type SamplingDeps = { db: Db; jobs: Pick<JobQueue, 'enqueue'>; outside: Outside }
const byId = z.object({ id: z.uuid() })
const byUnit = z.object({ id: z.uuid(), unit: z.string().min(1).max(400) })

export function samplingRoutes(deps: SamplingDeps): (kit: Kit) => void {
  return kit => {
    plans(kit, deps)
    units(kit, deps)
  }
}

function plans(kit: Kit, { db, jobs, outside }: SamplingDeps): void {
  kit.route({
    method: 'GET',
    url: '/api/samples',
    verb: 'sample.read',
    summary: 'Sampling plans, the newest first',
    response: planList,
    handler: ({ actor }) => listPlans(db, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/samples/options',
    verb: 'sample.plan',
    summary: 'What the form of a plan offers',
    response: optionsView,
    handler: ({ actor }) => planOptions(db, actor),
  })
  kit.route({
    method: 'POST',
    url: '/api/samples/preview',
    verb: 'sample.plan',
    summary: 'What a plan would come to; nothing is registered',
    body: planInput,
    response: preview,
    handler: ({ actor, body }) => previewPlan(db, actor, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/samples',
    verb: 'sample.plan',
    summary: 'Register a plan; it is drawn once a signed checkpoint covers it',
    body: planInput,
    response: planCreated,
    handler: ({ actor, body }) => registerPlan(db, actor, jobs, body),
  })
  kit.route({
    method: 'GET',
    url: '/api/samples/:id',
    verb: 'sample.read',
    summary: 'One plan with its seed, its checkpoint and its units',
    params: byId,
    response: planDetail,
    handler: ({ actor, params }) => readPlan(db, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/samples/:id/file',
    verb: 'sample.read',
    summary: 'The sample as a file that anyone can check and draw again: tongjian sample redraw FILE',
    params: byId,
    response: 'bytes',
    handler: async ({ actor, params, reply }) => {
      const { name, lines } = await exportSample(db, actor, outside, params.id)
      reply.headers({
        'content-type': 'application/x-ndjson',
        'content-disposition': `attachment; filename="${name}"`,
      })
      return Readable.from(withEnds(lines), { objectMode: false })
    },
  })
}

async function* withEnds(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${line}\n`)
}

function units(kit: Kit, { db }: SamplingDeps): void {
  kit.route({
    method: 'POST',
    url: '/api/samples/:id/units/:unit/opened',
    verb: 'sample.review',
    summary: 'Begin to read a unit: a look, not a conclusion',
    params: byUnit,
    response: unitRow,
    handler: ({ actor, params }) => openUnit(db, actor, { plan: params.id, unit: params.unit }),
  })
  kit.route({
    method: 'POST',
    url: '/api/samples/:id/units/:unit/clean',
    verb: 'sample.review',
    summary: 'Conclude that a unit holds nothing to object to',
    params: byUnit,
    body: concludeUnit,
    response: unitRow,
    handler: ({ actor, params, body }) =>
      concludeClean(db, actor, { plan: params.id, unit: params.unit }, body.note),
  })
}
