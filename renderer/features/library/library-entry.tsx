import { Film, Folder, Image as ImageIcon, TriangleAlert, X } from 'lucide-react'
import { memo } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { formatTimecode } from '../../../app/domain/time/timecode'
import { IconButton } from '../../shared/ui/button'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './library-entry.module.css'

const THUMBNAIL_WIDTH = 160
const icons = { video: Film, image: ImageIcon, folder: Folder }

/** What is worth knowing of an item at a glance: length, size or number of pictures. */
function factsOf({ kind, durationSeconds, width, height, pages, entries }: LibraryItem): string {
  switch (kind) {
    case 'video':
      return formatTimecode(durationSeconds)
    case 'folder':
      return `${entries.toLocaleString('en')} ${entries === 1 ? 'file' : 'files'}`
    case 'image':
      return pages > 1 ? `${pages} pages` : `${width} × ${height}`
  }
}

export const LibraryEntry = memo(function LibraryEntry({ item }: { readonly item: LibraryItem }) {
  const isCurrent = useApp((state) => state.openItemId === item.id)
  const openItem = useApp((state) => state.openItem)
  const removeItem = useApp((state) => state.removeItem)
  const mediaUrls = useMediaUrls()
  const Icon = icons[item.kind]
  return (
    <li className={styles.entry} data-current={isCurrent}>
      <button
        type="button"
        className={styles.open}
        aria-current={isCurrent}
        title={item.path}
        onClick={() => {
          openItem(item.id)
        }}
      >
        <span className={styles.picture}>
          {item.problem === null ? (
            <img src={mediaUrls.thumbnail(item.id, THUMBNAIL_WIDTH)} alt="" loading="lazy" />
          ) : (
            <TriangleAlert size={20} aria-hidden className={styles.problem} />
          )}
        </span>
        <span className={styles.words}>
          <span className={styles.name}>{item.name}</span>
          <span className={styles.facts}>
            <Icon size={14} aria-hidden />
            {item.problem === null ? factsOf(item) : item.problem.title}
          </span>
        </span>
      </button>
      <IconButton
        className={styles.remove}
        label={`Remove ${item.name} from the library`}
        icon={<X size={16} aria-hidden />}
        onClick={() => void removeItem(item.id)}
      />
    </li>
  )
})
