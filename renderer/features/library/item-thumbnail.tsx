import { Film, Folder, Image as ImageIcon, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { useMediaUrls } from '../../store/app-context'
import styles from './library-entry.module.css'

const WIDTH = 160
export const itemIcons = { video: Film, image: ImageIcon, folder: Folder }

/** A small picture of an item: of a folder, its first file. An icon where none can be made. */
export function ItemThumbnail({ item }: { readonly item: LibraryItem }) {
  const mediaUrls = useMediaUrls()
  const [hasFailed, setFailed] = useState(false)
  const Icon = item.problem === null ? itemIcons[item.kind] : TriangleAlert
  return (
    <span className={styles.picture}>
      {item.problem === null && !hasFailed ? (
        <img
          src={mediaUrls.thumbnail(item.id, WIDTH, item.kind === 'folder' ? 0 : undefined)}
          alt=""
          loading="lazy"
          onError={() => {
            setFailed(true)
          }}
        />
      ) : (
        <Icon size={20} aria-hidden className={item.problem === null ? styles.icon : styles.problem} />
      )}
    </span>
  )
}
