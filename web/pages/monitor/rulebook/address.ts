import type { DraftView } from '../../../../src/monitor/rulebook/contract.ts'

/** Steps of a draft, each a view of it. */
export const VIEWS = ['write', 'try', 'test', 'backtest', 'diff', 'publish'] as const
export type View = (typeof VIEWS)[number]
/** `new`: a draft in the making, by the form or the text; `from`: the rule or the file it starts from. */
export type DraftsAddress = { id?: string; view?: View; new?: 'form' | 'text'; from?: string }

export function draftsAddress(raw: Record<string, unknown>): DraftsAddress {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  const found = {
    id: text(raw.id),
    view: VIEWS.find(one => one === raw.view),
    new: (['form', 'text'] as const).find(one => one === raw.new),
    from: text(raw.from),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** Where the work on a draft stands, for whoever opens it without saying what he wants to see. */
export function viewOf(draft: DraftView): View {
  if (draft.state === 'draft') return draft.trouble ? 'write' : 'test'
  if (draft.state === 'tested') return 'backtest'
  return 'publish'
}

export const isEditable = (draft: Pick<DraftView, 'state'>): boolean =>
  draft.state === 'draft' || draft.state === 'tested' || draft.state === 'backtested'
