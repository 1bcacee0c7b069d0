export {
  addAccount,
  createAccount,
  disableAccount,
  ensureDemoAccounts,
  resetPassword,
} from './accounts.ts'
export { authorise, can, scopeOf } from './can.ts'
export type { Party } from './contract.ts'
export { departmentsOf, directoryOf, findStaff, leadersOf, type Person, partyOf } from './directory.ts'
export { authenticator, peopleRoutes } from './http.ts'
export { actorOf, signIn, signOut } from './session.ts'
export { staffLeft } from './staff-event.ts'
export { type DirectorySource, syncDirectory } from './sync.ts'
