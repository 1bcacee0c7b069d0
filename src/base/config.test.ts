import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { demoConfig, loadConfig } from './config.ts'

const WECOM = { WECOM_CORPID: 'ww1', WECOM_ARCHIVE_SECRET: 'a', WECOM_CONTACT_SECRET: 'c' }

test('an empty environment is enough to run without capture', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    zone: 'Asia/Shanghai',
    wecom: undefined,
    https: false,
  })
  expect(config.ledgerDir).toBe(resolve('data', 'ledger'))
})

test.each([
  [{ PORT: 'eighty' }, /PORT/],
  [{ PORT: '70000' }, /PORT/],
  [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL: must look like postgres:/],
  [{ TONGJIAN_TZ: 'Asia/Peking' }, /TONGJIAN_TZ: is not a time zone/],
  [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
  [{ WECOM_API_BASE: 'not a url' }, /WECOM_API_BASE/],
  [{ WECOM_CORPID: 'ww1' }, /WECOM_ARCHIVE_SECRET and WECOM_CONTACT_SECRET go together/],
  [{ TONGJIAN_HTTPS: 'yes' }, /TONGJIAN_HTTPS/],
])('%j is refused with what to mend', (env, hint) => {
  expect(() => loadConfig(env)).toThrow(hint)
})

test('several wrong settings are told at once', () => {
  expect(() => loadConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT.*LOG_LEVEL/s)
})

test('blank settings count as not given', () => {
  expect(loadConfig({ DATABASE_URL: ' ', WECOM_CORPID: '' })).toMatchObject({
    databaseUrl: undefined,
    wecom: undefined,
  })
})

test('the real source is the default; the simulator has to be asked for', () => {
  expect(loadConfig(WECOM).wecom).toMatchObject({
    source: 'sdk',
    apiBase: 'https://qyapi.weixin.qq.com',
    corpName: 'ww1',
  })
})

test('the demo lives below the data folder and never on your own database', () => {
  const config = demoConfig(loadConfig({ TONGJIAN_DATA: '/srv/tj', DATABASE_URL: 'postgres://a@b/c' }), {
    apiBase: 'http://127.0.0.1:1',
    corpid: 'x',
    corpName: 'x',
    archiveSecret: 'x',
    contactSecret: 'x',
  })
  expect(config).toMatchObject({
    dataDir: '/srv/tj/demo',
    ledgerDir: '/srv/tj/demo/ledger',
    databaseUrl: undefined,
  })
})
