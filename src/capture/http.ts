import { z } from 'zod'
import type { Db, Kit } from '../base/index.ts'
import { certificates, readCertificate } from './certificate.ts'
import { certificateList, certificateView } from './contract.ts'

/** Certificates on screen are those of the last two months; the shell gives any day's. */
const SHOWN = 62

/** Entrances of capture: the completeness certificates. They hold counts and ids, no content. */
export function captureRoutes(deps: { db: Db }): (kit: Kit) => void {
  return kit => {
    kit.route({
      method: 'GET',
      url: '/api/certificates',
      verb: 'system.read',
      summary: 'Completeness certificates, newest day first',
      response: certificateList,
      handler: ({ actor }) => certificates(deps.db, actor, SHOWN),
    })
    kit.route({
      method: 'GET',
      url: '/api/certificates/:day',
      verb: 'system.read',
      summary: 'The certificate of a day, with its hash and signature',
      params: z.object({ day: z.iso.date() }),
      query: z.object({ revision: z.coerce.number().int().min(1).optional() }),
      response: certificateView,
      handler: ({ actor, params, query }) =>
        readCertificate(deps.db, actor, params.day, query.revision ?? null),
    })
  }
}
