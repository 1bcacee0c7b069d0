import { z } from 'zod'
import type { Db, Kit } from '../../base/index.ts'
import type { Institution } from '../../detect/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import { readBefore, readSignals } from './before.ts'
import {
  actComplaint,
  answerComplaint,
  askExtension as askInput,
  byId,
  complainant,
  complaintBefore,
  complaintDetail,
  complaintList,
  complaintQuery,
  decideExtension as decideInput,
  distribution,
  gradeComplaint,
  registerComplaint,
  revealComplaint,
  signalList,
} from './contract.ts'
import { act, answer, askExtension, decideExtension, grade } from './handle.ts'
import { register } from './register.ts'
import { listComplaints, readComplaint, readDistribution, revealComplainant } from './view.ts'

type Deps = { db: Db; rules: () => RuleSet; institution: Institution }

export function complaintRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
    looks(kit, deps)
    acts(kit, deps)
  }
}

function looks(kit: Kit, { db, rules, institution }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/complaints',
    verb: 'complaint.read',
    summary: 'Complaints, open ones by deadline',
    query: complaintQuery,
    response: complaintList,
    handler: ({ actor, query }) => listComplaints(db, actor, institution, query),
  })
  kit.route({
    method: 'GET',
    url: '/api/complaints/signals',
    verb: 'complaint.handle',
    summary: 'Messages in which a customer complained and that nobody took up',
    response: signalList,
    handler: ({ actor }) => readSignals(db, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/complaints/distribution',
    verb: 'complaint.read',
    summary: 'Month by month, by kind, product, person and channel',
    response: distribution,
    handler: ({ actor }) => readDistribution(db, actor),
  })
  kit.route({
    method: 'GET',
    url: '/api/complaints/:id',
    verb: 'complaint.read',
    summary: 'One complaint with its steps and what may be done now',
    params: byId,
    response: complaintDetail,
    handler: ({ actor, params }) => readComplaint(db, actor, params.id),
  })
  kit.route({
    method: 'GET',
    url: '/api/complaints/:id/before',
    verb: 'complaint.read',
    summary: 'Talk and alerts of the thirty days before',
    params: byId,
    response: complaintBefore,
    handler: ({ actor, params }) => readBefore(db, actor, rules(), params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/reveal',
    verb: 'contact.reveal',
    summary: 'Who complains, in clear, for a reason',
    params: byId,
    body: revealComplaint,
    response: complainant,
    handler: ({ actor, params, body }) => revealComplainant(db, actor, params.id, body.reason),
  })
}

function acts(kit: Kit, { db }: Deps): void {
  kit.route({
    method: 'POST',
    url: '/api/complaints',
    verb: 'complaint.handle',
    summary: 'Register a complaint, by hand or from a message or alert',
    body: registerComplaint,
    response: z.object({ id: z.string() }),
    handler: async ({ actor, body }) => ({ id: await register(db, actor, body) }),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/act',
    verb: 'complaint.handle',
    summary: 'Move a complaint on, with a note',
    params: byId,
    body: actComplaint,
    response: 'empty',
    handler: ({ actor, params, body }) => act(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/answer',
    verb: 'complaint.handle',
    summary: 'Answer the customer',
    params: byId,
    body: answerComplaint,
    response: 'empty',
    handler: ({ actor, params, body }) => answer(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/grade',
    verb: 'complaint.handle',
    summary: 'Grade it complex: thirty days instead of fifteen',
    params: byId,
    body: gradeComplaint,
    response: 'empty',
    handler: ({ actor, params, body }) => grade(db, actor, params.id, body.reason),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/extension',
    verb: 'complaint.handle',
    summary: 'Ask for thirty days more',
    params: byId,
    body: askInput,
    response: 'empty',
    handler: ({ actor, params, body }) => askExtension(db, actor, params.id, body.reason),
  })
  kit.route({
    method: 'POST',
    url: '/api/complaints/:id/extension/decision',
    verb: 'complaint.extend',
    summary: 'Grant thirty days more, or not',
    params: byId,
    body: decideInput,
    response: 'empty',
    handler: ({ actor, params, body }) => decideExtension(db, actor, params.id, body),
  })
}
