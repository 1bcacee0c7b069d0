export type Disguise =
  | 'zero-width'
  | 'separator'
  | 'emoji'
  | 'traditional'
  | 'full-width'
  | 'homophone'
  | 'pinyin'
  | 'split'

export type Severity = 'P0' | 'P1' | 'P2' | 'P3'

/** What was planted, one JSON a line in a file that src/ never reads. */
export type TruthLine = {
  msgid: string
  categories: string[]
  severity: Severity
  disguise: Disguise | null
  /** false: a hard-clean line (a negated promise, a disclosure, a fraud warning) or a customer's own signal. */
  alert: boolean
  text: string
  /** The other bubbles of a sentence split over several: an alert on any of them is right. */
  siblings?: string[]
  /** The behaviour rule that must speak of this message among others; then `alert` is of the words alone. */
  behaviour?: string
}

export type Plant = Omit<TruthLine, 'msgid'>
