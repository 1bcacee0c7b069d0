import startCodec from 'benz-amr-recorder/src/amrnb.js'
import type { Rng } from './rng.ts'

/** AMR-NB has 8,000 samples a second in frames of 20 ms (3GPP TS 26.071). */
const RATE = 8000
const FRAME = RATE / 50

type Answer = { amr: Uint8Array | null }
type Codec = {
  onmessage(event: { data: { command: 'encode'; samples: Float32Array; sampleRate: number } }): void
  postMessage(answer: Answer): void
}
let answer: Uint8Array | null = null
let codec: Codec | null = null
const place = globalThis as { self?: unknown }

/** The codec expects a browser's worker and speaks to `self`, which is there only while it is asked. */
function encode(samples: Float32Array): Buffer {
  const before = place.self
  const own = codec ?? {
    onmessage: () => undefined,
    postMessage: (told: Answer) => {
      answer = told.amr
    },
  }
  place.self = own
  try {
    if (codec === null) startCodec()
    codec = own
    own.onmessage({ data: { command: 'encode', samples, sampleRate: RATE } })
  } finally {
    place.self = before
  }
  if (answer === null) throw new Error('the codec made no voice')
  return Buffer.from(answer)
}

/** First and second formant of vowels, in Hz. */
const VOWELS: readonly [number, number][] = [
  [730, 1090],
  [530, 1840],
  [270, 2290],
  [570, 840],
  [300, 870],
]

/** Somebody humming syllables: vowels at a speaking pitch with pauses between, as long as told. Real AMR-NB. */
export function speech(rng: Rng, seconds: number): Buffer {
  // The encoder keeps one frame back.
  const samples = new Float32Array((Math.max(1, seconds) * 50 + 1) * FRAME)
  const base = rng.int(110, 210)
  for (let from = 0; from < samples.length; ) {
    const length = rng.int(900, 2200)
    if (rng.chance(0.82)) syllable(samples, from, length, base * (0.88 + rng.next() * 0.28), rng.pick(VOWELS))
    from += length + rng.int(80, 500)
  }
  return encode(samples)
}

function syllable(
  samples: Float32Array,
  from: number,
  length: number,
  pitch: number,
  [first, second]: readonly [number, number],
): void {
  const end = Math.min(samples.length, from + length)
  for (let at = from; at < end; at++) {
    const t = (at - from) / RATE
    const swell = Math.sin((Math.PI * (at - from)) / length) ** 0.6
    let sum = 0
    for (let n = 1; n * pitch < 3400; n++) {
      const hertz = n * pitch
      const near = 1 / (1 + ((hertz - first) / 130) ** 2) + 0.6 / (1 + ((hertz - second) / 180) ** 2)
      sum += ((near + 0.03) / Math.sqrt(n)) * Math.sin(2 * Math.PI * hertz * t)
    }
    samples[at] = 0.22 * swell * sum
  }
}
