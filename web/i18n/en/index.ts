import type { Words } from '../index.ts'
import { alerts } from './alerts.ts'
import { behaviour } from './behaviour.ts'
import { cases } from './cases.ts'
import { complaints } from './complaints.ts'
import { completeness } from './completeness.ts'
import { consent } from './consent.ts'
import { consequences } from './consequences.ts'
import { conversation } from './conversation.ts'
import { delivery } from './delivery.ts'
import { desk } from './desk.ts'
import { evidence } from './evidence.ts'
import { frame } from './frame.ts'
import { integrity } from './integrity.ts'
import { keep } from './keep.ts'
import { sealing } from './keys.ts'
import { ledger } from './ledger.ts'
import { notice } from './notice.ts'
import { own } from './own.ts'
import { retention } from './retention.ts'
import { rulebook } from './rulebook.ts'
import { rules } from './rules.ts'
import { sampling } from './sampling.ts'
import { search } from './search.ts'
import { talk } from './talk.ts'
import { wall } from './wall.ts'

export const en: Words = {
  ...frame,
  ...alerts,
  ...behaviour,
  ...wall,
  ...talk,
  ...keep,
  ...notice,
  ...completeness,
  ...conversation,
  ...own,
  ...rulebook,
  ...retention,
  ...rules,
  ...consent,
  ...consequences,
  ...complaints,
  ...sealing,
  ...ledger,
  ...integrity,
  ...search,
  ...evidence,
  ...desk,
  ...sampling,
  ...delivery,
  ...cases,
}
