import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import {
  assignTask,
  attempt,
  attemptResult,
  byId,
  byStaff,
  decidePenalty,
  myRecord,
  myTask,
  penaltyList,
  penaltyQuery,
  pointsAccount,
  pointsExport,
  pointsView,
  proposePenalty,
  statement,
  statementFor,
  taskList,
  taskQuery,
  withdrawPenalty,
} from './contract.ts'
import { decide, type EvidenceKnown, propose, stateFor, stateOwn, withdraw } from './penalty.ts'
import { listPenalties, readMyRecord } from './penalty-view.ts'
import { exportPoints } from './points-export.ts'
import { readAccount, readPoints } from './points-view.ts'
import { answer, assignByHand, listTasks, readMyTask } from './training.ts'

type Deps = { db: Db; evidence: EvidenceKnown }

export function policyRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
    points(kit, deps)
    training(kit, deps)
    mine(kit, deps)
    penalties(kit, deps)
  }
}

function points(kit: Kit, { db }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/points',
    verb: 'points.read',
    summary: 'Everybody with points, the departments, the trend of a year',
    response: pointsView,
    handler: ({ actor }) => readPoints(db, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/points/export',
    verb: 'points.read',
    summary: 'Points of a period for appraisal, as a workbook or CSV; each export is recorded',
    query: pointsExport,
    response: 'bytes',
    handler: async ({ actor, query, reply }) => {
      const file = await exportPoints(db, actor, query)
      reply.headers({
        'content-type': file.type,
        'content-length': file.bytes.length,
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      })
      return Readable.from([file.bytes], { objectMode: false })
    },
  })
  kit.route({
    method: 'GET',
    url: '/api/points/staff/:staff',
    verb: 'points.read',
    summary: "One person's points, line by line, with training and decisions",
    params: byStaff,
    response: pointsAccount,
    handler: ({ actor, params }) => readAccount(db, actor, params.staff),
  })
}

function training(kit: Kit, { db }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/training',
    verb: 'points.read',
    summary: 'Training tasks, open ones by urgency',
    query: taskQuery,
    response: taskList,
    handler: ({ actor, query }) => listTasks(db, actor, query),
  })
  kit.route({
    method: 'POST',
    url: '/api/training',
    verb: 'case.lead',
    summary: 'Assign a course by hand',
    body: assignTask,
    response: 'empty',
    handler: ({ actor, body }) => assignByHand(db, actor, body),
  })
}

function mine(kit: Kit, { db }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/mine',
    verb: 'training.do',
    summary: 'My own points, training and decisions about me',
    response: myRecord,
    handler: ({ actor }) => readMyRecord(db, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/mine/training/:id',
    verb: 'training.do',
    summary: 'A task of mine with its course',
    params: byId,
    response: myTask,
    handler: ({ actor, params }) => readMyTask(db, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/mine/training/:id/attempt',
    verb: 'training.do',
    summary: 'Answer the questions of a task',
    params: byId,
    body: attempt,
    response: attemptResult,
    handler: ({ actor, params, body }) => answer(db, actor, params.id, body.answers),
  })
  kit.route({
    method: 'POST',
    url: '/api/mine/penalties/:id/statement',
    verb: 'training.do',
    summary: 'Speak to a penalty proposed against me',
    params: byId,
    body: statement,
    response: 'empty',
    handler: ({ actor, params, body }) => stateOwn(db, actor, params.id, body.text),
  })
}

function penalties(kit: Kit, { db, evidence }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/penalties',
    verb: 'points.read',
    summary: 'Penalty decisions, those that wait first',
    query: penaltyQuery,
    response: penaltyList,
    handler: ({ actor, query }) => listPenalties(db, actor, query),
  })
  kit.route({
    method: 'POST',
    url: '/api/penalties',
    verb: 'penalty.propose',
    summary: 'Propose a penalty for grave violations',
    body: proposePenalty,
    response: z.object({ id: z.string() }),
    handler: async ({ actor, body }) => ({ id: await propose(db, actor, evidence, body) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/penalties/:id/statement',
    verb: 'penalty.propose',
    summary: 'Write down what the person said, and how',
    params: byId,
    body: statementFor,
    response: 'empty',
    handler: ({ actor, params, body }) => stateFor(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/penalties/:id/decision',
    verb: 'penalty.sign',
    summary: 'Sign or reject a penalty, as the second person',
    params: byId,
    body: decidePenalty,
    response: 'empty',
    handler: ({ actor, params, body }) => decide(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/penalties/:id/withdrawal',
    verb: 'penalty.propose',
    summary: 'Take a proposal back before it is decided',
    params: byId,
    body: withdrawPenalty,
    response: 'empty',
    handler: ({ actor, params, body }) => withdraw(db, actor, params.id, body.reason),
  })
}
