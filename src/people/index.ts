export { accountName, addAccount, createAccount, ensureDemoAccounts, resetPassword } from './accounts.ts'
export { allowed, authorise, can, type Thing } from './can.ts'
export type { Me, NewAccount, Party, Role, Verb } from './contract.ts'
export {
  type Department,
  type Directory,
  departmentsOf,
  directoryOf,
  findStaff,
  leadersOf,
  type Person,
  partyOf,
} from './directory.ts'
export { authenticator, peopleRoutes } from './http.ts'
export { actorOf, type SignedIn, signIn, signOut } from './session.ts'
export { type DirectorySource, type SyncReport, syncDirectory } from './sync.ts'
