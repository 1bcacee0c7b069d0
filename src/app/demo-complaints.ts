import { now } from '../base/index.ts'
import {
  actOnComplaint,
  answerComplaint,
  askExtension,
  gradeComplaint,
  listComplaintSignals,
  registerComplaint,
  registerInput,
} from '../cases/index.ts'
import { directoryOf } from '../people/index.ts'
import { DEMO_ADVISER } from './demo.ts'
import { demoPerson } from './demo-people.ts'
import type { Premises } from './house.ts'

const DAY = 86_400_000
type Told = {
  source: string
  kind: string
  product: string
  channel: string
  who: number
  daysAgo: number
  name: string
  contact: string
  text: string
}
/** Complaints of different age: one answered, one complex that asks for more time, one in its last day, one just come. */
const TOLD: Told[] = [
  {
    ...{ source: 'h12378', kind: 'mis_selling', product: 'wealth', channel: 'wecom', who: 0, daysAgo: 38 },
    ...{ name: '吴秀兰', contact: '13912345678' },
    text: '客户称购买理财时被告知"和存款一样安全"，现净值下跌，要求说明并退回差额。',
  },
  {
    ...{
      source: 'regulator',
      kind: 'surrender',
      product: 'insurance',
      channel: 'counter',
      who: 4,
      daysAgo: 26,
    },
    ...{ name: '郑国强', contact: '13687654321' },
    text: '客户称存款变保险，投保时未讲清犹豫期，要求全额退保。',
  },
  {
    ...{ source: 'hotline', kind: 'fees', product: 'card', channel: 'phone', who: 7, daysAgo: 15 },
    ...{ name: '刘敏', contact: '13500001111' },
    text: '客户称信用卡年费扣收前未收到提示，要求退还并书面说明。',
  },
  {
    ...{ source: 'direct', kind: 'harassment', product: 'service', channel: 'wecom', who: 10, daysAgo: 2 },
    ...{ name: '', contact: '' },
    text: '客户称已明确拒绝营销，仍被客户经理反复发送产品信息。',
  },
]

/** Complaints as after some weeks of use. Every step goes the way people go, under the demo's accounts. */
export async function furnishComplaints(premises: Premises): Promise<void> {
  const { db, house } = premises
  const [officer, lead] = [demoPerson(premises, 'officer'), demoPerson(premises, 'lead')]
  const { people } = await directoryOf(db, house)
  const others = [...people.values()].filter(one => one.status === 1 && one.userid !== DEMO_ADVISER)
  const staff = [DEMO_ADVISER, ...others.map(one => one.userid).sort()]
  const ids: string[] = []
  for (const { who, daysAgo, ...told } of TOLD) {
    const given = { ...told, staff: staff[who] ?? DEMO_ADVISER, receivedAt: now() - daysAgo * DAY }
    ids.push(await registerComplaint(db, officer, registerInput.parse(given)))
  }
  const [first = '', second = '', third = ''] = ids
  const note = (text: string, act: 'accept' | 'investigate' | 'close') => ({ act, note: text })
  for (const id of [first, second, third])
    await actOnComplaint(db, officer, id, note('材料齐全，符合受理范围', 'accept'))
  for (const id of [first, second])
    await actOnComplaint(db, officer, id, note('调取会话、双录与签署材料，约谈经办人', 'investigate'))
  await gradeComplaint(db, officer, second, '涉及多份保单与已离职人员，情况复杂')
  await askExtension(db, officer, second, '须向保险公司调取原始投保录音，预计十日内取得')
  await gradeComplaint(db, officer, first, '涉及多次沟通与产品净值测算')
  await answerComplaint(db, officer, first, {
    text: '经核查会话记录，客户经理确有不当表述。已向您致歉并书面说明产品风险，差额部分按和解协议处理。',
    ...{ outcome: 'upheld', severity: 'P1', rules: ['GUAR-01'] },
  })
  await actOnComplaint(db, lead, first, note('客户书面认可；已更正话术并安排复训', 'close'))
  const [signal] = (await listComplaintSignals(db, officer)).items
  if (!signal) return
  await registerComplaint(
    db,
    officer,
    registerInput.parse({
      ...{ source: 'wecom', kind: 'service', product: 'service', channel: 'wecom', message: signal.key },
      ...{ text: '客户在企业微信会话中表达不满并要求说法，登记核实。', receivedAt: signal.key.sentAt },
    }),
  )
}
