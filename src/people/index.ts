export {
  accountNames,
  addAccount,
  createAccount,
  decidersOf,
  disableAccount,
  ensureDemoAccounts,
  resetPassword,
} from './accounts.ts'
export { authorise, can, scopeOf } from './can.ts'
export type { Party } from './contract.ts'
export { departmentsOf, directoryOf, findStaff, leadersOf, type Person, partyOf } from './directory.ts'
export { staffThen } from './history.ts'
export { authenticator, peopleRoutes } from './http.ts'
export { reachable, reachableAs } from './receivers.ts'
export { actorOf, signIn, signOut } from './session.ts'
export { staffLeft } from './staff-event.ts'
export { staffLeftSince } from './store.ts'
export { type DirectorySource, syncDirectory } from './sync.ts'
