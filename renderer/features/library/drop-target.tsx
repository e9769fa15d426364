import { Download } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import styles from './drop-target.module.css'
import { countDrag, dragWords } from './dropped-files'
import { useAddFiles } from './use-add-files'

/** The whole window takes drops and pasted pictures, and says before the drop what it will do. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const [words, setWords] = useState<string | null>(null)
  const { addChosen, addDropped } = useAddFiles()
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      setWords(dragWords(countDrag(event.dataTransfer)))
    }
    const onDragLeave = (event: DragEvent) => {
      // Leaving the window, not one element for another inside it.
      if (event.relatedTarget === null) setWords(null)
    }
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      setWords(null)
      addDropped(event.dataTransfer)
    }
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
      if (files.length === 0) return
      event.preventDefault()
      addChosen(files)
    }
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('dragleave', onDragLeave)
    window.addEventListener('drop', onDrop)
    window.addEventListener('paste', onPaste)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('dragleave', onDragLeave)
      window.removeEventListener('drop', onDrop)
      window.removeEventListener('paste', onPaste)
    }
  }, [addChosen, addDropped])
  return (
    <div className={styles.target}>
      {children}
      {words !== null && (
        <div className={styles.overlay} role="status">
          <p className={styles.words}>
            <Download size={20} aria-hidden />
            {words}
          </p>
          <p className={styles.hint}>Files are read; nothing on the disk is moved or changed.</p>
        </div>
      )}
    </div>
  )
}
