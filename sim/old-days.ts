/** What an earlier system left behind, as decrypted WeCom messages: three customers of 2005, long since gone. */
const YEAR = 2005
const TALKS: [customer: string, staff: string, said: string[]][] = [
  [
    'wmOldDaysCustomer000000000000001',
    'linyue',
    ['您好，定期存单下月十五日到期', '好的，我带身份证来办', '续存还是转活期，您定', '转活期吧，谢谢'],
  ],
  [
    'wmOldDaysCustomer000000000000002',
    'linyue',
    ['房贷还款日改为每月十日', '收到，账户里会留够', '本月已扣款成功', '对账单请寄到单位'],
  ],
  [
    'wmOldDaysCustomer000000000000003',
    'zhouyu',
    ['您投诉的手续费一事，我们在核对', '请尽快给书面答复', '书面答复已寄出', '收到了'],
  ],
]

export type OldTalk = { customer: string; messages: Record<string, unknown>[] }

/** One talk a customer; each message carries its own time, a working morning of 2005. */
export function oldDays(): OldTalk[] {
  return TALKS.map(([customer, staff, said], talk) => ({
    customer,
    messages: said.map((content, turn) => {
      const byStaff = turn % 2 === 0
      return {
        msgid: `old-${talk}-${turn}_external`,
        action: 'send',
        from: byStaff ? staff : customer,
        tolist: [byStaff ? customer : staff],
        roomid: '',
        msgtime: Date.UTC(YEAR, 2 + talk, 7 + turn, 2, turn * 7),
        msgtype: 'text',
        text: { content },
      }
    }),
  }))
}
