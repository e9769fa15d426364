import { ArrowLeft, ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp, useMediaUrls } from '../../store/app-context'
import { FolderGrid } from './folder-grid'
import styles from './folder-viewer.module.css'
import { useFolderEntries } from './use-folder-entries'
import { ZoomablePicture } from './zoomable-picture'

/** Pictures of formats that browsers do not show are asked for as a copy of this width. */
const COPY_WIDTH = 3840
const SHOWN_BY_BROWSERS = /\.(jpe?g|png|webp|avif|bmp)$/i

/** A folder: a grid of which only the rows in sight exist, and one entry large when it is chosen. */
export function FolderViewer({ item }: { readonly item: LibraryItem }) {
  const openEntry = useApp((state) => state.openEntry)
  const [lastOpened, setLastOpened] = useState(openEntry)
  if (openEntry !== null && openEntry !== lastOpened) setLastOpened(openEntry)
  return openEntry === null ? (
    <FolderGrid item={item} start={lastOpened} />
  ) : (
    <FolderEntryViewer item={item} index={openEntry} />
  )
}

function FolderEntryViewer({ item, index }: { readonly item: LibraryItem; readonly index: number }) {
  const openFolderEntry = useApp((state) => state.openFolderEntry)
  const mediaUrls = useMediaUrls()
  const entry = useFolderEntries(item.id, index, index + 1).get(index)
  const source =
    entry?.kind === 'video' || SHOWN_BY_BROWSERS.test(entry?.name ?? '')
      ? mediaUrls.entrySource(item.id, index)
      : mediaUrls.page(item.id, 0, COPY_WIDTH, index)
  return (
    <div className={styles.large}>
      <header className={styles.header}>
        <Button
          look="quiet"
          icon={<ArrowLeft size={16} aria-hidden />}
          title="Back to the whole folder (Esc)"
          onClick={() => {
            openFolderEntry(null)
          }}
        >
          All {item.entries.toLocaleString('en')}
        </Button>
        <span className={styles.name}>{entry?.name}</span>
        <IconButton
          label="Previous picture"
          shortcut="PageUp"
          icon={<ChevronLeft size={16} aria-hidden />}
          disabled={index === 0}
          onClick={() => {
            openFolderEntry(index - 1)
          }}
        />
        <IconButton
          label="Next picture"
          shortcut="PageDown"
          icon={<ChevronRight size={16} aria-hidden />}
          disabled={index === item.entries - 1}
          onClick={() => {
            openFolderEntry(index + 1)
          }}
        />
      </header>
      {entry === undefined ? (
        <div />
      ) : entry.kind === 'video' ? (
        <video key={index} src={source} controls aria-label={entry.name} className={styles.video} />
      ) : (
        <ZoomablePicture src={source} alt={entry.name} />
      )}
    </div>
  )
}
