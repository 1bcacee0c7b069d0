import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { ENDPOINTS } from '../src/wecom/index.ts'

const ROOT = join(import.meta.dirname, '..')
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** The one way out, and the embedded PostgreSQL that asks whether its own server on this machine answers. */
const WAY_OUT = 'src/wecom/egress.ts'
const OWN_DATABASE = 'src/base/embedded/postmaster.ts'
/** E-mail, to the one server that is configured. */
const MAIL = 'src/cases/delivery/mail.ts'
const OPENS_CONNECTIONS = [
  /(?:from|import\() ?'(?:undici|node-fetch|axios|got|ws|nodemailer)'/,
  /(?:from|import\() ?'(?:node:)?(?:https?|http2|tls|dgram|dns)(?:\/promises)?'/,
  /(?:from|import\() ?'(?:node:)?net'/,
  /(?<![#.\w])fetch\(|globalThis\.fetch|new (?:WebSocket|EventSource|XMLHttpRequest)\b/,
]

function ways(file: string): string[] {
  const source = text(file)
    .split('\n')
    .filter(line => !/^\s*(?:\/\/|\*|\/\*\*)/.test(line) && !/^import type /.test(line))
    .join('\n')
  const own = /(?:const|function) fetch\b/.test(source)
  return OPENS_CONNECTIONS.flatMap(way => {
    const found = way.exec(source)?.[0]
    return found && !(own && found.startsWith('fetch')) ? [`${file}: ${found}`] : []
  })
}

test('connections to the outside are opened in one file, and mails in another', () => {
  // It reads Node's root certificates from node:tls as well.
  expect(ways(WAY_OUT)).toEqual([`${WAY_OUT}: from 'undici'`, `${WAY_OUT}: from 'node:tls'`])
  expect(ways(OWN_DATABASE)).toEqual([`${OWN_DATABASE}: from 'node:net'`])
  expect(ways(MAIL)).toEqual([`${MAIL}: from 'nodemailer'`])
  const others = sources.filter(file => file !== WAY_OUT && file !== OWN_DATABASE && file !== MAIL)
  expect(others.flatMap(ways)).toEqual([])
})

/** What Tencent's library asks by itself; the simulator's source speaks it too (wecom-api.md §3.3). */
const LIBRARY = ['message/getchatdata', 'message/getchatmediadata']

test('no endpoint of WeCom is named that is not in the table', () => {
  const table = new Set([...ENDPOINTS.map(one => one.path), ...LIBRARY])
  const named = sources
    .filter(file => !file.startsWith('src/wecom/api/'))
    .flatMap(file =>
      [
        ...text(file).matchAll(
          /'((?:externalcontact|msgaudit|message|media|user|department|auth)\/[a-z_/]+)'/g,
        ),
      ]
        .map(match => match[1] ?? '')
        .filter(path => !table.has(path))
        .map(path => `${file}: ${path}`),
    )
  expect(named).toEqual([])
})
