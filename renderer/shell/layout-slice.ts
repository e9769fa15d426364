import type { SliceCreator } from '../store/slice'

/** The sides of the window that can be closed. */
export type SidePanel = 'library' | 'conversation'

export interface LayoutSlice {
  /** Which sides are shown when all three parts have room side by side. */
  readonly shownPanels: Readonly<Record<SidePanel, boolean>>
  /** The library as a drawer, where it has no room of its own. */
  readonly isDrawerOpen: boolean
  /** The part in sight where only one has room. */
  readonly shownPart: 'viewer' | 'conversation'
  showPanel(panel: SidePanel, isShown: boolean): void
  setDrawerOpen(isOpen: boolean): void
  showPart(part: 'viewer' | 'conversation'): void
}

export const createLayoutSlice: SliceCreator<LayoutSlice> = () => (set, get) => ({
  shownPanels: { library: true, conversation: true },
  isDrawerOpen: false,
  shownPart: 'viewer',
  showPanel: (panel, isShown) => {
    if (get().shownPanels[panel] === isShown) return
    set({ shownPanels: { ...get().shownPanels, [panel]: isShown } }, false, 'layout/panel')
  },
  setDrawerOpen: (isDrawerOpen) => {
    set({ isDrawerOpen }, false, 'layout/drawer')
  },
  showPart: (shownPart) => {
    set({ shownPart }, false, 'layout/part')
  },
})
