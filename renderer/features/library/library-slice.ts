import type { KeptFailure } from '../../../app/contract/error-map'
import type { LibraryItem, Sample, SampleKind } from '../../../app/contract/library'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'
import { Arrivals, type RefusedFile } from './arrivals'
import { keepKnown, without } from './keep-known'
import { countFiles, type FileToAdd, type MediaCount } from './dropped-files'
import { OneByOne } from './one-by-one'
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
  /** Paths whose turn to be added comes after what `adding` tells of. */
  readonly waitingPaths: number
  readonly uploading: Uploading | null
  /** Files whose turn to be sent comes after what `uploading` tells of. */
  readonly waitingFiles: number
  readonly refused: readonly RefusedFile[]
  readonly libraryFailure: KeptFailure | null
  /** Does again what `libraryFailure` tells of; null when there is no way to. */
  readonly libraryRetry: (() => Promise<void>) | null
  /** The item that was removed last and can be brought back. */
  readonly removedItem: LibraryItem | null
  loadLibrary(): Promise<void>
  searchLibrary(text: string): void
  /**
   * Adds files and folders of the machine that the services run on, opens the first one added, and puts several into
   * the question together. Waits until what is being added is.
   */
  addPaths(paths: readonly string[]): Promise<void>
  /** Sends files from the browser's machine, then adds those that arrived; a folder stays one. Waits like `addPaths`. */
  uploadFiles(files: readonly FileToAdd[]): Promise<void>
  /** Adds and opens a bundled sample, with an empty conversation, in which its questions are offered. */
  addSample(kind: SampleKind): Promise<void>
  cancelAdding(): void
  cancelUpload(): void
  removeItem(id: string): Promise<void>
  undoRemoveItem(): Promise<void>
  dismissRemoved(): void
  failLibrary(thrown: unknown, retry?: () => Promise<void>): void
  /** Does again what failed. */
  retryLibrary(): Promise<void>
  dismissLibraryFailure(): void
  dismissRefused(): void
}

