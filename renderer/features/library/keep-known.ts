import type { LibraryItem } from '../../../app/contract/library'

/** Items other than these. */
export function without(
  items: readonly LibraryItem[],
  these: readonly LibraryItem[],
): readonly LibraryItem[] {
  const ids = new Set(these.map(({ id }) => id))
  return items.filter(({ id }) => !ids.has(id))
}

/** A new list in which everything that did not change is the object it was: what shows it is not drawn again. */
export function keepKnown(
  before: readonly LibraryItem[],
  listed: readonly LibraryItem[],
): readonly LibraryItem[] {
  const known = new Map(before.map((item) => [item.id, item]))
  return listed.map((item) => {
    const old = known.get(item.id)
    return old !== undefined && isSame(old, item) ? old : item
  })
}

function isSame(a: LibraryItem, b: LibraryItem): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
