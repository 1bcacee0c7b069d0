import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

/**
 * Makes verify.generated.html out of page/, one file without a single reference to another. It is kept in the
 * repository so that everybody gets the same bytes and can compare their hash; `node src/evidence/verifier/bake.ts`
 * after a change, and a test holds the file against a fresh one.
 */
const FOLDER = import.meta.dirname
export const BAKED = join(FOLDER, 'verify.generated.html')

export async function bake(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: FOLDER,
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry: join(FOLDER, 'page', 'page.ts'), formats: ['iife'], name: 'tongjianVerify' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error('the page was not built')
  // A closing tag inside a string would end the script early.
  const script = chunk.code.trim().replaceAll('</script', '<\\/script')
  const style = readFileSync(join(FOLDER, 'page', 'page.css'), 'utf8').trim()
  return page(script, style)
}

/** The page allows itself its own script and style by their hashes, and nothing else: no address can be reached. */
function page(script: string, style: string): string {
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html>',
    '<html lang="zh-CN">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>证据包离线校验</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main></main>',
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

if (process.argv[1] === import.meta.filename) writeFileSync(BAKED, await bake())
