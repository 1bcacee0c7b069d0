import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Rng } from '../sim/rng.ts'
import { type Premises, type Services, startServices } from '../src/app/index.ts'
import { placeHold, releaseHold } from '../src/archive/index.ts'
import { inTransaction } from '../src/base/index.ts'
import { drawPlan, planInput, registerPlan } from '../src/cases/index.ts'
import { recordConsents } from '../src/contacts/index.ts'
import { verifyFile } from '../src/evidence/index.ts'
import { ALWAYS, issued } from '../test/support/evidence.ts'
import { ended, openClass, person, purgeAll, REASON } from '../test/support/keep.ts'
import { furnishStaff } from '../test/support/staff.ts'
import type { Scene } from './tamper-archive.ts'
import { spoilFile } from './tamper-byte.ts'
import type { Change } from './tamper-files.ts'

/**
 * Everything else that has leaves: choices of customers, holds placed and released, a conversation of long ago destroyed
 * by two people, and an evidence package. Returns where the package lies.
 */
export async function doDeeds(premises: Premises, talks: { kept: string; old: string }): Promise<string> {
  const services = await startServices(premises, { capture: false })
  try {
    await choose(premises)
    await hold(premises, talks.kept)
    await services.sealer.flush()
    await destroy(premises, services, talks.old)
    await drawSample(premises, services)
    const folder = mkdtempSync(join(tmpdir(), 'tongjian-package-'))
    const { file } = await issued(premises, services, folder, {
      stretches: [{ convId: talks.kept, ...ALWAYS }],
    })
    await services.sealer.flush()
    return file
  } finally {
    await services.stop()
  }
}

async function choose({ db, house }: Premises): Promise<void> {
  const states = ['agree', 'disagree', 'default_agree', 'withdrawn'] as const
  const events = Array.from({ length: 12 }, (_, n) => ({
    externalUserid: `wmChooser${n}`,
    userid: n % 2 === 0 ? `staff${n % 7}` : null,
    chatId: n % 2 === 0 ? null : `wrBench${n % 4}`,
    state: states[n % states.length] ?? 'agree',
    source: 'message' as const,
    sourceRef: `choice${n}`,
    effectiveAt: Date.UTC(2026, 10, 19, n),
  }))
  await inTransaction(db, tx => recordConsents(tx, house, events))
}

async function hold(premises: Premises, convId: string): Promise<void> {
  const { db } = premises
  const scope = { kind: 'conversation' as const, id: convId }
  for (const caseNo of ['2026-1', '2026-2', '2026-3']) {
    const id = await placeHold(db, person(premises, 'lead'), {
      ...{ scope, cause: 'investigation' as const, caseNo, reason: REASON },
    })
    if (caseNo !== '2026-1') await releaseHold(db, person(premises, 'risk'), id, { reason: REASON })
  }
}

async function destroy(premises: Premises, services: Services, convId: string): Promise<void> {
  await openClass(premises)
  await ended(premises, convId, '2005-01-31')
  const { view } = await purgeAll(premises, services, convId)
  if (view?.state !== 'done') throw new Error('the purge was refused')
}

const STAFF = Array.from({ length: 7 }, (_, n) => ({
  userid: `staff${n}`,
  name: `员工${n}`,
  departments: [2],
}))

/** A plan, fixed by the next checkpoint and drawn from the messages that are there. */
async function drawSample(premises: Premises, { jobs, sealer }: Services): Promise<void> {
  const { db, house } = premises
  await furnishStaff(premises, STAFF)
  const plan = planInput.parse({ title: '月度抽查', from: '2026-11-19', to: '2026-11-22' })
  const { id } = await registerPlan(db, person(premises, 'lead'), jobs, plan)
  await sealer.flush()
  await drawPlan(db, house, id)
}

/** Which file of the zip holds the byte at this place; null for what stands between files. */
function fileAt(bytes: Buffer, at: number): string | null {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'))
  let entry = bytes.readUInt32LE(end + 16)
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n -= 1) {
    const name = bytes.subarray(entry + 46, entry + 46 + bytes.readUInt16LE(entry + 28))
    const local = bytes.readUInt32LE(entry + 42)
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    if (from <= at && at < from + bytes.readUInt32LE(entry + 20)) return name.toString('utf8')
    entry += 46 + name.length + bytes.readUInt16LE(entry + 30) + bytes.readUInt16LE(entry + 32)
  }
  return null
}

/** One byte of a package: the file in the zip must be named, or that the zip itself was altered. */
export async function spoilPackage(scene: Scene, rng: Rng): Promise<Change> {
  const file = scene.package
  const before = readFileSync(file)
  const { bytes, at } = spoilFile(before, rng)
  writeFileSync(file, bytes)
  const name = fileAt(before, at)
  return {
    what: `package ${name ?? 'container'} byte ${at}`,
    problems: async () =>
      (await verifyFile(file)).differences.map(difference => ({
        ...{ log: 'archive' as const, index: null, what: difference.what, ref: null },
        file: difference.file,
      })),
    named: problems =>
      name === null ? problems.length > 0 : problems.some(problem => problem.file === name),
    undo: async () => writeFileSync(file, before),
  }
}

export function dropPackage(scene: Scene): void {
  rmSync(dirname(scene.package), { recursive: true, force: true })
}
