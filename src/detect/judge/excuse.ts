import { sighted } from '../match/pattern.ts'
import type { Range } from './reads.ts'

/**
 * A denial that only makes room for the deed: 公司不许加私人号,所以您悄悄加. After such a turn the hit stands.
 */
const turn = sighted(
  '[,。;!](就是|只是|就|无非|不过|但|但是|可|可是|所以|只要|而且)?[^。!;]{0,8}(悄悄|偷偷|私下|单独(补|给|返)|照样|规定是死的|不写进|感谢费|辛苦费|绕(几|两|一)|转两道|别备注|自己的号聊|不讲究|您就(照着|直接|给)|跟[您你]说一句|系统不会响|明早开盘|没痕迹|而已)',
)

export function disclaimed(chars: Uint16Array, view: Range, span: Range): boolean {
  const to = Math.min(view[1], span[1] + 50)
  return span[1] < to && turn.test(chars, span[1], to)
}
