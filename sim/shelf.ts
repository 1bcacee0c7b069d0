/** Things with an id that the application makes, reads, changes and takes away, and no more. */
export type Shelf<T> = {
  add(value: T): string
  get(id: string): T | undefined
  set(id: string, value: T): boolean
  remove(id: string): boolean
  entries(): [string, T][]
}

export function createShelf<T>(newId: () => string): Shelf<T> {
  const held = new Map<string, T>()
  return {
    add: value => {
      const id = newId()
      held.set(id, value)
      return id
    },
    get: id => held.get(id),
    set: (id, value) => held.has(id) && Boolean(held.set(id, value)),
    remove: id => held.delete(id),
    entries: () => [...held.entries()],
  }
}
