import { type directoryOf, type Party, partyOf } from '../people/index.ts'

/** An employee as the screens show him; who left the directory long ago keeps his id. */
export function staffParty(directory: Awaited<ReturnType<typeof directoryOf>>, userid: string): Party {
  return partyOf(directory, userid) ?? { id: userid, kind: 'unknown', name: userid, department: null }
}
