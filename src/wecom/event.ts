/**
 * One decrypted event of WeCom (wecom-api.md §2.3). `type` is Event, with its ChangeType behind a dot where it has one:
 * `change_external_contact.add_external_contact`, `msgaudit_notify`. `fields` holds every other element as text, lists
 * (`MemChangeList>Item`, `SelectedItems`) as JSON, so that what the platform adds without notice is kept.
 */
export type WecomEvent = {
  type: string
  /** `sys`, or the userid who clicked. */
  from: string
  /** CreateTime in milliseconds. */
  at: number
  fields: Record<string, string>
}
