import type { Db, House } from '../../base/index.ts'
import type { PackFile } from '../rules.ts'
import type { Publications, Published } from '../rules-apart.ts'
import { openText } from './sealed.ts'
import { type ActRow, newestAct, selectActs, selectVersions, type VersionRow } from './store.ts'

/** Where each file stands: the version in force (0: the folder's own), and the one that is not in force for all yet. */
export type Standing = {
  inForce: Map<string, number>
  staged: { file: string; version: number; departments: number[] } | null
}

export function standingOf(acts: readonly ActRow[]): Standing {
  const inForce = new Map<string, number>()
  let staged: Standing['staged'] = null
  for (const { file, version, act, departments } of acts) {
    if (act === 'shadow' || act === 'staged') staged = { file, version, departments }
    else {
      inForce.set(file, version)
      if (staged?.file === file) staged = null
    }
  }
  return { inForce, staged }
}

export async function openVersion(db: Db, house: House, row: VersionRow): Promise<string> {
  return openText(db, house, 'version', `${row.file}|${row.version}`, row.text)
}

/** What is published over the folder at this moment. */
export async function publishedNow(db: Db, house: House): Promise<Published> {
  const acts = await selectActs(db, house.corp)
  const { inForce, staged } = standingOf(acts)
  const versions = await selectVersions(db, house.corp)
  const of = (file: string, version: number): VersionRow | undefined =>
    versions.find(row => row.file === file && row.version === version)
  const files: PackFile[] = []
  for (const [file, version] of inForce) {
    const row = of(file, version)
    if (row) files.push({ name: file, text: await openVersion(db, house, row) })
  }
  const row = staged && of(staged.file, staged.version)
  return {
    stamp: String(acts.at(-1)?.seq ?? 0),
    files,
    staged:
      staged && row ? { ...staged, text: await openVersion(db, house, row), changed: row.changed } : null,
  }
}

export const publicationsOf = (db: Db, house: House): Publications => ({
  stamp: async () => String(await newestAct(db, house.corp)),
  read: () => publishedNow(db, house),
})
