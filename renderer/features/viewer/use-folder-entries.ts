import { useEffect, useState } from 'react'
import type { FolderEntry } from '../../../app/contract/library'
import { useApp } from '../../store/app-context'

/** Entries are asked for in pages of this many. */
const PAGE = 200

/** The entries of a folder from `first` up to `last`, as far as they have come. */
export function useFolderEntries(id: string, first: number, last: number): ReadonlyMap<number, FolderEntry> {
  const loadEntries = useApp((state) => state.loadFolderEntries)
  const [entries, setEntries] = useState<ReadonlyMap<number, FolderEntry>>(new Map())
  const firstPage = Math.floor(first / PAGE)
  const lastPage = Math.floor(Math.max(first, last - 1) / PAGE)
  useEffect(() => {
    let isWanted = true
    for (let page = firstPage; page <= lastPage; page += 1) {
      void loadEntries(id, page * PAGE, PAGE).then((loaded) => {
        if (isWanted)
          setEntries(
            (before) => new Map([...before, ...loaded.map((entry) => [entry.index, entry] as const)]),
          )
      })
    }
    return () => {
      isWanted = false
    }
  }, [id, firstPage, lastPage, loadEntries])
  return entries
}
