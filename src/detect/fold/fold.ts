import * as T from './fold-table.ts'
import { OPENS, stickerAt } from './sticker.ts'

/**
 * Folded text for matching. `chars[i]` stands for text.slice(start[i], end[i]); both are monotone.
 * `flag[i]` holds the transformations needed to read this character, those of T.SEPARATOR, T.INVISIBLE
 * and T.LINE having happened between it and the character before.
 */
export type Folded = {
  n: number
  chars: Uint16Array
  start: Int32Array
  end: Int32Array
  flag: Int32Array
}

function buffers(size: number): Folded {
  return {
    n: 0,
    chars: new Uint16Array(size),
    start: new Int32Array(size),
    end: new Int32Array(size),
    flag: new Int32Array(size),
  }
}

function grow(f: Folded, need: number): void {
  const next = buffers(Math.max(need, f.chars.length * 2))
  next.chars.set(f.chars)
  next.start.set(f.start)
  next.end.set(f.end)
  next.flag.set(f.flag)
  Object.assign(f, { ...next, n: f.n })
}

/** Folds for matching and gives the positions back. */
export const fold = (text: string): Folded => new Folder().fold(text, 0, text.length)

/** One pass over the text. Keeps its buffers: what it returned is overwritten by the next call. */
export class Folder {
  readonly f: Folded = buffers(1024)
  text = ''
  from = 0
  to = 0
  /** Start of the run of separators not yet decided on, or -1, and what the run holds. */
  held = -1
  hard = false
  line = false
  invisible = false
  last = T.OTHER
  repeats = false

  fold(text: string, from: number, to: number): Folded {
    this.text = text
    this.from = from
    this.to = to
    this.held = -1
    this.hard = this.line = this.invisible = this.repeats = false
    this.last = T.OTHER
    this.room(to - from).n = 0
    this.run()
    return this.f
  }

  /** The buffers, large enough for so many units. */
  room(units: number): Folded {
    if (this.f.chars.length < units + 64) grow(this.f, units + 64)
    return this.f
  }

  run(): void {
    const { text, f, to } = this
    let i = this.from
    while (i < to) {
      const unit = text.charCodeAt(i)
      const kind = T.KIND[unit] as number
      if (kind <= T.ALNUM) {
        let flag = T.PATH[unit] as number
        if (this.held >= 0 || this.invisible) flag |= this.decide(kind, i)
        const o = f.n++
        const char = T.MAP[unit] as number
        f.chars[o] = char
        f.start[o] = i
        f.end[o] = ++i
        f.flag[o] = flag
        if (kind === T.HANZI && o > 0 && f.chars[o - 1] === char) this.repeats = true
        this.last = kind
      } else i = this.odd(unit, kind, i)
    }
    if (this.held >= 0) this.release(to)
    if (this.repeats) collapse(f)
  }

  /** Everything that is not a plain character. */
  odd(unit: number, kind: number, i: number): number {
    if (kind === T.GONE) {
      this.invisible = true
      return i + 1
    }
    if (kind === T.SURROGATE) return this.astral(i)
    const sticker = unit === OPENS ? stickerAt(this.text, i, this.to) : 0
    if (sticker > 0) {
      this.hold(T.ORNAMENT, i)
      return i + sticker
    }
    if (kind === T.EXPANDS) {
      this.expand(T.expansion(this.text.charAt(i)) ?? '', i, i + 1)
      return i + 1
    }
    if (kind === T.STOP && !this.inserted(unit, i)) {
      if (this.held >= 0) this.release(i)
      this.emit(T.MAP[unit] as number, i, i + 1, T.PATH[unit] as number, T.OTHER)
      return i + 1
    }
    this.hold(kind, i)
    return i + 1
  }

  hold(kind: number, i: number): void {
    if (this.held < 0) this.held = i
    if (kind !== T.ORNAMENT && kind !== T.NEWLINE) this.hard = true
    if (kind === T.NEWLINE) this.line = true
  }

  /** 稳,赚,不,赔: the same stop again, one Han further on or back. */
  inserted(unit: number, i: number): boolean {
    const { text } = this
    const han = (at: number) => T.KIND[text.charCodeAt(at)] === T.HANZI
    if (this.last !== T.HANZI || !(i + 1 < this.to && han(i + 1))) return false
    const after = i + 2 < this.to && text.charCodeAt(i + 2) === unit
    const before = i - 2 >= this.from && text.charCodeAt(i - 2) === unit && han(i - 1)
    return after || before
  }

