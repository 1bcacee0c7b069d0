import { countDeliveries } from '../../cases/index.ts'
import { reachable } from '../../people/index.ts'
import type { Premises } from '../house.ts'
import type { Finding } from './doctor.ts'

/** Can anybody be told of an alert, and does something lie about that nobody got? */
export async function deliveryFindings({ db, house, config }: Premises): Promise<Finding[]> {
  const cards = config.wecom?.agentid !== undefined
  const { dead } = await countDeliveries(db, house.corp)
  return [
    ways(cards, config.smtp !== undefined, config.webhookHosts.length > 0),
    ...(cards ? await boundFinding({ db, house }) : []),
    ...(dead > 0
      ? [
          {
            level: '错误' as const,
            what: `${dead} 条通知没有送达`,
            remedy: '在“通知与升级”页查看原因，处理后点“再发一次”',
          },
        ]
      : []),
  ]
}

function ways(cards: boolean, mail: boolean, hooks: boolean): Finding {
  const on = [
    ...(cards ? ['企业微信卡片'] : []),
    ...(mail ? ['电子邮件'] : []),
    ...(hooks ? ['Webhook'] : []),
  ]
  if (on.length > 0) return { level: '正常', what: `预警通知渠道：${on.join('、')}` }
  return {
    level: '注意',
    what: '没有预警通知渠道：预警只出现在预警页',
    remedy: '设置 WECOM_AGENTID（卡片）、TONGJIAN_SMTP_URL（邮件）或 TONGJIAN_WEBHOOK_HOSTS（Webhook）',
  }
}

/** An officer or lead without a WeCom member gets no card, and P0 may reach nobody in time. */
async function boundFinding({ db, house }: Pick<Premises, 'db' | 'house'>): Promise<Finding[]> {
  const deciders = (await reachable(db, house)).filter(one => one.role === 'officer' || one.role === 'lead')
  const unbound = deciders.filter(one => one.userid === null || one.userid === '')
  if (unbound.length === 0) return []
  return [
    {
      level: '注意',
      what: `${unbound.length} 个合规账号没有绑定企业微信成员，收不到预警卡片：${unbound.map(one => one.name).join('、')}`,
      remedy: '新建账号时用 --userid 指定其企业微信成员',
    },
  ]
}
