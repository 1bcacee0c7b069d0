import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../test/support/messages.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { until } from '../../test/support/simulated.ts'
import { readMessages } from '../archive/index.ts'
import { setClock } from '../base/clock.ts'
import { now, sql } from '../base/index.ts'
import { hitsOf, loadRules } from './index.ts'

/** A model that adds a hit over what it is told to, explains every hit, and misbehaves on request. */
async function model(answer: (message: string, hits: { rule: string }[]) => unknown, status = () => 200) {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { message, hits } = JSON.parse(JSON.parse(body).messages[1].content)
    asked.push(message)
    response.writeHead(status())
    response.end(
      JSON.stringify({ choices: [{ message: { content: JSON.stringify(answer(message, hits)) } }] }),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { asked, env: { TONGJIAN_READER_URL: url, TONGJIAN_READER_MODEL: 'judge-7b' } }
}

const DOUBTFUL = '本产品不保本,具体等见面我再跟您细说'
const PLAIN = '明天上午十点网点见'
const CERTAIN = '这款产品稳赚不赔,放心买'

async function staged(answer: Parameters<typeof model>[0], status?: () => number) {
  const fake = await model(answer, status)
  const premises = await testPremises(fake.env)
  const services = await testServices(premises)
  const { db, house } = premises
  const readings = async () =>
    (
      await sql<{ outcome: string; model: string; host: string; sealed: Buffer }>`
        SELECT outcome, model, host, sealed FROM second_reading`.execute(db)
    ).rows
  const hits = async () => {
    const { rows } = await sql<{ convId: string; sentAt: number; msgid: string }>`
      SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid
      FROM message`.execute(db)
    return hitsOf(db, house, loadRules(), await readMessages(db, house, rows))
  }
  const say = (...texts: string[]) =>
    archiveAll(
      premises,
      services,
      texts.map(text => textMessage(text, { tolist: [CUSTOMER] })),
    )
  return { ...fake, premises, db, readings, hits, say }
}

test('only messages in doubt are asked about; the model adds and explains, and the trail and the record say so', async () => {
  const stage = await staged(message => ({
    add: { quote: '等见面我再跟您细说', verdict: 'high_risk', severity: 'P2', why: '避开留痕' },
    explain: [],
    ...(message.includes('见面') ? {} : { add: null }),
  }))
  await stage.say(DOUBTFUL, PLAIN, CERTAIN)
  await until('it is read', async () => (await stage.readings()).length === 1)
  expect(stage.asked).toEqual([DOUBTFUL])
  const [reading] = await stage.readings()
  expect(reading).toMatchObject({ outcome: 'added', model: 'judge-7b' })
  expect(reading?.host).toMatch(/^127\.0\.0\.1:/)
  expect(reading?.sealed.includes(Buffer.from('避'))).toBe(false)
  const added = (await stage.hits()).find(hit => hit.rule === 'READER-01')
  expect(added).toMatchObject({
    severity: 'P2',
    verdict: 'high_risk',
    assisted: { model: 'judge-7b', why: '避开留痕' },
  })
  expect(DOUBTFUL.slice(added?.start, added?.end)).toBe('等见面我再跟您细说')
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*)::int AS n FROM trail_entry WHERE verb = 'reader.enabled'`.execute(stage.db)
  expect(rows[0]?.n).toBe(1)
})

test('a model that wants to remove, or to raise to P0, leaves every hit as it was', async () => {
  const stage = await staged((_, hits) => ({
    add: null,
    explain: [],
    remove: hits.map(hit => hit.rule),
    severity: 'P0',
  }))
  const advice = '建议您现在就全部赎回换成股票型基金'
  await stage.say(advice, DOUBTFUL, CERTAIN)
  await until('they are read', async () => (await stage.readings()).length >= 1)
  expect(new Set((await stage.readings()).map(reading => reading.outcome))).toEqual(new Set(['unusable']))
  const rules = (await stage.hits()).map(hit => hit.rule)
  expect(rules).toContain('GUAR-01')
  expect(rules).not.toContain('READER-01')
})

test('a reader that is down is asked again, and given up after a day; alerts come meanwhile', async () => {
  let status = 503
  const stage = await staged(
    () => ({ add: null, explain: [] }),
    () => status,
  )
  await stage.say(DOUBTFUL, CERTAIN)
  await until('it was tried twice', async () => stage.asked.length >= 2)
  expect(await stage.readings()).toEqual([])
  expect((await stage.hits()).map(hit => hit.rule)).toContain('GUAR-01')
  status = 200
  await until('it is read', async () => (await stage.readings()).length === 1)
  expect((await stage.readings())[0]?.outcome).toBe('nothing')
})

test('after a day without an answer it is given up, and that is on record', async () => {
  const stage = await staged(
    () => ({}),
    () => 503,
  )
  await stage.say(DOUBTFUL)
  await until('it was tried', async () => stage.asked.length >= 1)
  const later = now() + 2 * 86_400_000
  onTestFinished(setClock(() => later))
  await until('it is given up', async () => (await stage.readings())[0]?.outcome === 'given_up')
})

test('off by default: nothing is asked and nothing recorded', async () => {
  const premises = await testPremises()
  expect(premises.config.reader).toBeUndefined()
  const services = await testServices(premises)
  await archiveAll(premises, services, [textMessage(DOUBTFUL, { tolist: [CUSTOMER] })])
  const { rows } = await sql`SELECT 1 FROM second_reading`.execute(premises.db)
  expect(rows).toEqual([])
})
