import { Plus, X } from 'lucide-react'
import { memo } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { formatTimecode } from '../../../app/domain/time/timecode'
import { IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { itemIcons, ItemThumbnail } from './item-thumbnail'
import styles from './library-entry.module.css'

/** What is worth knowing of an item at a glance: length, size or number of pictures. */
function factsOf({ kind, durationSeconds, width, height, pages, entries }: LibraryItem): string {
  switch (kind) {
    case 'video':
      return durationSeconds < 10 ? `${durationSeconds.toFixed(1)} s` : formatTimecode(durationSeconds)
    case 'folder':
      return `${entries.toLocaleString('en')} ${entries === 1 ? 'file' : 'files'}`
    case 'image':
      return pages > 1 ? `${pages} pages` : `${width} × ${height}`
  }
}

interface LibraryEntryProps {
  readonly item: LibraryItem
  /** Pixels from the top of the list. */
  readonly top: number
  /** From 1. */
  readonly place: number
  readonly count: number
}

export const LibraryEntry = memo(function LibraryEntry({ item, top, place, count }: LibraryEntryProps) {
  const isCurrent = useApp((state) => state.openItemId === item.id)
  const openItem = useApp((state) => state.openItem)
  const removeItem = useApp((state) => state.removeItem)
  const addChip = useApp((state) => state.addChip)
  const Icon = itemIcons[item.kind]
  return (
    <li
      className={styles.entry}
      style={{ insetBlockStart: top }}
      data-current={isCurrent}
      aria-setsize={count}
      aria-posinset={place}
    >
      <button
        type="button"
        className={styles.open}
        aria-current={isCurrent}
        title={item.path}
        onClick={() => {
          openItem(item.id)
        }}
      >
        <ItemThumbnail key={item.path} item={item} />
        <span className={styles.words}>
          <span className={styles.name}>{item.name}</span>
          <span className={styles.facts}>
            <Icon size={14} aria-hidden />
            {item.problem === null ? factsOf(item) : item.problem.title}
          </span>
        </span>
      </button>
      <span className={styles.actions}>
        {item.problem === null && (
          <IconButton
            label={`Ask about ${item.name} too`}
            icon={<Plus size={16} aria-hidden />}
            onClick={() => {
              addChip({ itemId: item.id, range: null, tiles: false })
            }}
          />
        )}
        <IconButton
          label={`Remove ${item.name} from the library`}
          icon={<X size={16} aria-hidden />}
          onClick={() => void removeItem(item.id)}
        />
      </span>
    </li>
  )
})
