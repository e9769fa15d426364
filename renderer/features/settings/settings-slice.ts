import type { KeptFailure } from '../../../app/contract/error-map'
import type { Settings } from '../../../app/contract/settings'
import { failureOf } from '../../shared/client/failure'
import type { SliceCreator } from '../../store/slice'

export interface Folders {
  readonly data: string
  readonly cache: string
  readonly models: string
}

export interface SettingsSlice {
  /** null until asked for. */
  readonly settings: Settings | null
  readonly folders: Folders | null
  readonly settingsFailure: KeptFailure | null
  readonly isSettingsOpen: boolean
  loadSettings(): Promise<void>
  /** Shows the choice at once; puts the old one back and says why when it could not be saved. */
  changeSettings(change: Partial<Settings>): Promise<void>
  openSettings(): void
  closeSettings(): void
}

export const createSettingsSlice: SliceCreator<SettingsSlice> =
  ({ client }) =>
  (set, get) => ({
    settings: null,
    folders: null,
    settingsFailure: null,
    isSettingsOpen: false,
    loadSettings: async () => {
      try {
        const [settings, folders] = await Promise.all([client.settings.get(), client.settings.folders()])
        set({ settings, folders, settingsFailure: null }, false, 'settings/load')
      } catch (thrown) {
        set({ settingsFailure: failureOf(thrown) }, false, 'settings/fail')
      }
    },
    changeSettings: async (change) => {
      const before = get().settings
      if (before === null) return
      set({ settings: { ...before, ...change }, settingsFailure: null }, false, 'settings/change')
      try {
        set({ settings: await client.settings.set(change) }, false, 'settings/saved')
      } catch (thrown) {
        set({ settings: before, settingsFailure: failureOf(thrown) }, false, 'settings/fail')
      }
    },
    openSettings: () => {
      set({ isSettingsOpen: true }, false, 'settings/open')
    },
    closeSettings: () => {
      set({ isSettingsOpen: false }, false, 'settings/close')
    },
  })
