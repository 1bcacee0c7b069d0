import { type SyntheticEvent, useRef, useState } from 'react'
import { t } from '../../i18n/index.ts'
import { type MediaProps, Save } from './media.tsx'
import { mediaUrl, playWords, whyWords } from './media-words.ts'

const SPEEDS = [1, 1.5, 2]
const BARS = 34

/** The state of one player; `audio` is there once somebody wanted to hear. */
function usePlayer(seconds: number | null) {
  const audio = useRef<HTMLAudioElement>(null)
  const [wanted, want] = useState(false)
  const [playing, setPlaying] = useState(false)
  const [broken, breakIt] = useState(false)
  const [at, setAt] = useState(0)
  const [whole, setWhole] = useState(seconds ?? 0)
  const [speed, setSpeed] = useState<number>(1)
  const toggle = () => {
    if (!wanted) want(true)
    else if (playing) audio.current?.pause()
    else void audio.current?.play().catch(() => breakIt(true))
  }
  const seek = (to: number) => {
    setAt(to)
    if (audio.current) audio.current.currentTime = to
  }
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1
    setSpeed(next)
    if (audio.current) audio.current.playbackRate = next
  }
  const events = {
    onLoadedMetadata: (event: SyntheticEvent<HTMLAudioElement>) => {
      setWhole(event.currentTarget.duration)
      event.currentTarget.playbackRate = speed
    },
    onPlay: () => setPlaying(true),
    onPause: () => setPlaying(false),
    onEnded: () => seek(0),
    onTimeUpdate: (event: SyntheticEvent<HTMLAudioElement>) => setAt(event.currentTarget.currentTime),
    onError: () => breakIt(true),
  }
  return { audio, wanted, playing, broken, at, whole, speed, toggle, seek, faster, events }
}
type Player = ReturnType<typeof usePlayer>

/**
 * A voice that plays: the server decodes WeCom's AMR, which no browser knows. Nothing is fetched before somebody presses
 * play, because each look is in the trail.
 */
export function Voice({ of, attachment, transcribed }: MediaProps & { transcribed: boolean }) {
  const player = usePlayer(attachment.seconds)
  const { wanted, playing, broken, at, whole, speed } = player
  const ready = attachment.state === 'stored' && !broken
  const notes = [
    broken ? t('voice.unplayable') : '',
    whyWords(attachment) ?? '',
    transcribed ? '' : t('voice.noTranscript'),
  ]
  return (
    <div className="voice">
      <span className="voice-line">
        <button
          type="button"
          className={`voice-play${playing ? ' on' : ''}`}
          disabled={!ready}
          aria-label={t(playing ? 'voice.pause' : 'voice.play')}
          onClick={player.toggle}
        >
          <i aria-hidden="true" />
        </button>
        <Track player={player} seed={of.msgid} ready={ready} />
        <span className="voice-time">{playWords(wanted && at > 0 ? whole - at : whole)}</span>
        <button
          type="button"
          className="voice-speed"
          aria-label={t('voice.speed', { n: speed })}
          disabled={!ready}
          onClick={player.faster}
        >
          {speed}×
        </button>
      </span>
      <span className="line">
        <span className="quiet small">{notes.filter(word => word !== '').join(' · ')}</span>
        <Save of={of} attachment={attachment} />
      </span>
      {wanted && ready ? (
        <audio
          ref={player.audio}
          src={mediaUrl(of, attachment.part, { as: 'wav' })}
          autoPlay
          {...player.events}
        />
      ) : null}
    </div>
  )
}

function Track({ player, seed, ready }: { player: Player; seed: string; ready: boolean }) {
  const { at, whole, wanted } = player
  return (
    <span className="voice-track">
      <span className="voice-bars" aria-hidden="true">
        {waveOf(seed, BARS).map((height, index) => (
          <i
            // biome-ignore lint/suspicious/noArrayIndexKey: bars never move
            key={index}
            className={whole > 0 && index / BARS < at / whole ? 'past' : ''}
            style={{ height }}
          />
        ))}
      </span>
      <input
        type="range"
        min={0}
        max={Math.max(whole, 0.1)}
        step={0.1}
        value={Math.min(at, whole)}
        disabled={!wanted || !ready}
        aria-label={t('voice.seek')}
        aria-valuetext={playWords(at)}
        onChange={event => player.seek(Number(event.target.value))}
      />
    </span>
  )
}

/** A shape made from the id, so that it never jumps: it tells nothing of the sound. */
function waveOf(seed: string, bars: number): number[] {
  let state = 7
  for (const char of seed) state = (state * 31 + char.charCodeAt(0)) % 9973
  return Array.from({ length: bars }, () => {
    state = (state * 137 + 11) % 9973
    return 3 + (state % 13)
  })
}
