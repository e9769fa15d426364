import { X } from 'lucide-react'
import { useRef } from 'react'
import { Button, IconButton } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useRescuedFocus } from '../../shared/use-rescued-focus'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import { countWords } from './dropped-files'
import styles from './library-news.module.css'
import type { Adding, Uploading } from './library-slice'

/** What the library panel would tell, for where it cannot be seen; nothing while there is nothing to tell. */
export function LibraryNews() {
  const hasNews = useApp(
    ({ adding, uploading, removedItem, refused, libraryFailure }) =>
      adding !== null ||
      uploading !== null ||
      removedItem !== null ||
      refused.length > 0 ||
      libraryFailure !== null,
  )
  if (!hasNews) return null
  return (
    <section className={styles.news} aria-label="News of the library">
      <AddingStatus />
      <LibraryNotices />
    </section>
  )
}

function thenWords(waiting: number): string {
  return waiting === 0 ? '' : `, then ${waiting.toLocaleString('en')} more`
}

function addingWords({ paths, added, count }: Adding): string {
  if (count === null) return 'Counting files…'
  const of =
    paths > 1 ? `: ${Math.min(added + 1, paths).toLocaleString('en')} of ${paths.toLocaleString('en')}` : ''
  return `Adding ${countWords(count) || 'files'}${of}`
}

function uploadWords({ count, files, done, sentBytes, totalBytes }: Uploading): string {
  const percent = Math.floor((100 * sentBytes) / Math.max(1, totalBytes))
  const of = files > 1 ? `${done.toLocaleString('en')} of ${files.toLocaleString('en')}, ` : ''
  return `Sending ${countWords(count) || 'files'}: ${of}${percent} %`
}

/** What is being sent and what is being added, each with the button that stops it. */
export function AddingStatus() {
  const adding = useApp((state) => state.adding)
  const waitingPaths = useApp((state) => state.waitingPaths)
  const cancelAdding = useApp((state) => state.cancelAdding)
  const uploading = useApp((state) => state.uploading)
  const waitingFiles = useApp((state) => state.waitingFiles)
  const cancelUpload = useApp((state) => state.cancelUpload)
  return (
    <>
      {uploading !== null && (
        <Running words={uploadWords(uploading) + thenWords(waitingFiles)} stop={cancelUpload} />
      )}
      {adding !== null && (
        <Running words={addingWords(adding) + thenWords(waitingPaths)} stop={cancelAdding} />
      )}
    </>
  )
}

function Running({ words, stop }: { readonly words: string; readonly stop: () => void }) {
  return (
    <div className={styles.adding}>
      <span role="status">{words}</span>
      <Button look="quiet" onClick={stop}>
        Stop
      </Button>
    </div>
  )
}

/** What was removed, refused and failed, each with what can be done about it. */
export function LibraryNotices() {
  const removed = useApp((state) => state.removedItem)
  const failure = useApp((state) => state.libraryFailure)
  const canRetry = useApp((state) => state.libraryRetry !== null)
  const retry = useApp((state) => state.retryLibrary)
  const dismiss = useApp((state) => state.dismissLibraryFailure)
  return (
    <div className={styles.notices}>
      {removed !== null && <UndoRemove key={removed.id} name={removed.name} />}
      <RefusedNotice />
      {failure !== null && (
        <FailureNotice
          failure={failure}
          action={
            <>
              {canRetry && <RemedyButton failure={failure} retry={retry} />}
              <Button onClick={dismiss}>Close</Button>
            </>
          }
        />
      )}
    </div>
  )
}

function UndoRemove({ name }: { readonly name: string }) {
  const undo = useApp((state) => state.undoRemoveItem)
  const dismiss = useApp((state) => state.dismissRemoved)
  const button = useRef<HTMLButtonElement>(null)
  // The button that removed it is gone with it.
  useRescuedFocus(button)
  return (
    <p className={styles.removed}>
      <span className={styles.name}>Removed {name}.</span>
      <Button ref={button} look="quiet" onClick={() => void undo()}>
        Undo
      </Button>
      <IconButton label="Close" icon={<X size={16} aria-hidden />} onClick={dismiss} />
    </p>
  )
}

function RefusedNotice() {
  const refused = useApp((state) => state.refused)
  const addPaths = useApp((state) => state.addPaths)
  const dismiss = useApp((state) => state.dismissRefused)
  const [first] = refused
  if (first === undefined) return null
  return (
    <FailureNotice
      failure={first.failure}
      action={
        <>
          <RemedyButton failure={first.failure} retry={() => addPaths(refused.map(({ path }) => path))} />
          <Button onClick={dismiss}>
            {refused.length > 1 ? `Close (${refused.length} files were left out)` : 'Close'}
          </Button>
        </>
      }
    />
  )
}
