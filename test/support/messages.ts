import type { Services } from '../../src/app/index.ts'
import { append, type Incoming, prepare } from '../../src/archive/index.ts'
import { systemActor } from '../../src/base/index.ts'
import { normalise } from '../../src/wecom/index.ts'
import type { TestPremises } from './premises.ts'

export const CUSTOMER = 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw'
const STAFF = 'linyue'
let counter = 0

/** A decrypted text message of a working day; every field can be set. */
export function textMessage(content: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  counter += 1
  return {
    msgid: `m${counter}_external`,
    action: 'send',
    from: STAFF,
    tolist: [CUSTOMER],
    roomid: '',
    msgtime: Date.UTC(2026, 10, 23, 2, 0, 0) + counter * 1000,
    msgtype: 'text',
    text: { content },
    ...fields,
  }
}

function incoming(message: object): Incoming {
  const raw = Buffer.from(JSON.stringify(message))
  const normal = normalise(raw.toString('utf8'))
  if (typeof normal === 'string') throw new Error(normal)
  return { raw, normal, seq: null, source: 'import' }
}

/** Archive messages as capture and import do, and seal them. */
export async function archiveAll(
  premises: TestPremises,
  services: Pick<Services, 'jobs' | 'sealer'>,
  messages: object[],
) {
  const actor = systemActor(premises.house, 'test')
  const prepared = await prepare(premises.db, premises.house, messages.map(incoming))
  const done = await premises.db.transaction().execute(tx => append(tx, actor, services.jobs, prepared))
  await services.sealer.flush()
  return done
}
