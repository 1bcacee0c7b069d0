/** Which conversation is chosen, whether it is open, and whether all are shown or those to be looked at. */
export type WallAddress = { conv?: string; open?: 'true'; all?: 'true' }

export function wallAddress(raw: Record<string, unknown>): WallAddress {
  return {
    conv: typeof raw.conv === 'string' && /^\d{1,19}$/.test(raw.conv) ? raw.conv : undefined,
    open: raw.open === 'true' ? 'true' : undefined,
    all: raw.all === 'true' ? 'true' : undefined,
  }
}
