/** Characters that hold sentences together. A word of them alone is nobody's secret. */
export const GLUE: ReadonlySet<string> = new Set(
  '我你您他她它咱的了着过吗呢吧啊是就都也这那有个不给来去到上下里在把让被要会能可还再只没别说看做想点一二三四五六七八九十几两多少大小好年月日天时人对从跟和同为以后前先又太很才谁哪',
)

/** Nobody writes these in place of a character that sounds or looks alike: the reader would read on. */
export const NEVER_A_MASK: ReadonlySet<number> = new Set(
  [...'我你您他她它咱的了着吗呢吧啊是就不这那有在要会个们'].map(char => char.charCodeAt(0)),
)
