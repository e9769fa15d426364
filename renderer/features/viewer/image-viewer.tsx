import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { LibraryItem } from '../../../app/contract/library'
import { IconButton } from '../../shared/ui/button'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './image-viewer.module.css'
import { ZoomablePicture } from './zoomable-picture'

/** Formats that every browser shows by itself, upright. */
const SHOWN_BY_BROWSERS = /\.(jpe?g|png|webp|avif|bmp)$/i
/** More pixels than this are shown in a smaller copy: decoded, they would take gigabytes. */
const MOST_PIXELS = 40e6
const COPY_WIDTH = 3840

/** A picture file, page by page. */
export function ImageViewer({ item }: { readonly item: LibraryItem }) {
  const page = useApp((state) => state.page)
  const showPage = useApp((state) => state.showPage)
  const mediaUrls = useMediaUrls()
  const { width, height } = item
  const isShownAsItIs = item.pages === 1 && width * height <= MOST_PIXELS && SHOWN_BY_BROWSERS.test(item.name)
  return (
    <div className={styles.viewer}>
      <ZoomablePicture
        src={isShownAsItIs ? mediaUrls.source(item.id) : mediaUrls.page(item.id, page, COPY_WIDTH)}
        alt={item.name}
        {...(page === 0 ? { size: { width, height } } : {})}
      />
      {item.pages > 1 && (
        <nav className={styles.pages} aria-label="Pages">
          <IconButton
            label="Previous page"
            shortcut="PageUp"
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
            shortcut="PageDown"
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
