import type { KeptFailure } from '../../../app/contract/error-map'
import type { LibraryItem } from '../../../app/contract/library'
import { failureOf } from '../../shared/client/failure'
import { uploadFile } from './upload'
import type { SliceCreator } from '../../store/slice'

/** What adding is doing: found so far, saved so far. */
export interface Adding {
  readonly files: number
  readonly added: number
}

export interface RefusedFile {
  readonly path: string
  readonly failure: KeptFailure
}

/** Files on their way to the host's own media folder. */
export interface Uploading {
  readonly files: number
  /** Files that arrived. */
  readonly done: number
  readonly sentBytes: number
  readonly totalBytes: number
}

export interface LibrarySlice {
  readonly items: readonly LibraryItem[]
  /** False until the list has come once: an empty library is told apart from one not yet known. */
  readonly isLibraryLoaded: boolean
  readonly librarySearch: string
  readonly adding: Adding | null
  readonly uploading: Uploading | null
  readonly refused: readonly RefusedFile[]
  readonly libraryFailure: KeptFailure | null
  /** The item that was removed last and can be brought back. */
  readonly removedItem: LibraryItem | null
  loadLibrary(): Promise<void>
  searchLibrary(text: string): void
  /** Adds files and folders of the machine that the services run on, and opens the first one added. */
  addPaths(paths: readonly string[]): Promise<void>
  /** Sends files from the browser's machine one after the other, then adds those that arrived. */
  uploadFiles(files: readonly File[]): Promise<void>
  addSample(): Promise<void>
  cancelAdding(): void
  removeItem(id: string): Promise<void>
  undoRemoveItem(): Promise<void>
  dismissRefused(): void
}

export const createLibrarySlice: SliceCreator<LibrarySlice> =
  ({ client }) =>
  (set, get) => {
    let cancel: AbortController | null = null
    const fail = (thrown: unknown) => {
      const failure = failureOf(thrown)
      if (failure.code !== 'cancelled') set({ libraryFailure: failure }, false, 'library/fail')
    }
    const keep = (item: LibraryItem) => {
      const others = get().items.filter(({ id }) => id !== item.id)
      set({ items: [item, ...others] }, false, 'library/keep')
    }
    return {
      items: [],
      isLibraryLoaded: false,
      librarySearch: '',
      adding: null,
      uploading: null,
      refused: [],
      libraryFailure: null,
      removedItem: null,
      loadLibrary: async () => {
        try {
          const items = await client.library.list()
          set({ items, isLibraryLoaded: true, libraryFailure: null }, false, 'library/load')
        } catch (thrown) {
          fail(thrown)
        }
      },
      searchLibrary: (librarySearch) => {
        set({ librarySearch }, false, 'library/search')
      },
      addPaths: async (paths) => {
        if (paths.length === 0 || get().adding !== null) return
        cancel = new AbortController()
        set({ adding: { files: 0, added: 0 }, refused: [], libraryFailure: null }, false, 'library/add')
        let opened = false
        try {
          const events = await client.library.add({ paths: [...paths] }, { signal: cancel.signal })
          for await (const event of events) {
            const adding = get().adding ?? { files: 0, added: 0 }
            if (event.kind === 'counted') {
              set({ adding: { ...adding, files: event.files } }, false, 'library/counted')
            } else if (event.kind === 'refused') {
              const { path, failure } = event
              set({ refused: [...get().refused, { path, failure }] }, false, 'library/refused')
            } else {
              keep(event.item)
              set({ adding: { ...adding, added: adding.added + 1 } }, false, 'library/added')
              if (!opened) get().openItem(event.item.id)
              opened = true
            }
          }
        } catch (thrown) {
          fail(thrown)
        } finally {
          cancel = null
          set({ adding: null }, false, 'library/addEnded')
        }
      },
      uploadFiles: async (files) => {
        if (files.length === 0 || get().uploading !== null) return
        cancel = new AbortController()
        const { signal } = cancel
        const totalBytes = files.reduce((sum, { size }) => sum + size, 0)
        const paths: string[] = []
        let doneBytes = 0
        const show = (sentBytes: number) => {
          set(
            { uploading: { files: files.length, done: paths.length, sentBytes, totalBytes } },
            false,
            'library/upload',
          )
        }
        show(0)
        try {
          for (const file of files) {
            paths.push(
              await uploadFile(file, file.name, signal, (sent) => {
                show(doneBytes + sent)
              }),
            )
            doneBytes += file.size
            show(doneBytes)
          }
        } catch (thrown) {
          fail(thrown)
        } finally {
          set({ uploading: null }, false, 'library/uploadEnded')
        }
        await get().addPaths(paths)
      },
      addSample: async () => {
        try {
          const item = await client.library.addSample()
          keep(item)
          get().openItem(item.id)
        } catch (thrown) {
          fail(thrown)
        }
      },
      cancelAdding: () => {
        cancel?.abort()
      },
      removeItem: async (id) => {
        const item = get().items.find((one) => one.id === id)
        if (item === undefined) return
        try {
          await client.library.remove({ id })
          const items = get().items.filter((one) => one.id !== id)
          set({ items, removedItem: item }, false, 'library/remove')
          if (get().openItemId === id) get().openItem(items[0]?.id ?? null)
        } catch (thrown) {
          fail(thrown)
        }
      },
      undoRemoveItem: async () => {
        const removed = get().removedItem
        if (removed === null) return
        try {
          keep(await client.library.restore({ id: removed.id }))
          set({ removedItem: null }, false, 'library/restore')
          get().openItem(removed.id)
        } catch (thrown) {
          fail(thrown)
        }
      },
      dismissRefused: () => {
        set({ refused: [], libraryFailure: null }, false, 'library/dismiss')
      },
    }
  }
