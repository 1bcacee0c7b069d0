import { z } from 'zod'
import type { Db, Kit } from '../../base/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import {
  checkRectification as checkInput,
  decideFinding as decideInput,
  findingCreated,
  findingMoved,
  inspectionState,
  inspectionView,
  orderRectification as orderInput,
  reportFinding as reportInput,
  submitRectification as submitInput,
} from './contract.ts'
import {
  checkRectification,
  decideFinding,
  endChecking,
  orderRectification,
  reportFinding,
  submitRectification,
} from './findings.ts'
import { readInspection } from './view.ts'

type Deps = { db: Db; rules: () => RuleSet }
const byId = z.object({ id: z.uuid() })

export function inspectionRoutes(deps: Deps): (kit: Kit) => void {
  return kit => {
    inspections(kit, deps)
    findings(kit, deps)
  }
}

function inspections(kit: Kit, { db, rules }: Deps): void {
  kit.route({
    method: 'GET',
    url: '/api/inspections/:id',
    verb: 'sample.read',
    summary: 'One inspection with its findings; the id is that of its plan',
    params: byId,
    response: inspectionView,
    handler: ({ actor, params }) => readInspection(db, actor, rules(), params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/inspections/:id/findings',
    verb: 'sample.review',
    summary: 'Conclude a unit with a finding',
    params: byId,
    body: reportInput,
    response: findingCreated,
    handler: ({ actor, params, body }) => reportFinding(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/inspections/:id/checked',
    verb: 'sample.plan',
    summary: 'All units are concluded: look at the findings',
    params: byId,
    response: inspectionState,
    handler: ({ actor, params }) => endChecking(db, actor, params.id),
  })
  kit.route({
    method: 'POST',
    url: '/api/inspections/:id/rectification',
    verb: 'sample.plan',
    summary: 'Confirmed findings are to be put right by a day; without any the inspection ends',
    params: byId,
    body: orderInput.partial(),
    response: inspectionState,
    handler: ({ actor, params, body }) => orderRectification(db, actor, params.id, body.dueAt ?? null),
  })
}

function findings(kit: Kit, { db }: Deps): void {
  kit.route({
    method: 'POST',
    url: '/api/findings/:id/decision',
    verb: 'sample.plan',
    summary: "Confirm or dismiss another's finding",
    params: byId,
    body: decideInput,
    response: findingMoved,
    handler: ({ actor, params, body }) => decideFinding(db, actor, params.id, body),
  })
  kit.route({
    method: 'POST',
    url: '/api/findings/:id/rectified',
    verb: 'sample.review',
    summary: 'What was done about a finding',
    params: byId,
    body: submitInput,
    response: findingMoved,
    handler: ({ actor, params, body }) => submitRectification(db, actor, params.id, body.note),
  })
  kit.route({
    method: 'POST',
    url: '/api/findings/:id/check',
    verb: 'sample.plan',
    summary: 'Check what another has done about a finding: closed, or sent back',
    params: byId,
    body: checkInput,
    response: findingMoved,
    handler: ({ actor, params, body }) => checkRectification(db, actor, params.id, body),
  })
}
