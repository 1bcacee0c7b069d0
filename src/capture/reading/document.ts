import { extractImages, getDocumentProxy } from 'unpdf'
import { kindOf } from './kind.ts'
import { readOffice } from './office.ts'
import { type Raw, readPicture } from './picture.ts'
import { type ReadAnswer, type ReadText, Refused } from './protocol.ts'

/** A prospectus has 200 pages; a scan of it is read as far as the time allows. */
const MOST_PAGES = 300
const MOST_PICTURES = 20
/** Two novels. What stands beyond it is left, and the file says so. */
const MOST_CHARACTERS = 500_000

type Result = Omit<ReadAnswer, 'id'>

/** What a file says, whatever it is. Everything it may throw is caught here and becomes a reason. */
export async function readFile(bytes: Buffer, name: string): Promise<Result> {
  const texts: ReadText[] = []
  try {
    await readInto(texts, bytes, name)
    return bounded(texts)
  } catch (error) {
    const reason = error instanceof Refused ? error.reason : isLocked(error) ? 'encrypted' : 'broken'
    return { ...bounded(texts), reason }
  }
}

async function readInto(texts: ReadText[], bytes: Buffer, name: string): Promise<void> {
  switch (kindOf(bytes, name)) {
    case 'picture':
    case 'gif':
      texts.push(...(await readPicture(bytes, '')))
      return
    case 'zip': {
      const office = readOffice(bytes)
      texts.push(...office.texts)
      await readPictures(texts, office.pictures, '')
      return
    }
    case 'pdf':
      return readPdf(texts, bytes)
    case 'text':
      texts.push({ source: 'document', place: '', text: decode(bytes) })
      return
    default:
      throw new Refused('unsupported')
  }
}

function isLocked(error: unknown): boolean {
  return (error as Partial<Error> | null)?.name === 'PasswordException'
}

/** One picture that cannot be read does not keep the others, or the text beside it, from being read. */
async function readPictures(texts: ReadText[], pictures: (Buffer | Raw)[], prefix: string): Promise<void> {
  for (const [index, picture] of pictures.slice(0, MOST_PICTURES).entries()) {
    const read = await readPicture(picture, `${prefix}p${index + 1}`).catch(() => [])
    texts.push(...read)
  }
  if (pictures.length > MOST_PICTURES) throw new Refused('truncated')
}

async function readPdf(texts: ReadText[], bytes: Buffer): Promise<void> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 })
  const scanned: number[] = []
  for (let number = 1; number <= Math.min(pdf.numPages, MOST_PAGES); number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent()
    const text = items
      .map(item => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : ''))
      .join('')
      .trim()
    const place = number === 1 ? '' : String(number)
    if (text === '') scanned.push(number)
    else texts.push({ source: 'document', place, text })
  }
  for (const number of scanned.slice(0, MOST_PICTURES)) {
    const images = (await extractImages(pdf, number)).slice(0, 3)
    await readPictures(
      texts,
      images.map(({ data, width, height, channels }) => ({
        data: new Uint8Array(data),
        width,
        height,
        channels,
      })),
      `${number}.`,
    )
  }
  if (pdf.numPages > MOST_PAGES || scanned.length > MOST_PICTURES) throw new Refused('truncated')
}

/** Windows writes GB18030 where nobody asked; a text that is not UTF-8 is read so. */
function decode(bytes: Buffer): string {
  if (bytes.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/** PostgreSQL takes any bytes, sealed; what is cut is half a surrogate pair at most. */
function bounded(texts: ReadText[]): Result {
  let left = MOST_CHARACTERS
  const kept: ReadText[] = []
  let cut = false
  for (const one of texts) {
    const text = one.text.slice(0, left).toWellFormed()
    cut ||= one.text.length > left
    left -= text.length
    if (text.trim() !== '') kept.push({ ...one, text })
  }
  return { texts: kept, reason: cut ? 'truncated' : null }
}
