import { createStore, type StoreApi } from 'zustand'
import { devtools } from 'zustand/middleware'
import { createConnectionSlice, type ConnectionSlice } from '../features/connection/connection-slice'
import { createConversationSlice, type ConversationSlice } from '../features/conversation/conversation-slice'
import { createQuestionSlice, type QuestionSlice } from '../features/conversation/question-slice'
import { createLibrarySlice, type LibrarySlice } from '../features/library/library-slice'
import { createModelsSlice, type ModelsSlice } from '../features/models/models-slice'
import { createSettingsSlice, type SettingsSlice } from '../features/settings/settings-slice'
import { createShortcutsSlice, type ShortcutsSlice } from '../features/shortcuts/shortcuts-slice'
import { createStatusSlice, type StatusSlice } from '../features/status/status-slice'
import { createViewerSlice, type ViewerSlice } from '../features/viewer/viewer-slice'
import { createLayoutSlice, type LayoutSlice } from '../shell/layout-slice'
import type { SliceContext } from './slice'

/** The whole window's state: a mirror of library, conversations and engine, plus what is open and selected. */
export type AppState = ConnectionSlice &
  LibrarySlice &
  ViewerSlice &
  ConversationSlice &
  QuestionSlice &
  ModelsSlice &
  SettingsSlice &
  ShortcutsSlice &
  StatusSlice &
  LayoutSlice

export type AppStore = StoreApi<AppState>

export function createAppStore(context: SliceContext): AppStore {
  return createStore<AppState>()(
    devtools(
      (...store) => ({
        ...createConnectionSlice(context)(...store),
        ...createLibrarySlice(context)(...store),
        ...createViewerSlice(context)(...store),
        ...createConversationSlice(context)(...store),
        ...createQuestionSlice(context)(...store),
        ...createModelsSlice(context)(...store),
        ...createSettingsSlice(context)(...store),
        ...createShortcutsSlice(context)(...store),
        ...createStatusSlice(context)(...store),
        ...createLayoutSlice(context)(...store),
      }),
      { name: 'longlens', enabled: import.meta.env.DEV },
    ),
  )
}
