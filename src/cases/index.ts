export { listAlerts } from './board.ts'
export { readSignals as listComplaintSignals } from './complaints/before.ts'
export { registerComplaint as registerInput } from './complaints/contract.ts'
export {
  act as actOnComplaint,
  answer as answerComplaint,
  askExtension,
  grade as gradeComplaint,
} from './complaints/handle.ts'
export { complaintRoutes } from './complaints/http.ts'
export { register as registerComplaint } from './complaints/register.ts'
export { decide as decideAlert } from './decide.ts'
export {
  CARD_PRESSED,
  countDeliveries,
  type Delivery,
  type DeliveryDeps,
  deliveryRoutes,
  onCardEvent,
  openHooks,
  openMail,
  startDelivery,
  unclaimDeliveries,
  type Ways,
} from './delivery/index.ts'
export { furnishCases } from './demo.ts'
export { caseFileRoutes } from './file-http.ts'
export { caseRoutes } from './http.ts'
export {
  checkRectification,
  decideFinding,
  endChecking,
  orderRectification,
  reportFinding,
  submitRectification,
} from './inspection/findings.ts'
export { inspectionRoutes } from './inspection/http.ts'
export { findingIds, readInspection } from './inspection/view.ts'
export { intake, workIntake } from './intake.ts'
export { CASE_MOVED } from './jobs.ts'
export { type Live, openLive } from './live.ts'
export { casesPurge, openReviews } from './purge.ts'
export { qualityRoutes } from './quality/http.ts'
export { assign as assignSecondLooks, concludeLook, listLooks, openLook } from './quality/looks.ts'
export { conclusionsOf, handlingOf } from './reviewed.ts'
export { planInput } from './sampling/contract.ts'
export { ownSample } from './sampling/export.ts'
export { drawPlan, workSampling } from './sampling/fix.ts'
export { samplingRoutes } from './sampling/http.ts'
export { PLAN_REGISTERED } from './sampling/jobs.ts'
export { sampleLeaves } from './sampling/leaf.ts'
export { REDRAW_WORDS, type RedrawVerdict, redraw } from './sampling/redraw.ts'
export { registerPlan } from './sampling/register.ts'
export { concludeClean, openUnit } from './sampling/review.ts'
export { readPlan } from './sampling/view.ts'
export { wallRoutes } from './wall/http.ts'
