import { XMLParser } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { envelopeXml, eventXml } from './callback-xml.ts'

const parser = new XMLParser({ parseTagValue: false })
const at = 1_403_610_513_000

test("the reference's own examples are written as the reference writes them", () => {
  expect(
    eventXml('toUser', {
      type: 'change_external_contact.add_external_contact',
      fields: {
        UserID: 'zhangsan',
        ExternalUserID: 'woAJ2GCAAAXtWyujaWJHDDGi0mAAAA',
        State: 'teststate',
        WelcomeCode: 'WELCOMECODE',
      },
      at,
    }),
  ).toBe(
    '<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1403610513</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[woAJ2GCAAAXtWyujaWJHDDGi0mAAAA]]></ExternalUserID><State><![CDATA[teststate]]></State><WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode></xml>',
  )
  expect(
    eventXml('CorpID', { type: 'msgaudit_notify', fields: {}, at: 1_629_101_687_000, agentId: 2_000_004 }),
  ).toBe(
    '<xml><ToUserName><![CDATA[CorpID]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1629101687</CreateTime><MsgType><![CDATA[event]]></MsgType><AgentID>2000004</AgentID><Event><![CDATA[msgaudit_notify]]></Event></xml>',
  )
  expect(envelopeXml('toUser', 'msg_encrypt')).toBe(
    '<xml><ToUserName><![CDATA[toUser]]></ToUserName><Encrypt><![CDATA[msg_encrypt]]></Encrypt></xml>',
  )
})

test('lists are nested under the names the reference gives their entries', () => {
  const chat = eventXml('corp', {
    type: 'change_external_chat.update',
    fields: {
      ChatId: 'wr1',
      UpdateDetail: 'add_member',
      JoinScene: 1,
      MemChangeCnt: 2,
      MemChangeList: ['wm1', 'wm2'],
      LastMemVer: 'a',
      CurMemVer: 'b',
    },
    at,
  })
  expect(parser.parse(chat).xml).toMatchObject({
    ChangeType: 'update',
    MemChangeCnt: '2',
    MemChangeList: { Item: ['wm1', 'wm2'] },
  })
  const click = eventXml('corp', {
    type: 'template_card_event',
    from: 'linyue',
    agentId: 1,
    fields: {
      EventKey: 'approve',
      TaskId: 'appr-1',
      CardType: 'vote_interaction',
      ResponseCode: 'r',
      SelectedItems: [
        { QuestionKey: 'q1', OptionIds: ['a', 'b'] },
        { QuestionKey: 'q2', OptionIds: ['c'] },
      ],
    },
    at,
  })
  expect(parser.parse(click).xml).toMatchObject({
    FromUserName: 'linyue',
    AgentID: '1',
    SelectedItems: {
      SelectedItem: [
        { QuestionKey: 'q1', OptionIds: { OptionId: ['a', 'b'] } },
        { QuestionKey: 'q2', OptionIds: { OptionId: 'c' } },
      ],
    },
  })
  const job = eventXml('corp', {
    type: 'batch_job_result',
    fields: { BatchJob: { JobId: 'j', JobType: 'sync_user', ErrCode: 0, ErrMsg: 'ok' } },
    at,
  })
  expect(parser.parse(job).xml.BatchJob).toEqual({
    JobId: 'j',
    JobType: 'sync_user',
    ErrCode: '0',
    ErrMsg: 'ok',
  })
})

test('words that end a CDATA section stay the words they are', () => {
  const hostile = 'a]]><Event>x</Event><![CDATA[b & <c>'
  const xml = eventXml('corp', { type: 'change_contact.create_user', fields: { Name: hostile }, at })
  expect(parser.parse(xml).xml).toMatchObject({ Event: 'change_contact', Name: hostile })
})
