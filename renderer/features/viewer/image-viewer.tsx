import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { LibraryItem } from '../../../app/contract/library'
import { IconButton } from '../../shared/ui/button'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './image-viewer.module.css'
import { ZoomablePicture } from './zoomable-picture'

/** A picture file, page by page. */
export function ImageViewer({ item }: { readonly item: LibraryItem }) {
  const page = useApp((state) => state.page)
  const showPage = useApp((state) => state.showPage)
  const mediaUrls = useMediaUrls()
  return (
    <div className={styles.viewer}>
      <ZoomablePicture key={page} src={mediaUrls.page(item.id, page)} alt={item.name} />
      {item.pages > 1 && (
        <nav className={styles.pages} aria-label="Pages">
          <IconButton
            label="Previous page"
            icon={<ChevronLeft size={16} aria-hidden />}
            disabled={page === 0}
            onClick={() => {
              showPage(page - 1)
            }}
          />
          <span>
            Page {page + 1} of {item.pages}
          </span>
          <IconButton
            label="Next page"
            icon={<ChevronRight size={16} aria-hidden />}
            disabled={page === item.pages - 1}
            onClick={() => {
              showPage(page + 1)
            }}
          />
        </nav>
      )}
    </div>
  )
}
