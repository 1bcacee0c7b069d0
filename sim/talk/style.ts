import type { CustomerStyle, StaffStyle } from '../people.ts'
import type { Rng } from '../rng.ts'

/** The same sentence as different people type it. Planted lines are left alone: their words are what is counted. */
export function staffVoice(text: string, style: StaffStyle, rng: Rng): string {
  if (style === 'warm') {
    if (rng.chance(0.22)) return `${trimEnd(text)}${rng.pick(['哈', '～', '哦～', '[微笑]', '🌹', '😊'])}`
    return rng.chance(0.2) ? trimEnd(text) : text
  }
  if (style === 'brisk') return rng.chance(0.6) ? trimEnd(text).replace(/^您好，/, '') : text
  if (style === 'formal') return /[。？！～]$/.test(text) || text.length < 5 ? text : `${text}。`
  return rng.chance(0.4) ? trimEnd(text) : text
}

export function customerVoice(text: string, style: CustomerStyle, rng: Rng): string {
  switch (style) {
    case 'terse':
      return trimEnd(text).replace(/^(你好|您好|请问)[，,]?/, '')
    case 'elder':
      if (rng.chance(0.15)) return `${trimEnd(text)}。。。`
      return rng.chance(0.12) ? `${trimEnd(text)}[抱拳]` : text.replace(/，/g, rng.chance(0.3) ? ' ' : '，')
    case 'business':
      return rng.chance(0.5) ? trimEnd(text) : text
    case 'chatty':
      return rng.chance(0.3)
        ? `${trimEnd(text)}${rng.pick(['哈哈', '呢', '呀', '😂', '[捂脸]', '～'])}`
        : trimEnd(text)
    default:
      return rng.chance(0.5) ? trimEnd(text) : text
  }
}

function trimEnd(text: string): string {
  return text.replace(/[。，~～]+$/, '')
}
