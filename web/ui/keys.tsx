import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { t } from '../i18n/index.ts'

export type Keys = Record<string, () => void>

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}

/** Keys of a page by `event.key` in lower case; `ctrl+enter` works inside fields too, the others do not. */
export function useKeys(keys: Keys): void {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return
    const held = event.ctrlKey || event.metaKey
    if (document.querySelector('dialog[open]') || (typing(event.target) && !held)) return
    const act = keys[`${held ? 'ctrl+' : ''}${event.key.toLowerCase()}`]
    if (!act) return
    event.preventDefault()
    act()
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}

export function Kbd({ children }: { children: string }) {
  return <kbd>{children}</kbd>
}

type KeyRow = [keys: string[], does: string]

/** `?` shows the keys of the page. */
export function useKeyHelp(rows: KeyRow[]) {
  const [open, setOpen] = useState(false)
  useKeys({ '?': () => setOpen(true) })
  const all: KeyRow[] = [
    ...rows,
    [['/'], t('keys.search')],
    [['Esc'], t('keys.leave')],
    [['?'], t('keys.help')],
  ]
  return {
    show: () => setOpen(true),
    dialog: <KeyHelp open={open} close={() => setOpen(false)} rows={all} />,
  }
}

/** A native dialog brings the focus trap and Escape with it. */
function KeyHelp(props: { open: boolean; close: () => void; rows: KeyRow[] }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (props.open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [props.open])
  return (
    <dialog ref={dialog} className="key-help" aria-label={t('keys.title')} onClose={props.close}>
      <h2>{t('keys.title')}</h2>
      <dl>
        {props.rows.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map(key => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="btn">
          {t('close')}
        </button>
      </form>
    </dialog>
  )
}
