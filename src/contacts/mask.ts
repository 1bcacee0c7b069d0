/** Compound surnames in use (公安部户政管理研究中心 lists some eighty; these are the ones one meets). */
const COMPOUND = new Set(
  '欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 夏侯 南宫 端木 长孙 宇文 独孤 轩辕 呼延 闻人 澹台 申屠 太史 钟离 拓跋 完颜 百里 第五'.split(
    ' ',
  ),
)
const letters = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/**
 * A customer's name as screens show it: the surname and two stars, whatever the length, so that stars tell nothing.
 * A name may be anything in WeChat; of what is no Chinese name the first sign stays, even when it is an emoji.
 */
export function maskName(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '') return '**'
  if (COMPOUND.has(trimmed.slice(0, 2)) && trimmed.length > 2) return `${trimmed.slice(0, 2)}**`
  const [first] = letters.segment(trimmed)
  return `${first?.segment ?? ''}**`
}
