import { Film } from 'lucide-react'
import { useApp } from '../../store/app-context'
import { AddMenu, SampleOffers } from '../library'
import styles from './empty-viewer.module.css'

/** Nothing open: says where to drop, and offers the bundled samples. */
export function EmptyViewer() {
  const isLibraryEmpty = useApp((state) => state.isLibraryLoaded && state.items.length === 0)
  return (
    <div className={styles.empty}>
      <div className={styles.content}>
        <div className={styles.frame}>
          <Film size={28} aria-hidden className={styles.icon} />
          <h2 className={styles.title}>{isLibraryEmpty ? 'Drop footage here' : 'Nothing open'}</h2>
          <p className={styles.words}>
            {isLibraryEmpty
              ? 'Videos, pictures, or a whole folder. Everything stays on this machine.'
              : 'Choose something in the library, or drop more here.'}
          </p>
          <div className={styles.actions}>
            <AddMenu />
          </div>
        </div>
        {isLibraryEmpty && <SampleOffers heading="Or try one of these" />}
      </div>
    </div>
  )
}