export const createLibrarySlice: SliceCreator<LibrarySlice> =
  ({ client }) =>
  (set, get) => {
    const adds = new OneByOne()
    const uploads = new OneByOne()
    /** What loading the library failed with: only loading it says that this is over. */
    let loadFailure: KeptFailure | null = null
    /** Returns what is shown of it; null where there is nothing to show. */
    const fail = (thrown: unknown, retry: (() => Promise<void>) | null) => {
      const failure = failureOf(thrown)
      if (failure.code === 'cancelled' || get().connection === 'lost') return null
      set({ libraryFailure: failure, libraryRetry: retry }, false, 'library/fail')
      return failure
    }
    /** What went wrong before is no news once something else is begun; while more is on its way it still is. */
    const forgetFailures = (paths: readonly string[]) => {
      const { adding, uploading, waitingPaths, waitingFiles, refused } = get()
      const isBusy = adding !== null || uploading !== null || waitingPaths + waitingFiles > 0
      set(
        isBusy
          ? { refused: refused.filter(({ path }) => !paths.includes(path)) }
          : { refused: [], libraryFailure: null, libraryRetry: null },
        false,
        'library/forgetFailures',
      )
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
    const addNow = async (paths: readonly string[], signal: AbortSignal) => {
      const waitingPaths = get().waitingPaths - paths.length
      set({ adding: { paths: paths.length, added: 0, count: null }, waitingPaths }, false, 'library/add')
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
        fail(thrown, () => get().addPaths(paths))
      } finally {
        arrivals.flush()
        set({ adding: null }, false, 'library/addEnded')
      }
      if (added.length > 1 && added.length <= MOST_CHIPS) {
        get().suggestChips(added.map(({ id }) => ({ itemId: id, range: null, tiles: false })))
      }
    }
    const add = (paths: readonly string[]) => {
      if (paths.length === 0) return Promise.resolve()
      set({ waitingPaths: get().waitingPaths + paths.length }, false, 'library/addSoon')
      return adds.run((signal) => addNow(paths, signal))
    }
    /** Returns the paths of what arrived. */
    const uploadNow = async (files: readonly FileToAdd[], signal: AbortSignal): Promise<string[]> => {
      const facts = {
        count: countFiles(files),
        files: files.length,
        totalBytes: files.reduce((sum, { file }) => sum + file.size, 0),
      }
      const waitingFiles = get().waitingFiles - files.length
      const arrived: string[] = []
      set({ uploading: { ...facts, done: 0, sentBytes: 0 }, waitingFiles }, false, 'library/upload')
      try {
        await uploadAll(files, signal, {
          onProgress: (progress) => {
            set({ uploading: { ...facts, ...progress } }, false, 'library/uploadProgress')
          },
          onArrived: (index, path) => {
            arrived[index] = path
          },
        })
      } catch (thrown) {
        const rest = files.filter((_, index) => arrived[index] === undefined)
        fail(thrown, () => get().uploadFiles(rest))
      } finally {
        set({ uploading: null }, false, 'library/uploadEnded')
      }
      // In the order in which they were dropped, whichever arrived first; a folder once for all its files.
      return [...new Set(arrived.filter(Boolean))]
    }
    const loadSamples = async () => {
      if (get().samples.length > 0 || !get().items.every(({ sample }) => sample)) return
      try {
        const samples = await client.library.samples()
        set({ samples }, false, 'library/samples')
      } catch (thrown) {
        loadFailure = fail(thrown, loadSamples)
      }
    }
    return {
      items: [],
      isLibraryLoaded: false,
      samples: [],
      librarySearch: '',
      adding: null,
      waitingPaths: 0,
      uploading: null,
      waitingFiles: 0,
      refused: [],
      libraryFailure: null,
      libraryRetry: null,
      removedItem: null,
      loadLibrary: async () => {
        try {
          const listed = await client.library.list()
          const items = keepKnown(get().items, listed)
          set({ items, isLibraryLoaded: true }, false, 'library/load')
          if (loadFailure !== null && get().libraryFailure === loadFailure) get().dismissLibraryFailure()
        } catch (thrown) {
          loadFailure = fail(thrown, () => get().loadLibrary())
          return
        }
        await loadSamples()
      },
      searchLibrary: (librarySearch) => {
        set({ librarySearch }, false, 'library/search')
      },
      addPaths: (paths) => {
        forgetFailures(paths)
        return add(paths)
      },
      uploadFiles: async (files) => {
        if (files.length === 0) return
        forgetFailures([])
        set({ waitingFiles: get().waitingFiles + files.length }, false, 'library/uploadSoon')
        let arrived: readonly string[] = []
        await uploads.run(async (signal) => {
          arrived = await uploadNow(files, signal)
        })
        await add(arrived)
      },
      addSample: async (kind) => {
        try {
          const item = await client.library.addSample({ kind })
          if ((get().conversation?.items.length ?? 0) > 0) await get().newConversation()
          keep(item)
          get().openItem(item.id)
        } catch (thrown) {
          fail(thrown, () => get().addSample(kind))
        }
      },
      cancelAdding: () => {
        adds.stop()
      },
      cancelUpload: () => {
        uploads.stop()
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
          fail(thrown, () => get().removeItem(id))
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
          fail(thrown, () => get().undoRemoveItem())
        }
      },
      dismissRemoved: () => {
        set({ removedItem: null }, false, 'library/dismissRemoved')
      },
      failLibrary: (thrown, retry) => {
        fail(thrown, retry ?? null)
      },
      retryLibrary: async () => {
        const { libraryRetry } = get()
        get().dismissLibraryFailure()
        await libraryRetry?.()
      },
      dismissLibraryFailure: () => {
        set({ libraryFailure: null, libraryRetry: null }, false, 'library/dismissFailure')
      },
      dismissRefused: () => {
        set({ refused: [] }, false, 'library/dismissRefused')
      },
    }
  }
