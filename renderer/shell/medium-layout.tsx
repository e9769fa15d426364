import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import { Drawer, DrawerButton } from './drawer'
import styles from './layouts.module.css'
import type { LayoutParts } from './layout-types'

const PANEL_IDS = ['viewer', 'conversation']

/** Viewer and conversation side by side; the library comes out as a drawer. */
export function MediumLayout({ library, viewer, conversation }: LayoutParts) {
  const layout = useDefaultLayout({ id: 'longlens-medium', panelIds: PANEL_IDS, storage: localStorage })
  return (
    <div className={styles.withRail}>
      <div className={styles.rail}>
        <DrawerButton />
      </div>
      <Group id="longlens-medium" orientation="horizontal" className={styles.group} {...layout}>
        <Panel id="viewer" minSize="320px">
          {viewer}
        </Panel>
        <Separator className={styles.separator} aria-label="Width of the conversation" />
        <Panel id="conversation" defaultSize="400px" minSize="300px">
          {conversation}
        </Panel>
      </Group>
      <Drawer>{library}</Drawer>
    </div>
  )
}
