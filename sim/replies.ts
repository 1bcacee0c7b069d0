import { createHash } from 'node:crypto'

export type Reply = { errcode: number; errmsg: string } & Record<string, unknown>

const MESSAGES: Record<number, string> = {
  [-1]: 'system error',
  40001: 'invalid credential',
  40003: 'invalid UserID',
  40004: 'invalid media type',
  40006: 'invalid media size',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40013: 'invalid corpid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40035: 'invalid parameter',
  40056: 'invalid agentid',
  40058: 'invalid Request Parameter',
  40063: 'some parameters are empty',
  40068: 'invalid tagid',
  40071: 'tag name already exist',
  40096: 'invalid external userid',
  40097: 'user has not resigned',
  40098: 'user not real-name verified',
  40099: 'external contact reach limit',
  40100: 'customer is being transferred',
  40126: 'corp tag exceed limit',
  40128: 'transfer too frequent',
  40129: 'customer in transfer',
  40130: 'handover equals takeover',
  40131: 'handover is not follow user',
  41001: 'access_token missing',
  41002: 'corpid missing',
  41004: 'corpsecret missing',
  41005: 'media data missing',
  41041: 'contact me user exceed limit',
  41045: 'contact me exceed limit',
  41048: 'no sendable customer',
  41050: 'invalid welcome code',
  41051: 'already chatting with customer',
  41053: 'customer not agree to archive',
  41054: 'user not activated',
  41059: 'missing moment_id',
  41060: 'invalid moment_id',
  41061: 'moment not published by this user',
  41062: 'enterprise moment not published by this user',
  41063: 'group message is being dispatched',
  41064: 'too many attachments',
  41065: 'invalid attachment msgtype',
  41067: 'invalid moment type',
  41068: 'word_list exceed limit',
  41069: 'intercept rule exceed limit',
  41070: 'invalid rule_id',
  41071: 'rule deleted',
  41072: 'invalid attachment scene',
  41076: 'applicable range exceed limit',
  41077: 'rule_name repeated',
  41078: 'too many async moment tasks',
  41079: 'moment is being dispatched',
  41083: 'invalid keyword',
  41084: 'invalid semantics',
  41088: 'attachments empty',
  41089: 'moment need text or attachments',
  41093: 'group message already cancelled',
  41094: 'remind too frequent',
  41096: 'welcome message is being sent',
  42001: 'access_token expired',
  42022: 'code already used',
  45002: 'content too long',
  45009: 'api freq out of limit',
  48002: 'api forbidden',
  50001: 'redirect_url domain not trusted',
  50002: 'user not in the visible scope',
  50003: 'app disabled',
  60003: 'department not found',
  60011: 'no privilege to access/modify contact/party/agent',
  60020: 'not allow to access from your ip',
  60111: 'userid not found',
  60123: 'invalid party id',
  81013: 'all receivers invalid',
  81017: 'too many receivers',
  84061: 'not external contact',
  84074: 'no external contact permission',
  84084: 'not follow user',
  90500: 'the owner of this chat is not resigned',
  90501: 'not external chat',
  90502: 'the owner of this chat is resigned',
  90503: 'group chat is full',
  90504: 'owner not changed',
  301002: 'no privilege to access agent',
  301042: 'get chatdata whiteip not match',
  301058: 'chat data too large',
  301048: 'file not exist or expired',
  301052: 'msgaudit expired',
  301053: 'corp is not open msgaudit',
  301059: 'not internal group',
  301060: 'query exceed limit',
  301061: 'exteropenid not exist',
  600018: 'invalid start time or end time',
}

export function errmsgOf(errcode: number): string {
  return MESSAGES[errcode] ?? 'unknown error'
}

/** `errmsg` in full as WeCom writes it; only `errcode` may be judged by. */
export function failure(errcode: number, atMs: number, empty: Record<string, unknown> = {}): Reply {
  const second = Math.floor(atMs / 1000)
  const hint = `[${second}_${Math.abs(errcode) % 100}_${createHash('md5').update(`${second}/${errcode}`).digest('hex')}]`
  const page = `https://open.work.weixin.qq.com/devtool/query?e=${errcode}`
  const errmsg = `${errmsgOf(errcode)}, hint: ${hint}, from ip: 127.0.0.1, more info at ${page}`
  return { errcode, errmsg, ...empty }
}

export function success(body: Record<string, unknown>): Reply {
  return { errcode: 0, errmsg: 'ok', ...body }
}
