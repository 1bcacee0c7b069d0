import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * All that CI runs: a browser where one is missing and can be installed, the static checks, then every test.
 * Ends with one line, "N passed, N failed"; a failed check counts as one failed.
 */
const CHROMIUM = '/usr/bin/chromium'
/** Chinese glyphs: the tests of picture reading draw their own pictures. */
const FONT = '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'

function run(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

function ensureBrowser(): void {
  if ((existsSync(CHROMIUM) && existsSync(FONT)) || process.platform !== 'linux' || process.getuid?.() !== 0)
    return
  process.stderr.write('installing Chromium for the journeys …\n')
  const quiet = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  spawnSync('apt-get', ['update', '-qq'], quiet)
  spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'],
    quiet,
  )
}

function count(file: string): { passed: number; failed: number } {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numFailedTestSuites: number
    success: boolean
  }
  const failed = Math.max(report.numFailedTests, report.success ? 0 : 1)
  return { passed: report.numPassedTests, failed }
}

ensureBrowser()
const checked = run('npm', ['run', '-s', 'check'])
const folder = mkdtempSync(join(tmpdir(), 'tongjian-report-'))
const report = join(folder, 'report.json')
run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
const { passed, failed } = count(report)
rmSync(folder, { recursive: true, force: true })
const total = failed + (checked ? 0 : 1)
if (!checked) process.stdout.write('npm run check found something (see above)\n')
process.stdout.write(`${passed} passed, ${total} failed\n`)
process.exitCode = total === 0 ? 0 : 1
