import { useState } from 'react'
import { ConversationPanel } from '../features/conversation'
import { DropTarget, LibraryPanel } from '../features/library'
import { ModelsDialog } from '../features/models'
import { SettingsDialog } from '../features/settings'
import { ShortcutsDialog, useShortcuts } from '../features/shortcuts'
import { StatusBar } from '../features/status'
import { ViewerPanel } from '../features/viewer'
import { useMediaQuery } from '../shared/use-media-query'
import { MediumLayout } from './medium-layout'
import { NarrowLayout } from './narrow-layout'
import styles from './app-shell.module.css'
import { useTheme } from './use-theme'
import { WideLayout } from './wide-layout'

/** The whole window: three parts side by side, a drawer and two, or tabs, as the width allows. */
export function AppShell() {
  useShortcuts()
  useTheme()
  const isWide = useMediaQuery('(min-width: 1100px)')
  const isNarrow = useMediaQuery('(max-width: 799px)')
  const [isDrawerOpen, setDrawerOpen] = useState(false)
  const parts = { library: <LibraryPanel />, viewer: <ViewerPanel />, conversation: <ConversationPanel /> }
  const drawer = { isDrawerOpen, setDrawerOpen }
  return (
    <DropTarget>
      <div className={styles.shell}>
        <main className={styles.main}>
          {isWide ? (
            <WideLayout {...parts} />
          ) : isNarrow ? (
            <NarrowLayout {...parts} {...drawer} />
          ) : (
            <MediumLayout {...parts} {...drawer} />
          )}
        </main>
        <StatusBar />
      </div>
      <SettingsDialog />
      <ModelsDialog />
      <ShortcutsDialog />
    </DropTarget>
  )
}
