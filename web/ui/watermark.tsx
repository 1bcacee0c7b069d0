import { useMemo } from 'react'
import { useNow } from './time.tsx'
import { stampTime } from './time-words.ts'

const escapeXml = (text: string): string => text.replace(/[<>&'"]/g, found => `&#${found.charCodeAt(0)};`)

/** Name and time at 6 % ink over pages that show content. A mask keeps it in the ink of the colour scheme. */
export function Watermark({ name }: { name: string }) {
  const stamp = stampTime(useNow())
  const image = useMemo(() => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="260" height="170"><text x="20" y="120" transform="rotate(-22 130 85)" font-size="15" font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif">${escapeXml(name)} ${stamp}</text></svg>`
    return `url("data:image/svg+xml;utf8,${encodeURIComponent(svg)}")`
  }, [name, stamp])
  return <div className="watermark" aria-hidden="true" style={{ maskImage: image, WebkitMaskImage: image }} />
}
