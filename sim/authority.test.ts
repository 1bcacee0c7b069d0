import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStamp, readAnchors, stampRequest } from '../src/ledger/index.ts'
import { startAuthority } from './authority.ts'

const ask = (url: string, body: Buffer) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: new Uint8Array(body),
  })

test("the demo's time authority gives stamps that OpenSSL and we believe, also after a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-demo-tsa-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const data = Buffer.from('a checkpoint')
  const nonce = Buffer.from('0102030405060708', 'hex')
  for (const run of [1, 2]) {
    const authority = await startAuthority(join(folder, 'tsa'))
    const response = Buffer.from(await (await ask(authority.url, stampRequest(data, nonce))).arrayBuffer())
    const anchors = readAnchors(readFileSync(authority.ca, 'utf8'))
    expect(openStamp(response, { data, nonce, anchors }).trusted, `run ${run}`).toBe(true)
    writeFileSync(join(folder, 'data'), data)
    writeFileSync(join(folder, `${run}.tsr`), response)
    for (let earlier = 1; earlier <= run; earlier++)
      execFileSync(
        'openssl',
        ['ts', '-verify', '-data', 'data', '-in', `${earlier}.tsr`, '-CAfile', authority.ca],
        { cwd: folder, stdio: 'pipe' },
      )
    expect((await ask(authority.url, Buffer.from('garbage'))).status).toBe(400)
    authority.close()
  }
})
