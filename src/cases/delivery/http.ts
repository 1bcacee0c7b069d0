import { z } from 'zod'
import type { Kit } from '../../base/index.ts'
import {
  addressView,
  deliveryList,
  deliveryQuery,
  madeHook,
  newHook,
  deliveryOverview as overview,
  saveSettings,
  setAddress,
  testDelivery,
  tested,
} from './contract.ts'
import type { DeliveryDeps } from './deps.ts'
import {
  addHook,
  deliveryOverview,
  listDeliveries,
  ownAddress,
  putAddress,
  redeliver,
  removeHook,
  saveDeliverySettings,
  testChannel,
} from './manage.ts'

const byId = z.object({ id: z.uuid() })
const manage = 'delivery.manage' as const

export function deliveryRoutes(deps: DeliveryDeps): (kit: Kit) => void {
  return kit => {
    settingRoutes(kit, deps)
    hookRoutes(kit, deps)
    kit.route({
      method: 'GET',
      url: '/api/delivery/log',
      verb: manage,
      summary: 'The last deliveries and what became of them',
      query: deliveryQuery,
      response: deliveryList,
      handler: ({ actor, query }) => listDeliveries(deps, actor, query),
    })
    kit.route({
      method: 'POST',
      url: '/api/delivery/log/:id/again',
      verb: manage,
      summary: 'Send once more what was given up',
      params: byId,
      response: 'empty',
      handler: ({ actor, params }) => redeliver(deps, actor, params.id),
    })
    kit.route({
      method: 'POST',
      url: '/api/delivery/test',
      verb: manage,
      summary: 'Send a test to oneself or to a webhook',
      body: testDelivery,
      response: tested,
      handler: ({ actor, body }) => testChannel(deps, actor, body),
    })
    kit.route({
      method: 'GET',
      url: '/api/delivery/address',
      verb: 'session',
      summary: 'Where the person signed in is told',
      response: addressView,
      handler: ({ actor }) => ownAddress(deps, actor),
    })
    kit.route({
      method: 'PUT',
      url: '/api/delivery/address',
      verb: 'session',
      summary: "Set or clear one's own e-mail address",
      body: setAddress,
      response: 'empty',
      handler: ({ actor, body }) => putAddress(deps, actor, actor.accountId ?? '', body),
    })
  }
}

function settingRoutes(kit: Kit, deps: DeliveryDeps): void {
  kit.route({
    method: 'GET',
    url: '/api/delivery',
    verb: manage,
    summary: 'Who is told of what, by what way, and how it goes',
    response: overview,
    handler: ({ actor }) => deliveryOverview(deps, actor),
  })
  kit.route({
    method: 'PUT',
    url: '/api/delivery/settings',
    verb: manage,
    summary: 'Put other settings in force',
    body: saveSettings,
    response: overview,
    handler: ({ actor, body }) => saveDeliverySettings(deps, actor, body),
  })
  kit.route({
    method: 'PUT',
    url: '/api/delivery/receivers/:id/address',
    verb: manage,
    summary: "Set or clear a colleague's e-mail address",
    params: byId,
    body: setAddress,
    response: 'empty',
    handler: ({ actor, params, body }) => putAddress(deps, actor, params.id, body),
  })
}

function hookRoutes(kit: Kit, deps: DeliveryDeps): void {
  kit.route({
    method: 'POST',
    url: '/api/delivery/hooks',
    verb: manage,
    summary: 'Add a webhook; its secret is in this answer and nowhere else',
    body: newHook,
    response: madeHook,
    handler: ({ actor, body }) => addHook(deps, actor, body),
  })
  kit.route({
    method: 'DELETE',
    url: '/api/delivery/hooks/:id',
    verb: manage,
    summary: 'End a webhook',
    params: byId,
    response: 'empty',
    handler: ({ actor, params }) => removeHook(deps, actor, params.id),
  })
}
