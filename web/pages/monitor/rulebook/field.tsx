import type { ReactNode } from 'react'

export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="rb-field">
      <span className="quiet rb-label">{label}</span>
      <div>
        {children}
        {hint ? <p className="small quiet">{hint}</p> : null}
      </div>
    </div>
  )
}
