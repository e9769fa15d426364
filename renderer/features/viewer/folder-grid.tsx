import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { FolderEntry, LibraryItem } from '../../../app/contract/library'
import { useElementSize } from '../../shared/use-element-size'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './folder-viewer.module.css'
import { gridTarget } from './grid-keys'
import { SettledPicture } from './settled-picture'
import { useFolderEntries } from './use-folder-entries'

const CELL_WIDTH = 168
const CELL_HEIGHT = 144
const THUMBNAIL_WIDTH = 320

interface FolderGridProps {
  readonly item: LibraryItem
  /** The entry to begin at, with the keyboard on it: the one that the person comes back from. */
  readonly start: number | null
}

/** Pictures of a folder, of which only the rows in sight exist. Arrows move, Enter opens. */
export function FolderGrid({ item, start }: FolderGridProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const { width, height } = useElementSize(scroller)
  const columns = Math.max(1, Math.floor(width / CELL_WIDTH))
  const rows = useVirtualizer({
    count: Math.ceil(item.entries / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => CELL_HEIGHT,
    overscan: 3,
  })
  const shown = rows.getVirtualItems()
  const first = (shown[0]?.index ?? 0) * columns
  const last = Math.min(item.entries, ((shown.at(-1)?.index ?? 0) + 1) * columns)
  const entries = useFolderEntries(item.id, first, last)
  const [current, setCurrent] = useState(start ?? 0)
  const hasMoved = useRef(start !== null)
  // Exactly one cell can be reached with Tab: the current one, or the first in sight when that is scrolled away.
  const tabbable = current >= first && current < last ? current : first

  const isMeasured = width > 0
  useEffect(() => {
    if (isMeasured && start !== null) rows.scrollToIndex(Math.floor(start / columns), { align: 'center' })
    // Only once, when it is known how many columns there are.
  }, [isMeasured])

  useEffect(() => {
    if (!hasMoved.current) return
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)
    if (cell === null || cell === undefined) return
    hasMoved.current = false
    cell.focus({ preventScroll: true })
  }, [current, first, last, entries])

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / CELL_HEIGHT)) * columns
    const target = gridTarget(event.key, tabbable, { columns, page, count: item.entries })
    if (target === null) return
    event.preventDefault()
    hasMoved.current = true
    setCurrent(target)
    rows.scrollToIndex(Math.floor(target / columns))
  }

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      data-uses-arrows
      data-uses-page-keys
      onKeyDown={onKeyDown}
    >
      <ul className={styles.grid} style={{ blockSize: rows.getTotalSize() }} aria-label={item.name}>
        {shown.flatMap((row) =>
          Array.from({ length: columns }, (_, column) => {
            const entry = entries.get(row.index * columns + column)
            return entry === undefined ? null : (
              <GridCell
                key={entry.index}
                item={item}
                entry={entry}
                isTabbable={entry.index === tabbable}
                top={row.start}
                column={column}
                columns={columns}
              />
            )
          }),
        )}
      </ul>
    </div>
  )
}

interface GridCellProps {
  readonly item: LibraryItem
  readonly entry: FolderEntry
  readonly isTabbable: boolean
  /** Pixels from the first row. */
  readonly top: number
  readonly column: number
  readonly columns: number
}

/** Drawn once: scrolling only brings and takes cells. */
const GridCell = memo(function GridCell({ item, entry, isTabbable, top, column, columns }: GridCellProps) {
  const openFolderEntry = useApp((state) => state.openFolderEntry)
  const mediaUrls = useMediaUrls()
  return (
    <li
      className={styles.cell}
      style={{
        insetBlockStart: top,
        insetInlineStart: `${(100 * column) / columns}%`,
        inlineSize: `${100 / columns}%`,
      }}
      aria-setsize={item.entries}
      aria-posinset={entry.index + 1}
    >
      <button
        type="button"
        className={styles.open}
        title={entry.name}
        tabIndex={isTabbable ? 0 : -1}
        data-index={entry.index}
        onClick={() => {
          openFolderEntry(entry.index)
        }}
      >
        <span className={styles.thumbnail}>
          <SettledPicture src={mediaUrls.thumbnail(item.id, THUMBNAIL_WIDTH, entry.index)} />
        </span>
        <span className={styles.name}>{entry.name}</span>
      </button>
    </li>
  )
})
