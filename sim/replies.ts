import { createHash } from 'node:crypto'

export type Reply = { errcode: number; errmsg: string } & Record<string, unknown>

const MESSAGES: Record<number, string> = {
  [-1]: 'system error',
  10001: 'network error',
  10002: 'data parse error',
  10003: 'system error',
  10009: 'ip not allowed',
  10010: 'data expired',
  10011: 'certificate error',
  301058: 'chat data too large',
  40001: 'invalid credential',
  40003: 'invalid UserID',
  40013: 'invalid corpid',
  40014: 'invalid access_token',
  40058: 'invalid Request Parameter',
  40096: 'invalid external userid',
  41001: 'access_token missing',
  41002: 'corpid missing',
  41004: 'corpsecret missing',
  42001: 'access_token expired',
  45009: 'api freq out of limit',
  48002: 'api forbidden',
  50002: 'user not in the visible scope',
  60003: 'department not found',
  60111: 'userid not found',
  84061: 'not external contact',
  90501: 'not external chat',
  301048: 'file not exist or expired',
  301060: 'query exceed limit',
  301061: 'exteropenid not exist',
}

/** `errmsg` in full as WeCom writes it; only `errcode` may be judged by. */
export function failure(errcode: number, atMs: number, empty: Record<string, unknown> = {}): Reply {
  const second = Math.floor(atMs / 1000)
  const hint = `[${second}_${Math.abs(errcode) % 100}_${createHash('md5').update(`${second}/${errcode}`).digest('hex')}]`
  const page = `https://open.work.weixin.qq.com/devtool/query?e=${errcode}`
  const errmsg = `${MESSAGES[errcode] ?? 'unknown error'}, hint: ${hint}, from ip: 127.0.0.1, more info at ${page}`
  return { errcode, errmsg, ...empty }
}

export function success(body: Record<string, unknown>): Reply {
  return { errcode: 0, errmsg: 'ok', ...body }
}
