import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import styles from './layouts.module.css'
import type { LayoutParts } from './layout-types'

const PANEL_IDS = ['library', 'viewer', 'conversation']

/** Three resizable parts; the library can be closed by dragging it shut. Their widths are remembered. */
export function WideLayout({ library, viewer, conversation }: LayoutParts) {
  const layout = useDefaultLayout({ id: 'longlens-wide', panelIds: PANEL_IDS, storage: localStorage })
  return (
    <Group id="longlens-wide" orientation="horizontal" className={styles.group} {...layout}>
      <Panel
        id="library"
        defaultSize="260px"
        minSize="180px"
        maxSize="480px"
        collapsible
        groupResizeBehavior="preserve-pixel-size"
      >
        {library}
      </Panel>
      <Separator className={styles.separator} aria-label="Width of the library" />
      <Panel id="viewer" minSize="360px">
        {viewer}
      </Panel>
      <Separator className={styles.separator} aria-label="Width of the conversation" />
      <Panel id="conversation" defaultSize="440px" minSize="320px" groupResizeBehavior="preserve-pixel-size">
        {conversation}
      </Panel>
    </Group>
  )
}
