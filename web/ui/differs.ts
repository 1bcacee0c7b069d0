import { figure, maybe, t } from '../i18n/index.ts'

type Finding = { log: 'archive' | 'trail'; index: number | null; what: string; file: string | null }

/** Where something differs: the ledger index, or the file. */
export function placeOf({ log, index, file }: Finding): string {
  const at = index === null ? '' : ` #${figure(index)}`
  return `${t(`integrity.log.${log}`)}${at}${file ? ` ${file}` : ''}`
}

/** What differs, in the reader's language; what has no translation is told as it came. */
export function differsWords(what: string): string {
  return maybe(`differs.${what}`) ?? what
}

/** A note of the server, `archive #3 what`, in the reader's language. */
export function noteWords(note: string): string {
  const [, log, place, what] = /^(archive|trail) #(\S+) (.*)$/.exec(note) ?? []
  if (!log || !place || !what) return note
  const at = place === '—' ? '' : ` #${figure(Number(place))}`
  return `${t(log === 'trail' ? 'integrity.log.trail' : 'integrity.log.archive')}${at} ${differsWords(what)}`
}
