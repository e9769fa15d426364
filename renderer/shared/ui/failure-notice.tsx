import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { KeptFailure } from '../../../app/contract/error-map'
import { CopyDetails } from './copy-details'
import styles from './failure-notice.module.css'

interface FailureNoticeProps {
  readonly failure: KeptFailure
  /** The button that does what the remedy says. */
  readonly action?: ReactNode
}

/** What happened, what to do, and a button that does it; the facts can be copied. */
export function FailureNotice({ failure, action }: FailureNoticeProps) {
  return (
    <div className={styles.notice} role="alert">
      <TriangleAlert size={20} className={styles.icon} aria-hidden />
      <div className={styles.words}>
        <strong>{failure.title}</strong>
        <p>{failure.body}</p>
        <p className={styles.remedy}>{failure.remedy}</p>
        <div className={styles.actions}>
          {action}
          <CopyDetails text={JSON.stringify(failure, null, 2)} className={styles.copy} />
        </div>
      </div>
    </div>
  )
}
