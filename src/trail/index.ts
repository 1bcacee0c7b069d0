export { checkTrail } from './check.ts'
export { trailRoutes } from './http.ts'
export { list } from './read.ts'
export { record, type TrailEntry } from './record.ts'
