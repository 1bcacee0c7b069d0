import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Sim, startSim } from '../../../sim/index.ts'
import { testPremises } from '../../../test/support/premises.ts'
import { createLog } from '../../base/index.ts'
import { doctorCommand } from './doctor.ts'

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
const KEY = newKey()
let sim: Sim
beforeAll(async () => {
  sim = await startSim({ seed: 'doctor', publicKeys: [{ version: 1, pem: KEY.pem }], day: 20 })
})
afterAll(() => sim.close())

/** A first installation with one thing wrong; what doctor prints and its exit code. */
async function diagnose(
  wrong: Record<string, string> = {},
  keys: Record<string, string> = { '1.pem': KEY.secret },
): Promise<{ code: number; text: string }> {
  const premises = await testPremises({
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    ...wrong,
  })
  const folder = join(premises.folder, 'keys', 'archive')
  mkdirSync(folder, { recursive: true })
  for (const [name, pem] of Object.entries(keys)) writeFileSync(join(folder, name), pem)
  const out: string[] = []
  const io = { out: (line: string) => void out.push(line), err: (line: string) => void out.push(line) }
  const code = await doctorCommand(premises.config, createLog('silent'), io)
  return { code, text: out.join('\n') }
}

test('a sound installation is told so, and nothing is blamed', async () => {
  const { code, text } = await diagnose()
  expect(text).not.toContain('错误')
  expect(text).toContain('1 号私钥能解开存档消息')
  expect(code).toBe(0)
})

const MISFORTUNES: [string, Record<string, string>, Record<string, string> | undefined, RegExp, RegExp][] = [
  ['a wrong corpid', { WECOM_CORPID: 'wwdoesnotexist' }, undefined, /企业 ID.*不存在/, /核对 WECOM_CORPID/],
  [
    'a wrong archive secret',
    { WECOM_ARCHIVE_SECRET: 'not-the-secret' },
    undefined,
    /WECOM_ARCHIVE_SECRET 不对/,
    /聊天内容存档.*重新复制/,
  ],
  [
    'a wrong application secret',
    { WECOM_CONTACT_SECRET: 'not-the-secret' },
    undefined,
    /WECOM_CONTACT_SECRET 不对/,
    /自建应用.*重新复制/,
  ],
  [
    'the archive secret given for the application too',
    { WECOM_CONTACT_SECRET: 'sim-archive-secret' },
    undefined,
    /WECOM_CONTACT_SECRET 属于另一个应用/,
    /不要填反/,
  ],
  [
    'nobody at the address',
    { WECOM_API_BASE: 'http://127.0.0.1:9' },
    undefined,
    /连不上/,
    /防火墙.*WECOM_PROXY/,
  ],
  ['no private key at all', {}, {}, /缺少 1 号私钥/, /1\.pem.*quarantine retry/],
  ['the key of another version', {}, { '2.pem': KEY.secret }, /缺少 1 号私钥（现有：2）/, /1\.pem/],
  [
    'the public key laid down as the private one',
    {},
    { '1.pem': KEY.pem },
    /存档私钥读不出来.*1\.pem/,
    /不是上传给企业微信的公钥/,
  ],
  [
    'an event server that never called',
    { WECOM_CALLBACK_TOKEN: 'QDG6eK', WECOM_CALLBACK_AES_KEY: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' },
    undefined,
    /从未收到事件回调/,
    /wecom\/callback/,
  ],
  ['a key that is no pair', {}, { '1.pem': newKey().secret }, /不是一对/, /核对.*1\.pem/],
]
test.each(MISFORTUNES)('%s is named with its remedy', async (_, wrong, keys, cause, remedy) => {
  const { code, text } = await diagnose(wrong, keys)
  expect(text).toMatch(cause)
  expect(text).toMatch(remedy)
  expect(code).toBe(1)
})

test('a gateway that answers in WeCom’s place is named', async () => {
  const gateway = createServer((_, reply) => void reply.end('<html>请先登录网关</html>'))
  await new Promise<void>(ready => gateway.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void gateway.close())
  const { port } = gateway.address() as AddressInfo
  const { code, text } = await diagnose({ WECOM_API_BASE: `http://127.0.0.1:${port}` })
  expect(text).toMatch(/应答不是企业微信的/)
  expect(text).toMatch(/核对 WECOM_API_BASE/)
  expect(code).toBe(1)
})

test.each<[string, (on: boolean) => void, RegExp, RegExp]>([
  [
    'an address not trusted by the application',
    on => sim.world.ip.allow(on ? ['10.9.9.9'] : undefined, 'app'),
    /可信 IP.*60020/,
    /企业可信IP/,
  ],
  [
    'an address not on the white list of the archive',
    on => sim.world.ip.allow(on ? ['10.9.9.9'] : undefined, 'archive'),
    /白名单（301042）/,
    /可信 IP 地址/,
  ],
  [
    'an application not listed for 客户联系',
    on => void (sim.world.office.access.customerApi = !on),
    /没有客户联系接口的权限（48002）/,
    /可调用接口的应用/,
  ],
  [
    'an archive that was never opened',
    on => void (sim.world.office.access.archive = on ? 'closed' : 'open'),
    /未开通会话内容存档（301053）/,
    /开通并设置存档成员/,
  ],
  [
    'an archive that ran out',
    on => void (sim.world.office.access.archive = on ? 'expired' : 'open'),
    /已过期（301052）/,
    /续费/,
  ],
])('%s is named with its remedy', async (_, wrong, cause, remedy) => {
  wrong(true)
  onTestFinished(() => wrong(false))
  const { code, text } = await diagnose()
  expect(text).toMatch(cause)
  expect(text).toMatch(remedy)
  expect(code).toBe(1)
})
