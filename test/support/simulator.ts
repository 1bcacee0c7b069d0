import { generateKeyPairSync } from 'node:crypto'
import { type Sim, type SimOptions, startSim } from '../../sim/index.ts'

export type Answer = { errcode: number; errmsg: string } & Record<string, unknown>
type Secret = keyof Sim['world']['secrets']
export type Calls = {
  sim: Sim
  get(path: string, query?: Record<string, unknown>, secret?: Secret): Promise<Answer>
  post(path: string, body: unknown, secret?: Secret): Promise<Answer>
  /** Multipart, as media/upload takes it. */
  upload(path: string, query: Record<string, unknown>, name: string, bytes: Buffer): Promise<Answer>
  url(path: string, query?: Record<string, unknown>, secret?: Secret): Promise<string>
}

let pem: string | undefined

/** A simulator of its own and short ways to call it. */
export async function simulator(options: Partial<SimOptions> & { seed: string }): Promise<Calls> {
  pem ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).publicKey
  const sim = await startSim({ publicKeys: [{ version: 1, pem }], ...options })
  const url: Calls['url'] = async (path, query = {}, secret = 'app') => {
    const params = Object.entries(query).map(([key, value]): [string, string] => [key, String(value)])
    const search = new URLSearchParams([...params, ['access_token', await token(sim, secret)]])
    return `${sim.url}/cgi-bin/${path}?${search}`
  }
  const ask = async (to: string, init: RequestInit): Promise<Answer> =>
    (await (await fetch(to, init)).json()) as Answer
  return {
    sim,
    url,
    get: async (path, query, secret) => ask(await url(path, query, secret), {}),
    post: async (path, body, secret) =>
      ask(await url(path, {}, secret), { method: 'POST', body: JSON.stringify(body) }),
    upload: async (path, query, name, bytes) => {
      const form = new FormData()
      form.append('media', new Blob([new Uint8Array(bytes)]), name)
      return ask(await url(path, query), { method: 'POST', body: form })
    },
  }
}

async function token({ url, world }: Sim, secret: Secret): Promise<string> {
  const search = new URLSearchParams({ corpid: world.corpid, corpsecret: world.secrets[secret] })
  const answer = (await (await fetch(`${url}/cgi-bin/gettoken?${search}`)).json()) as Answer
  return String(answer.access_token)
}
