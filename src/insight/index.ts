export { insightRoutes } from './http.ts'