  astral(i: number): number {
    const { text } = this
    const cp = text.codePointAt(i) as number
    if (cp <= 0xffff || i + 1 >= this.to) {
      this.emit(text.charCodeAt(i), i, i + 1, 0, T.OTHER)
      return i + 1
    }
    if (T.plainlyEmoji(cp)) {
      this.hold(T.ORNAMENT, i)
      return i + 2
    }
    const known = T.expansion(text.slice(i, i + 2))
    if (known !== undefined) this.expand(known, i, i + 2)
    else if (T.isEmoji(cp)) this.hold(T.ORNAMENT, i)
    else {
      const kind = T.isHanPoint(cp) ? T.HANZI : T.OTHER
      this.emit(text.charCodeAt(i), i, i + 2, 0, kind)
      this.emit(text.charCodeAt(i + 1), i, i + 2, 0, kind)
    }
    return i + 2
  }

  expand(into: string, start: number, end: number): void {
    if (into === '') this.invisible = true
    const need = this.f.n + into.length + (this.to - this.from) + 64
    if (this.f.chars.length < need) grow(this.f, need)
    for (let k = 0; k < into.length; k++) {
      const unit = into.charCodeAt(k)
      const kind = T.KIND[unit] as number
      this.emit(unit, start, end, T.WIDTH, kind <= T.ALNUM ? kind : T.OTHER)
    }
  }

  emit(char: number, start: number, end: number, flag: number, kind: number): void {
    const { f } = this
    let all = flag
    if (this.held >= 0 || this.invisible) all |= this.decide(kind, start)
    f.chars[f.n] = char
    f.start[f.n] = start
    f.end[f.n] = end
    f.flag[f.n++] = all
    if (kind === T.HANZI && f.n > 1 && f.chars[f.n - 2] === char) this.repeats = true
    this.last = kind
  }

  /** The run held back stood between `last` and `kind`: drop it or write it out. */
  decide(kind: number, end: number): number {
    let flag = 0
    if (this.invisible && this.f.n > 0) flag |= T.INVISIBLE
    this.invisible = false
    if (this.held < 0) return flag
    const bothHan = this.last === T.HANZI && kind === T.HANZI
    const mixed = this.last + kind === T.HANZI + T.ALNUM && this.last * kind !== 0
    if (bothHan || (mixed && !this.hard && !this.line)) {
      flag |= T.SEPARATOR | (this.line ? T.LINE : 0)
      this.forget()
      return flag
    }
    this.release(end)
    return flag
  }

  forget(): void {
    this.held = -1
    this.hard = false
    this.line = false
  }

  /** Writes the held separators as they are: they were not in the way of anything. */
  release(end: number): void {
    const start = this.held
    this.forget()
    const { f, text } = this
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i)
      if (T.KIND[unit] === T.GONE) continue
      f.chars[f.n] = T.KIND[unit] === T.NEWLINE ? 10 : (T.MAP[unit] as number)
      f.start[f.n] = i
      f.end[f.n] = i + 1
      f.flag[f.n++] = T.PATH[unit] as number
    }
    this.last = T.OTHER
  }
}

/** 六二二二 零二: what repeats is part of a number. */
function inNumber(f: Folded, at: number, run: number): boolean {
  const numeral = (i: number): boolean => i >= 0 && i < f.n && (T.VALUE[f.chars[i] as number] as number) >= 0
  return numeral(at) && (numeral(at - 1) || numeral(at + run))
}

/** 稳稳稳赚 and 保保本本 read 稳赚 and 保本; a plain double (看看, 谢谢) stays. */
function collapse(f: Folded): void {
  let o = 0
  let i = 0
  let before = 1
  while (i < f.n) {
    const char = f.chars[i] as number
    let run = 1
    while (i + run < f.n && f.chars[i + run] === char) run++
    const han = T.KIND[char] === T.HANZI && !(run > 1 && inNumber(f, i, run))
    let next = 1
    if (run === 2) while (i + run + next < f.n && f.chars[i + run] === f.chars[i + run + next]) next++
    const paired =
      run === 2 &&
      i + run < f.n &&
      (before === 2 || (next === 2 && T.KIND[f.chars[i + run] as number] === T.HANZI))
    const keep = han && (run > 2 || paired || (run === 2 && before === 2)) ? 1 : run
    for (let k = 0; k < keep; k++) {
      f.chars[o] = char
      f.start[o] = f.start[i + k] as number
      f.end[o] = f.end[k === keep - 1 ? i + run - 1 : i + k] as number
      f.flag[o++] = (f.flag[i + k] as number) | (keep < run ? T.REPETITION : 0)
    }
    before = han ? run : 1
    i += run
  }
  f.n = o
}
