import { Film } from 'lucide-react'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { AddMenu } from '../library'
import styles from './empty-viewer.module.css'

/** Nothing open: says where to drop, and offers the bundled sample. */
export function EmptyViewer() {
  const isLibraryEmpty = useApp((state) => state.isLibraryLoaded && state.items.length === 0)
  const addSample = useApp((state) => state.addSample)
  return (
    <div className={styles.empty}>
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
          {isLibraryEmpty && (
            <Button look="primary" onClick={() => void addSample()}>
              Open the sample film
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}
