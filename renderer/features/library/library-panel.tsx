import { FolderPlus, Search } from 'lucide-react'
import { useApp } from '../../store/app-context'
import { AddMenu } from './add-menu'
import { AddingStatus, LibraryNotices } from './library-news'
import { LibraryList } from './library-list'
import styles from './library-panel.module.css'
import { matchingItems } from './library-selectors'
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
