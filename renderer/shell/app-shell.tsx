import { lazy, Suspense } from 'react'
import { ConversationPanel } from '../features/conversation'
import { DropTarget, LibraryNews, LibraryPanel } from '../features/library'
import { useMenuCommands, useShortcuts } from '../features/shortcuts'
import { StatusBar } from '../features/status'
import { ViewerPanel } from '../features/viewer'
import { useMediaQuery } from '../shared/use-media-query'
import { useApp } from '../store/app-context'
import { MediumLayout } from './medium-layout'
import { NarrowLayout } from './narrow-layout'
import styles from './app-shell.module.css'
import { useTheme } from './use-theme'
import { WideLayout } from './wide-layout'

// Dialogs are opened seldom and never first.
const SettingsDialog = lazy(() =>
  import('../features/settings').then((module) => ({ default: module.SettingsDialog })),
)
const ModelsDialog = lazy(() =>
  import('../features/models').then((module) => ({ default: module.ModelsDialog })),
)
const ShortcutsDialog = lazy(() =>
  import('../features/shortcuts/shortcuts-dialog').then((module) => ({ default: module.ShortcutsDialog })),
)

/** The whole window: three parts side by side, a drawer and two, or tabs, as the width allows. */
export function AppShell() {
  useShortcuts()
  useMenuCommands()
  useTheme()
  const isWide = useMediaQuery('(min-width: 1100px)')
  const isNarrow = useMediaQuery('(max-width: 799px)')
  const isLibraryShown = useApp((state) => (isWide ? state.shownPanels.library : state.isDrawerOpen))
  const parts = { library: <LibraryPanel />, viewer: <ViewerPanel />, conversation: <ConversationPanel /> }
  return (
    <DropTarget>
      <div className={styles.shell}>
        <main className={styles.main}>
          <h1 className="visually-hidden">Longlens</h1>
          {isWide ? <WideLayout {...parts} /> : isNarrow ? <NarrowLayout /> : <MediumLayout {...parts} />}
        </main>
        {!isLibraryShown && <LibraryNews />}
        <StatusBar hasPanels={isWide} />
      </div>
      <Dialogs />
    </DropTarget>
  )
}

function Dialogs() {
  const isSettingsOpen = useApp((state) => state.isSettingsOpen)
  const isModelsOpen = useApp((state) => state.isModelsOpen)
  const isShortcutsOpen = useApp((state) => state.isShortcutsOpen)
  return (
    <Suspense>
      {isSettingsOpen && <SettingsDialog />}
      {isModelsOpen && <ModelsDialog />}
      {isShortcutsOpen && <ShortcutsDialog />}
    </Suspense>
  )
}
