import { useState } from 'react'
import { Drawer, DrawerButton } from './drawer'
import styles from './layouts.module.css'
import type { DrawerState, LayoutParts } from './layout-types'

const tabs = [
  { id: 'viewer', title: 'Viewer' },
  { id: 'conversation', title: 'Conversation' },
] as const

/** One part at a time, chosen by tabs; both stay alive, so that playing and scrolling survive the change. */
export function NarrowLayout({ library, viewer, conversation, ...drawer }: LayoutParts & DrawerState) {
  const [shown, setShown] = useState<(typeof tabs)[number]['id']>('viewer')
  const parts = { viewer, conversation }
  return (
    <div className={styles.stacked}>
      <div className={styles.tabs}>
        <DrawerButton {...drawer} />
        <div role="tablist" aria-label="Parts of the window" className={styles.tabList}>
          {tabs.map(({ id, title }) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={shown === id}
              aria-controls={`part-${id}`}
              className={styles.tab}
              onClick={() => {
                setShown(id)
              }}
            >
              {title}
            </button>
          ))}
        </div>
      </div>
      {tabs.map(({ id }) => (
        <div
          key={id}
          role="tabpanel"
          id={`part-${id}`}
          aria-labelledby={`tab-${id}`}
          hidden={shown !== id}
          className={styles.part}
        >
          {parts[id]}
        </div>
      ))}
      <Drawer {...drawer}>{library}</Drawer>
    </div>
  )
}
