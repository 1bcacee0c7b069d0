import { figure } from '../../../i18n/index.ts'

/** Zero-based bars, each with its name and its number. */
export function Bars({ name, rows }: { name: string; rows: { name: string; n: number }[] }) {
  const most = Math.max(1, ...rows.map(row => row.n))
  if (rows.length === 0) return null
  return (
    <section>
      <h2>{name}</h2>
      <ul className="rb-bars">
        {rows.map(row => (
          <li key={row.name}>
            <span className="small cut">{row.name}</span>
            <span className="rb-bar" style={{ '--share': row.n / most } as React.CSSProperties} />
            <span className="small num">{figure(row.n)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
