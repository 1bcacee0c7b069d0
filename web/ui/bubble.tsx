import type { ReactNode } from 'react'
import type { Party } from '../../src/people/contract.ts'
import { Avatar } from './avatar.tsx'

type Props = {
  side: 'me' | 'them'
  from: Party
  /** show the sender's name, as groups need it */
  named: boolean
  recalled: boolean
  sought: boolean
  card: boolean
  head: ReactNode
  meta: ReactNode
  below: ReactNode
  children: ReactNode
}

/** As in WeCom: staff on the right, customers on the left, recalled ones dashed with the original kept. */
export function Bubble(props: Props) {
  const classes = [
    'bubble',
    props.card ? 'card' : '',
    props.recalled ? 'recalled' : '',
    props.sought ? 'sought' : '',
  ]
  return (
    <article className={`said ${props.side}`}>
      <Avatar of={props.from} />
      <div className="said-body">
        {props.named ? (
          <div className="said-name">
            {props.from.name}
            {props.from.department ? ` · ${props.from.department}` : ''}
          </div>
        ) : null}
        <div className="said-line">
          <div className={classes.filter(name => name !== '').join(' ')}>
            {props.head ? <div className="bubble-head">{props.head}</div> : null}
            {props.children}
          </div>
          <div className="said-meta">{props.meta}</div>
        </div>
        {props.below}
      </div>
    </article>
  )
}
