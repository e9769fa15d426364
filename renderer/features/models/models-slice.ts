import type { KeptFailure } from '../../../app/contract/error-map'
import type { ImportEvent, ModelEntry } from '../../../app/contract/models'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'

export interface ImportChoice {
  readonly checkpointFolder: string
  readonly visionFolder?: string
  readonly name: string
  readonly quantize?: 'f16' | 'bf16' | 'q8_0' | 'q4_k_m'
}

export type ImportProgress = Extract<ImportEvent, { kind: 'progress' }>

/** The model card that is looked at, as far as it is known. */
export type ShownCard = { readonly folder: string } & (
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly markdown: string | null }
  | { readonly kind: 'failed'; readonly failure: KeptFailure }
)

export interface ModelsSlice {
  readonly models: readonly ModelEntry[]
  readonly modelsFailure: KeptFailure | null
  readonly isModelsOpen: boolean
  /** In place of the list of models; null where that is shown. */
  readonly shownCard: ShownCard | null
  /** The import that runs, as far as it is; null when none does. */
  readonly importing: { readonly name: string; readonly progress: ImportProgress | null } | null
  loadModels(): Promise<void>
  chooseModel(folder: string): Promise<void>
  removeModel(folder: string): Promise<void>
  importCheckpoint(choice: ImportChoice): Promise<void>
  cancelImport(): void
  openModels(): void
  /** Opens the dialog on what a model can do. */
  openCard(folder: string): Promise<void>
  /** Goes from there to all models. */
  leaveCard(): void
  closeModels(): void
}

export const createModelsSlice: SliceCreator<ModelsSlice> =
  ({ client }) =>
  (set, get) => {
    let cancel: AbortController | null = null
    /** What loading the list failed with: only loading it says that this is over. */
    let loadFailure: KeptFailure | null = null
    /** Returns what is shown of it; null when it was only stopped. */
    const fail = (thrown: unknown): KeptFailure | null => {
      const failure = failureOf(thrown)
      if (failure.code === 'cancelled') return null
      set({ modelsFailure: failure }, false, 'models/fail')
      return failure
    }
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      set({ modelsFailure: null }, false, 'models/attempt')
      try {
        await work()
      } catch (thrown) {
        fail(thrown)
      }
    }
    const load = async () => {
      set({ models: await client.models.list() }, false, 'models/load')
    }
    return {
      models: [],
      modelsFailure: null,
      isModelsOpen: false,
      shownCard: null,
      importing: null,
      loadModels: async () => {
        try {
          await load()
          if (loadFailure !== null && get().modelsFailure === loadFailure)
            set({ modelsFailure: null }, false, 'models/loadedAgain')
        } catch (thrown) {
          loadFailure = fail(thrown)
        }
      },
      chooseModel: (folder) =>
        attempt(async () => {
          await client.models.choose({ folder })
          await load()
        }),
      removeModel: (folder) =>
        attempt(async () => {
          await client.models.remove({ folder })
          await load()
        }),
      importCheckpoint: async (choice) => {
        if (get().importing !== null) return
        cancel = new AbortController()
        const { signal } = cancel
        set({ importing: { name: choice.name, progress: null } }, false, 'models/import')
        await attempt(async () => {
          for await (const event of await client.models.importCheckpoint(choice, { signal })) {
            if (event.kind === 'done') continue
            set({ importing: { name: choice.name, progress: event } }, false, 'models/importProgress')
          }
          await load()
        })
        cancel = null
        set({ importing: null }, false, 'models/importEnded')
      },
      cancelImport: () => {
        cancel?.abort()
      },
      openModels: () => {
        set({ isModelsOpen: true, shownCard: null }, false, 'models/open')
        // A folder may have been put there, or taken away, by hand.
        void get().loadModels()
      },
      openCard: async (folder) => {
        const loading: ShownCard = { folder, kind: 'loading' }
        set({ isModelsOpen: true, shownCard: loading }, false, 'models/openCard')
        const shown = await client.models.card({ folder }).then(
          ({ markdown }): ShownCard => ({ folder, kind: 'ready', markdown }),
          (thrown: unknown): ShownCard => ({ folder, kind: 'failed', failure: failureOf(thrown) }),
        )
        // Another card may have been opened meanwhile, or none be wanted any more.
        if (get().shownCard === loading) set({ shownCard: shown }, false, 'models/showCard')
      },
      leaveCard: () => {
        set({ shownCard: null }, false, 'models/leaveCard')
      },
      closeModels: () => {
        // What failed while the dialog was open was read; what fails afterwards waits for it to open again.
        set({ isModelsOpen: false, shownCard: null, modelsFailure: null }, false, 'models/close')
      },
    }
  }
