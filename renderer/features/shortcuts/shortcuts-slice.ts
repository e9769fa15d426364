import type { SliceCreator } from '../../store/slice'

export interface ShortcutsSlice {
  readonly isShortcutsOpen: boolean
  openShortcuts(): void
  closeShortcuts(): void
}

export const createShortcutsSlice: SliceCreator<ShortcutsSlice> = () => (set) => ({
  isShortcutsOpen: false,
  openShortcuts: () => {
    set({ isShortcutsOpen: true }, false, 'shortcuts/open')
  },
  closeShortcuts: () => {
    set({ isShortcutsOpen: false }, false, 'shortcuts/close')
  },
})
