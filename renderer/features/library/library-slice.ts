import type { KeptFailure } from '../../../app/contract/error-map'
import type { LibraryItem, Sample, SampleKind } from '../../../app/contract/library'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'
import { Arrivals, type RefusedFile } from './arrivals'
import { keepKnown, without } from './keep-known'
import { countFiles, type FileToAdd, type MediaCount } from './dropped-files'
import { uploadAll } from './upload'

/** What adding is doing: paths given, of which so many are saved, and what was counted in them (null: counting). */
export interface Adding {
  readonly paths: number
  readonly added: number
  readonly count: MediaCount | null
}

/** Files on their way to the host's own media folder. */
export interface Uploading {
  readonly count: MediaCount
  readonly files: number
  /** Files that arrived. */
  readonly done: number
  readonly sentBytes: number
  readonly totalBytes: number
}

/** Media dropped together are asked about together, as long as the question stays readable. */
const MOST_CHIPS = 12

export interface LibrarySlice {
  readonly items: readonly LibraryItem[]
  /** False until the list has come once: an empty library is told apart from one not yet known. */
  readonly isLibraryLoaded: boolean
  /** What is bundled to try the program with; empty until it is known. */
  readonly samples: readonly Sample[]
  readonly librarySearch: string
  readonly adding: Adding | null
  readonly uploading: Uploading | null
  readonly refused: readonly RefusedFile[]
  readonly libraryFailure: KeptFailure | null
  /** The item that was removed last and can be brought back. */
  readonly removedItem: LibraryItem | null
  loadLibrary(): Promise<void>
  searchLibrary(text: string): void
  /**
   * Adds files and folders of the machine that the services run on, opens the first one added, and puts several into
   * the question together.
   */
  addPaths(paths: readonly string[]): Promise<void>
  /** Sends files from the browser's machine, then adds those that arrived; a folder stays one. */
  uploadFiles(files: readonly FileToAdd[]): Promise<void>
  /** Adds and opens a bundled sample, with an empty conversation, in which its questions are offered. */
  addSample(kind: SampleKind): Promise<void>
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
      if (failure.code === 'cancelled' || get().connection === 'lost') return
      set({ libraryFailure: failure }, false, 'library/fail')
    }
    const keep = (item: LibraryItem) => {
      set({ items: [item, ...without(get().items, [item])] }, false, 'library/keep')
    }
    const arrivals = new Arrivals((items, refused) => {
      const { adding, openItemId } = get()
      const added = (adding?.added ?? 0) + items.length
      set(
        {
          items: [...items.toReversed(), ...without(get().items, items)],
          refused: [...get().refused, ...refused],
          ...(adding === null ? {} : { adding: { ...adding, added } }),
        },
        false,
        'library/arrived',
      )
      const [first] = items
      if (first !== undefined && first.id !== openItemId && added === items.length) get().openItem(first.id)
    })
    const add = async (paths: readonly string[]) => {
      if (paths.length === 0 || get().adding !== null) return
      cancel = new AbortController()
      const { signal } = cancel
      set(
        { adding: { paths: paths.length, added: 0, count: null }, refused: [], libraryFailure: null },
        false,
        'library/add',
      )
      const added: LibraryItem[] = []
      try {
        const count = await client.library.count({ paths: [...paths] }, { signal })
        set(
          { adding: { paths: paths.length, added: 0, count: { ...count, others: 0 } } },
          false,
          'library/counted',
        )
        for await (const event of await client.library.add({ paths: [...paths] }, { signal })) {
          if (event.kind === 'added') added.push(event.item)
          arrivals.take(event)
        }
      } catch (thrown) {
        fail(thrown)
      } finally {
        cancel = null
        arrivals.flush()
        set({ adding: null }, false, 'library/addEnded')
      }
      if (added.length > 1 && added.length <= MOST_CHIPS) {
        get().suggestChips(added.map(({ id }) => ({ itemId: id, range: null, tiles: false })))
      }
    }
    const loadSamples = async () => {
      if (get().samples.length > 0 || !get().items.every(({ sample }) => sample)) return
      try {
        const samples = await client.library.samples()
        set({ samples }, false, 'library/samples')
      } catch (thrown) {
        fail(thrown)
      }
    }
    return {
      items: [],
      isLibraryLoaded: false,
      samples: [],
      librarySearch: '',
      adding: null,
      uploading: null,
      refused: [],
      libraryFailure: null,
      removedItem: null,
      loadLibrary: async () => {
        try {
          const listed = await client.library.list()
          const items = keepKnown(get().items, listed)
          set({ items, isLibraryLoaded: true, libraryFailure: null }, false, 'library/load')
        } catch (thrown) {
          fail(thrown)
          return
        }
        await loadSamples()
      },
      searchLibrary: (librarySearch) => {
        set({ librarySearch }, false, 'library/search')
      },
      addPaths: add,
      uploadFiles: async (files) => {
        if (files.length === 0 || get().uploading !== null) return
        cancel = new AbortController()
        const facts = {
          count: countFiles(files),
          files: files.length,
          totalBytes: files.reduce((sum, { file }) => sum + file.size, 0),
        }
        const arrived: string[] = []
        set({ uploading: { ...facts, done: 0, sentBytes: 0 }, libraryFailure: null }, false, 'library/upload')
        try {
          await uploadAll(files, cancel.signal, {
            onProgress: (progress) => {
              set({ uploading: { ...facts, ...progress } }, false, 'library/uploadProgress')
            },
            onArrived: (index, path) => {
              arrived[index] = path
            },
          })
        } catch (thrown) {
          fail(thrown)
        } finally {
          cancel = null
          set({ uploading: null }, false, 'library/uploadEnded')
        }
        const failure = get().libraryFailure
        // In the order in which they were dropped, whichever arrived first; a folder once for all its files.
        await add([...new Set(arrived.filter(Boolean))])
        if (failure !== null) set({ libraryFailure: failure }, false, 'library/uploadFailed')
      },
      addSample: async (kind) => {
        try {
          const item = await client.library.addSample({ kind })
          if ((get().conversation?.items.length ?? 0) > 0) await get().newConversation()
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
