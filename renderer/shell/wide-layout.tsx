import { useEffect } from 'react'
import { Group, Panel, Separator, useDefaultLayout, usePanelRef } from 'react-resizable-panels'
import { useApp } from '../store/app-context'
import type { SidePanel } from './layout-slice'
import styles from './layouts.module.css'
import type { LayoutParts } from './layout-types'

const PANEL_IDS = ['library', 'viewer', 'conversation']

/** Three resizable parts; both sides can be closed by dragging or by key. Their widths are remembered. */
export function WideLayout({ library, viewer, conversation }: LayoutParts) {
  const layout = useDefaultLayout({ id: 'longlens-wide', panelIds: PANEL_IDS, storage: localStorage })
  const librarySide = useSidePanel('library')
  const conversationSide = useSidePanel('conversation')
  return (
    <Group id="longlens-wide" orientation="horizontal" className={styles.group} {...layout}>
      <Panel
        id="library"
        defaultSize="260px"
        minSize="180px"
        maxSize="480px"
        collapsible
        groupResizeBehavior="preserve-pixel-size"
        {...librarySide.panel}
      >
        <div hidden={!librarySide.isShown} className={styles.side}>
          {library}
        </div>
      </Panel>
      <Separator className={styles.separator} aria-label="Width of the library" />
      <Panel id="viewer" minSize="360px">
        {viewer}
      </Panel>
      <Separator className={styles.separator} aria-label="Width of the conversation" />
      <Panel
        id="conversation"
        defaultSize="440px"
        minSize="320px"
        maxSize="720px"
        collapsible
        groupResizeBehavior="preserve-pixel-size"
        {...conversationSide.panel}
      >
        <div hidden={!conversationSide.isShown} className={styles.side}>
          {conversation}
        </div>
      </Panel>
    </Group>
  )
}

/** Closes and opens a side as the store says, and tells the store when it was dragged shut or open. */
function useSidePanel(side: SidePanel) {
  const panelRef = usePanelRef()
  const isShown = useApp((state) => state.shownPanels[side])
  const showPanel = useApp((state) => state.showPanel)
  useEffect(() => {
    const panel = panelRef.current
    if (panel === null || panel.isCollapsed() !== isShown) return
    if (isShown) panel.expand()
    else panel.collapse()
  }, [panelRef, isShown])
  const onResize = ({ inPixels }: { readonly inPixels: number }) => {
    showPanel(side, inPixels > 0)
  }
  return { isShown, panel: { panelRef, onResize } }
}
