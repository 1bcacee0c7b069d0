import { type ReactNode, useRef, useState } from 'react'
import type { Attachment, MessageKey } from '../../../src/archive/contract.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { LARGE_PICTURE, mediaUrl, playWords, sizeWords, whyWords } from './media-words.ts'

export type MediaProps = { of: MessageKey; attachment: Attachment }

/** Saving is a look of its own, and says so. */
export function Save({ of, attachment }: MediaProps) {
  if (attachment.state !== 'stored') return null
  return (
    <a
      className="save"
      href={mediaUrl(of, attachment.part, { save: 'true' })}
      download
      title={t('file.saveWhy')}
    >
      {t('file.save')}
    </a>
  )
}

function Details({ attachment, play = false }: { attachment: Attachment; play?: boolean }) {
  const words = [
    attachment.size === null ? '' : sizeWords(attachment.size),
    play && attachment.seconds !== null ? playWords(attachment.seconds) : '',
    whyWords(attachment) ?? '',
  ].filter(word => word !== '')
  return <span className="quiet small">{words.join(' · ')}</span>
}

/** A thumbnail the browser makes itself, loaded when it comes into sight; pressed, the whole. */
export function Picture({ of, attachment, children }: MediaProps & { children?: ReactNode }) {
  const [wanted, want] = useState(attachment.size === null || attachment.size <= LARGE_PICTURE)
  const [broken, breakIt] = useState(false)
  const box = useRef<HTMLDialogElement>(null)
  const url = mediaUrl(of, attachment.part)
  const shown = attachment.state === 'stored' && wanted && !broken
  return (
    <div className="picture">
      {shown ? (
        <button
          type="button"
          className="picture-thumb"
          aria-label={t('picture.open')}
          onClick={() => box.current?.showModal()}
        >
          <img src={url} alt="" loading="lazy" decoding="async" onError={() => breakIt(true)} />
        </button>
      ) : (
        <button
          type="button"
          className="picture-frame"
          disabled={attachment.state !== 'stored' || broken}
          onClick={() => want(true)}
        >
          <Icon name="image" size={22} />
          {attachment.state === 'stored' && !broken ? (
            <span className="tiny">{t('picture.load', { size: sizeWords(attachment.size ?? 0) })}</span>
          ) : null}
        </button>
      )}
      <span className="picture-words">
        <span className="line">
          <Details attachment={attachment} />
          <Save of={of} attachment={attachment} />
        </span>
        {broken ? <span className="quiet small">{t('picture.broken')}</span> : null}
        {children}
      </span>
      {shown ? (
        <dialog ref={box} className="lightbox" aria-label={t('picture.open')}>
          <form method="dialog">
            <img src={url} alt="" loading="lazy" />
            <div className="lightbox-foot">
              <Details attachment={attachment} />
              <Save of={of} attachment={attachment} />
              <button type="submit" className="btn small">
                {t('picture.close')}
              </button>
            </div>
          </form>
        </dialog>
      ) : null}
    </div>
  )
}

/** Nothing is fetched before somebody presses play; then stretch by stretch, as the player asks. */
export function Video({ of, attachment }: MediaProps) {
  const [state, setState] = useState<'still' | 'playing' | 'broken'>('still')
  return (
    <div className="video">
      {state === 'playing' ? (
        // biome-ignore lint/a11y/useMediaCaption: what was archived has no captions
        <video controls autoPlay src={mediaUrl(of, attachment.part)} onError={() => setState('broken')} />
      ) : (
        <button
          type="button"
          className="picture-frame"
          aria-label={t('video.play')}
          disabled={attachment.state !== 'stored' || state === 'broken'}
          onClick={() => setState('playing')}
        >
          <span className="play-sign" aria-hidden="true" />
          {attachment.seconds === null ? null : <span className="tiny">{playWords(attachment.seconds)}</span>}
        </button>
      )}
      <span className="line">
        <Details attachment={attachment} />
        <Save of={of} attachment={attachment} />
      </span>
      {state === 'broken' ? <span className="quiet small">{t('video.broken')}</span> : null}
    </div>
  )
}

export function FileCard({
  of,
  attachment,
  name,
  children,
}: Partial<MediaProps> & { name: string; children: ReactNode }) {
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? ''
  return (
    <div className="file">
      <span className="file-sign">{ending === '' ? <Icon name="file" size={20} /> : ending}</span>
      <span className="file-words">
        <span className="file-name">{children}</span>
        {of && attachment ? (
          <span className="line">
            <Details attachment={attachment} play />
            <Save of={of} attachment={attachment} />
          </span>
        ) : null}
      </span>
    </div>
  )
}
