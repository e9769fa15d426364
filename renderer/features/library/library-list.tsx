import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { useApp } from '../../store/app-context'
import { LibraryEntry } from './library-entry'
import styles from './library-list.module.css'

const ENTRY_HEIGHT = 56
const PADDING = 8

/** The entries, of which only those in sight exist: there may be thousands. */
export function LibraryList({ items }: { readonly items: readonly LibraryItem[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ENTRY_HEIGHT,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 6,
    paddingStart: PADDING,
    paddingEnd: PADDING,
  })
  const openItemId = useApp((state) => state.openItemId)
  useEffect(() => {
    const index = items.findIndex(({ id }) => id === openItemId)
    if (index !== -1) rows.scrollToIndex(index)
    // What is opened comes into sight; a list that only grows stays where it is.
  }, [openItemId])
  return (
    <div ref={scroller} className={styles.scroller} data-empty={items.length === 0}>
      <ul
        className={styles.list}
        style={{ blockSize: items.length === 0 ? 0 : rows.getTotalSize() }}
        aria-label="Library"
      >
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index]
          return item === undefined ? null : (
            <LibraryEntry key={key} item={item} top={start} place={index + 1} count={items.length} />
          )
        })}
      </ul>
    </div>
  )
}
