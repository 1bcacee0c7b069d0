export { caseRoutes } from './http.ts'
export { intake, workIntake } from './intake.ts'
export { type Live, openLive } from './live.ts'
