import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowLeft, ChevronLeft, ChevronRight } from 'lucide-react'
import { useRef } from 'react'
import type { FolderEntry, LibraryItem } from '../../../app/contract/library'
import { Button, IconButton } from '../../shared/ui/button'
import { useElementSize } from '../../shared/use-element-size'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './folder-viewer.module.css'
import { useFolderEntries } from './use-folder-entries'
import { ZoomablePicture } from './zoomable-picture'

const CELL_WIDTH = 168
const CELL_HEIGHT = 144
const THUMBNAIL_WIDTH = 320

/** A folder: a grid of which only the rows in sight exist, and one entry large when it is chosen. */
export function FolderViewer({ item }: { readonly item: LibraryItem }) {
  const openEntry = useApp((state) => state.openEntry)
  return openEntry === null ? <FolderGrid item={item} /> : <FolderEntryViewer item={item} index={openEntry} />
}

function FolderGrid({ item }: { readonly item: LibraryItem }) {
  const scroller = useRef<HTMLDivElement>(null)
  const { width } = useElementSize(scroller)
  const columns = Math.max(1, Math.floor(width / CELL_WIDTH))
  const rows = useVirtualizer({
    count: Math.ceil(item.entries / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => CELL_HEIGHT,
    overscan: 2,
  })
  const shown = rows.getVirtualItems()
  const first = (shown[0]?.index ?? 0) * columns
  const last = Math.min(item.entries, ((shown.at(-1)?.index ?? 0) + 1) * columns)
  const entries = useFolderEntries(item.id, first, last)
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      tabIndex={0}
      role="group"
      aria-label={`Pictures in ${item.name}`}
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
                style={{
                  insetBlockStart: row.start,
                  insetInlineStart: `${(100 * column) / columns}%`,
                  inlineSize: `${100 / columns}%`,
                }}
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
  readonly style: React.CSSProperties
}

function GridCell({ item, entry, style }: GridCellProps) {
  const openFolderEntry = useApp((state) => state.openFolderEntry)
  const mediaUrls = useMediaUrls()
  return (
    <li className={styles.cell} style={style}>
      <button
        type="button"
        className={styles.open}
        title={entry.name}
        onClick={() => {
          openFolderEntry(entry.index)
        }}
      >
        <img src={mediaUrls.thumbnail(item.id, THUMBNAIL_WIDTH, entry.index)} alt="" loading="lazy" />
        <span className={styles.name}>{entry.name}</span>
      </button>
    </li>
  )
}

function FolderEntryViewer({ item, index }: { readonly item: LibraryItem; readonly index: number }) {
  const openFolderEntry = useApp((state) => state.openFolderEntry)
  const mediaUrls = useMediaUrls()
  const entry = useFolderEntries(item.id, index, index + 1).get(index)
  const source = mediaUrls.entrySource(item.id, index)
  return (
    <div className={styles.large}>
      <header className={styles.header}>
        <Button
          look="quiet"
          icon={<ArrowLeft size={16} aria-hidden />}
          onClick={() => {
            openFolderEntry(null)
          }}
        >
          All {item.entries.toLocaleString('en')}
        </Button>
        <span className={styles.name}>{entry?.name}</span>
        <IconButton
          label="Previous picture"
          icon={<ChevronLeft size={16} aria-hidden />}
          disabled={index === 0}
          onClick={() => {
            openFolderEntry(index - 1)
          }}
        />
        <IconButton
          label="Next picture"
          icon={<ChevronRight size={16} aria-hidden />}
          disabled={index === item.entries - 1}
          onClick={() => {
            openFolderEntry(index + 1)
          }}
        />
      </header>
      {entry?.kind === 'video' ? (
        <video key={index} src={source} controls aria-label={entry.name} className={styles.video} />
      ) : (
        <ZoomablePicture key={index} src={source} alt={entry?.name ?? ''} />
      )}
    </div>
  )
}
