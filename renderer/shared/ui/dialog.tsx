import { X } from 'lucide-react'
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { IconButton } from './button'
import styles from './dialog.module.css'

interface DialogProps {
  readonly title: string
  /** A button in front of the title, such as one that leads back. */
  readonly before?: ReactNode
  /** For text and tables to read. */
  readonly isWide?: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A small modal window for as long as it is drawn: Esc, its button and a click beside it close it, and focus goes back to where it came from. */
export function Dialog({ title, before, isWide = false, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  // Closed before it is taken out of the page: only then does the focus go back.
  useLayoutEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    dialog.showModal()
    return () => {
      dialog.close()
    }
  }, [])
  // Another title is another page, and begins at its top.
  useLayoutEffect(() => {
    ref.current?.scrollTo({ top: 0 })
  }, [title])
  return (
    <dialog
      ref={ref}
      className={[styles.dialog, isWide && styles.wide].filter(Boolean).join(' ')}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose()
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          {before}
          <h2 id={titleId} className={styles.title}>
            {title}
          </h2>
          <IconButton label="Close" shortcut="Esc" icon={<X size={16} aria-hidden />} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  )
}
