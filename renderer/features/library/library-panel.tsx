import { FolderPlus, Search } from 'lucide-react'
import { Button } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import { AddMenu } from './add-menu'
import { countWords } from './dropped-files'
import { LibraryList } from './library-list'
import styles from './library-panel.module.css'
import { matchingItems } from './library-selectors'
import type { Adding, Uploading } from './library-slice'
import { SampleOffers } from './sample-offers'

/** What I have: everything that was added, newest first. */
export function LibraryPanel() {
  const items = useApp((state) => state.items)
  const isLoaded = useApp((state) => state.isLibraryLoaded)
  const search = useApp((state) => state.librarySearch)
  const setSearch = useApp((state) => state.searchLibrary)
  const shown = matchingItems(items, search)
  return (
    <section className={styles.panel} aria-label="Library panel">
      <h2 className="visually-hidden">Library</h2>
      <header className={styles.header}>
        <label className={styles.search}>
          <Search size={16} aria-hidden />
          <input
            type="search"
            aria-label="Search the library"
            placeholder="Search"
            value={search}
            onChange={(event) => {
              setSearch(event.target.value)
            }}
          />
        </label>
        <AddMenu icon={<FolderPlus size={16} aria-hidden />} />
      </header>
      <AddingStatus />
      <LibraryList items={shown} />
      {isLoaded && items.length === 0 && (
        <p className={styles.hint}>
          Nothing here yet. Drop videos, pictures or folders anywhere in this window.
        </p>
      )}
      {items.length > 0 && items.every(({ sample }) => sample) && (
        <div className={styles.offers}>
          <SampleOffers heading="Also to try" />
        </div>
      )}
      {items.length > 0 && shown.length === 0 && <p className={styles.hint}>Nothing is called “{search}”.</p>}
      <LibraryNotices />
    </section>
  )
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

function AddingStatus() {
  const adding = useApp((state) => state.adding)
  const uploading = useApp((state) => state.uploading)
  const cancel = useApp((state) => state.cancelAdding)
  if (adding === null && uploading === null) return null
  const words = uploading !== null ? uploadWords(uploading) : adding !== null ? addingWords(adding) : ''
  return (
    <div className={styles.adding}>
      <span role="status">{words}</span>
      <Button look="quiet" onClick={cancel}>
        Stop
      </Button>
    </div>
  )
}

function LibraryNotices() {
  const removed = useApp((state) => state.removedItem)
  const undo = useApp((state) => state.undoRemoveItem)
  const refused = useApp((state) => state.refused)
  const failure = useApp((state) => state.libraryFailure)
  const dismiss = useApp((state) => state.dismissRefused)
  const addPaths = useApp((state) => state.addPaths)
  const loadLibrary = useApp((state) => state.loadLibrary)
  const first = refused[0]?.failure ?? failure
  const retry = refused.length > 0 ? () => addPaths(refused.map(({ path }) => path)) : loadLibrary
  return (
    <div className={styles.notices}>
      {removed !== null && (
        <p className={styles.removed}>
          <span className={styles.name}>Removed {removed.name}.</span>
          <Button look="quiet" autoFocus onClick={() => void undo()}>
            Undo
          </Button>
        </p>
      )}
      {first !== null && (
        <FailureNotice
          failure={first}
          action={
            <>
              <RemedyButton failure={first} retry={retry} />
              <Button onClick={dismiss}>
                {refused.length > 1 ? `Close (${refused.length} files were left out)` : 'Close'}
              </Button>
            </>
          }
        />
      )}
    </div>
  )
}
