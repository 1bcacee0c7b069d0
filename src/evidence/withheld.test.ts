import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ALWAYS, issued } from '../../test/support/evidence.ts'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { conversationId } from '../archive/prepare.ts'
import { inTransaction, sql } from '../base/index.ts'
import { recordConsent } from '../contacts/index.ts'
import { normalise } from '../wecom/index.ts'
import { FILES } from './verifier/format.ts'
import { openZip } from './verifier/zip.ts'
import { verifyFile } from './verify-file.ts'

test('what was destroyed, and what a customer refuses, stands in the package by its commitment alone', async () => {
  const own = await testPremises()
  const running = await testServices(own)
  const messages = [textMessage('第一条'), textMessage('会被销毁的话'), textMessage('第三条')]
  await archiveAll(own, running, messages)
  const normal = normalise(JSON.stringify(messages[0]))
  if (typeof normal === 'string') throw new Error(normal)
  const stretches = [{ convId: conversationId(own.house, normal), ...ALWAYS }]
  const second = String(messages[1]?.msgid)
  await sql`UPDATE message SET body = NULL WHERE src_msgid = ${second}`.execute(own.owner)
  const purged = await issued(own, running, own.folder, { stretches })
  expect(await verifyFile(purged.file)).toMatchObject({ ok: true, withheld: 1 })
  expect(await lineOf(purged.file, 2)).toMatchObject({ withheld: 'purged', raw: null, salt: null })
  await inTransaction(own.db, tx =>
    recordConsent(tx, own.house, {
      externalUserid: CUSTOMER,
      userid: null,
      chatId: null,
      state: 'withdrawn',
      source: 'test',
      sourceRef: 'w1',
      effectiveAt: 1,
    }),
  )
  const refused = await issued(own, running, own.folder, { stretches })
  expect(await verifyFile(refused.file)).toMatchObject({ ok: true, withheld: 3 })
  expect(await lineOf(refused.file, 1)).toMatchObject({ withheld: 'refused', raw: null, salt: null })
  const zip = readFileSync(refused.file)
  for (const name of [FILES.messages, FILES.people]) expect(await textIn(zip, name)).not.toContain('第三条')
})

test('a choice towards everybody is the consent of what its customer says in a room, too', async () => {
  const own = await testPremises()
  const running = await testServices(own)
  const said = textMessage('群里说的话', { from: CUSTOMER, tolist: ['linyue'], roomid: 'wrRoomOfTheTest' })
  await archiveAll(own, running, [said])
  const normal = normalise(JSON.stringify(said))
  if (typeof normal === 'string') throw new Error(normal)
  await inTransaction(own.db, tx =>
    recordConsent(tx, own.house, {
      externalUserid: CUSTOMER,
      userid: null,
      chatId: null,
      state: 'agree',
      source: 'test',
      sourceRef: 'a1',
      effectiveAt: 1,
    }),
  )
  const stretches = [{ convId: conversationId(own.house, normal), ...ALWAYS }]
  const { file } = await issued(own, running, own.folder, { stretches })
  expect(await lineOf(file, 1)).toMatchObject({ consent: { state: 'agree' } })
})

async function textIn(zip: Buffer, name: string): Promise<string> {
  const files = await openZip({ size: zip.length, read: async (from, to) => zip.subarray(from, to) })
  const parts: Uint8Array[] = []
  for await (const part of files?.open(name) ?? []) parts.push(part)
  return Buffer.concat(parts).toString()
}

async function lineOf(path: string, n: number): Promise<object> {
  const text = await textIn(readFileSync(path), FILES.messages)
  return JSON.parse(text.split('\n')[n - 1] ?? '') as object
}
