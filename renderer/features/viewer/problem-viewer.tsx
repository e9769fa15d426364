import type { KeptFailure } from '../../../app/contract/error-map'
import type { LibraryItem } from '../../../app/contract/library'
import { Button } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import styles from './problem-viewer.module.css'

/** An item whose file is missing or cannot be read: the reason stands where the picture would. */
export function ProblemViewer({
  item,
  failure,
}: {
  readonly item: LibraryItem
  readonly failure: KeptFailure
}) {
  const removeItem = useApp((state) => state.removeItem)
  const loadLibrary = useApp((state) => state.loadLibrary)
  return (
    <div className={styles.problem}>
      <FailureNotice
        failure={failure}
        action={
          <>
            <RemedyButton failure={failure} retry={loadLibrary} retryLabel="Look again" />
            <Button onClick={() => void removeItem(item.id)}>Remove from the library</Button>
          </>
        }
      />
    </div>
  )
}
