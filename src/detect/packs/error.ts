/** What is wrong with a rule pack, where, and what to do about it. */
export class PackError extends Error {
  readonly code:
    | 'pack.yaml'
    | 'pack.schema'
    | 'pack.pattern'
    | 'pack.reference'
    | 'pack.duplicate'
    | 'pack.term'
    | 'pack.near'
    | 'pack.condition'
  readonly file: string
  readonly line: number
  readonly remedy: string

  constructor(code: PackError['code'], at: { file: string; line: number }, problem: string, remedy: string) {
    super(`${at.file}:${at.line}: ${problem}. ${remedy}`)
    this.name = 'PackError'
    this.code = code
    this.file = at.file
    this.line = at.line
    this.remedy = remedy
  }
}
