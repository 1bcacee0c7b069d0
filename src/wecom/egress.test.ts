import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startSim } from '../../sim/index.ts'
import { wecom } from './api/index.ts'
import { wecomApi } from './api-client.ts'
import { createWecomClient } from './client.ts'
import { openEgress } from './egress.ts'

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; asked: string[]; server: ReturnType<typeof createServer> }> {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    answer(incoming, response)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise<void>(done => void server.close(() => done()))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}

function egressTo(apiBase: string, proxy?: string) {
  const egress = openEgress({ apiBase, proxy })
  onTestFinished(() => egress.close())
  return (url: string) => egress.send({ method: 'GET', url: new URL(url), timeoutMs: 2000 })
}
const ok = (_: IncomingMessage, response: ServerResponse) => void response.end('{"errcode":0}')

test('another host, another port and another scheme are refused before a connection opens', async () => {
  const home = await listen(ok)
  const other = await listen(ok)
  const send = egressTo(home.url)
  const localhost = home.url.replace('127.0.0.1', 'localhost')
  for (const url of [
    other.url,
    localhost,
    home.url.replace('http:', 'https:'),
    'http://127.0.0.1@evil.example/',
  ]) {
    await expect(send(`${url}/cgi-bin/gettoken`)).rejects.toMatchObject({ code: 'egress.refused' })
  }
  const answer = await send(`${home.url}/cgi-bin/gettoken`)
  expect((await answer.read(100)).toString()).toBe('{"errcode":0}')
  expect([home.asked, other.asked]).toEqual([['GET /cgi-bin/gettoken'], []])
})

test('a redirect to another host is not followed', async () => {
  const other = await listen(ok)
  const home = await listen((_, response) => void response.writeHead(307, { location: other.url }).end())
  const client = createWecomClient({ apiBase: home.url, corpid: 'ww1', wait: async () => {} })
  const api = wecomApi(client, { archive: 'ARCHIVESECRET', contact: 'APPSECRET' })
  const fault = await api.ask(wecom.contacts.followUsers, {}).catch(error => error)
  expect(fault).toMatchObject({ code: 'wecom.unreachable', details: { reason: 'HTTP 307' } })
  expect(other.asked).toEqual([])
  expect(`${fault.stack}${JSON.stringify(fault)}`).not.toContain('APPSECRET')
})

test('a body without end is cut', async () => {
  const home = await listen((_, response) => void response.end('x'.repeat(2000)))
  const answer = await egressTo(home.url)(home.url)
  await expect(answer.read(1000)).rejects.toThrow()
})

test('with a proxy every call goes through it, also the one for the token', async () => {
  const sim = await startSim({ seed: 'proxy', publicKeys: [] })
  onTestFinished(() => sim.close())
  const proxy = await listen((incoming, response) => {
    const onward = request(
      incoming.url ?? '',
      { method: incoming.method, headers: incoming.headers },
      answer => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      },
    )
    incoming.pipe(onward)
  })
  const { corpid, secrets } = sim.world
  const client = createWecomClient({ apiBase: sim.url, corpid, proxy: proxy.url, wait: async () => {} })
  const api = wecomApi(client, { archive: secrets.archive, contact: secrets.app })
  const { follow_user } = await api.ask(wecom.contacts.followUsers, {})
  expect(follow_user?.length).toBeGreaterThan(0)
  const paths = proxy.asked.map(line => line.replace(/\?.*/, ''))
  const base = `GET ${sim.url}/cgi-bin`
  expect(paths).toEqual([`${base}/gettoken`, `${base}/externalcontact/get_follow_user_list`])
})

test('https goes through the proxy by CONNECT, so that the proxy sees no token', async () => {
  const tunnels: string[] = []
  const proxy = await listen(ok)
  proxy.server.on('connect', (incoming, socket) => {
    tunnels.push(`${incoming.url} ${incoming.headers['proxy-authorization'] ?? 'nobody'}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  const withUser = proxy.url.replace('http://', 'http://user:PROXYPASSWORD@')
  const client = createWecomClient({
    apiBase: 'https://qyapi.weixin.qq.com',
    corpid: 'ww1',
    proxy: withUser,
    backoffMs: [],
    wait: async () => {},
  })
  const api = wecomApi(client, { archive: 'ARCHIVESECRET', contact: 'APPSECRET' })
  const fault = await api.ask(wecom.contacts.followUsers, {}).catch(error => error)
  expect(fault.code).toBe('wecom.unreachable')
  const told = `Basic ${Buffer.from('user:PROXYPASSWORD').toString('base64')}`
  expect(tunnels).toEqual([`qyapi.weixin.qq.com:443 ${told}`])
  expect(proxy.asked).toEqual([])
  expect(`${fault.stack}${JSON.stringify(fault)}`).not.toMatch(/PROXYPASSWORD|APPSECRET/)
})

/** The least of SOCKS5 (RFC 1928): no authentication, CONNECT to an IPv4 address or a name. */
async function socksProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createTcpServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]))
      socket.once('data', (wish: Buffer) => {
        const named = wish[3] === 3
        const end = named ? 5 + (wish[4] ?? 0) : 8
        const host = named ? wish.subarray(5, end).toString() : [...wish.subarray(4, 8)].join('.')
        const port = wish.readUInt16BE(end)
        asked.push(`${host}:${port}`)
        const onward = connect(port, host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
          socket.pipe(onward).pipe(socket)
        })
        onward.on('error', () => socket.destroy())
        socket.on('close', () => onward.destroy())
      })
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return { url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('a SOCKS5 proxy is used too', async () => {
  const home = await listen(ok)
  const proxy = await socksProxy()
  const answer = await egressTo(home.url, proxy.url)(`${home.url}/cgi-bin/getcallbackip`)
  expect((await answer.read(100)).toString()).toBe('{"errcode":0}')
  expect(proxy.asked).toEqual([home.url.replace('http://', '')])
})
