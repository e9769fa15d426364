import { useRef, type KeyboardEvent } from 'react'
import { ConversationPanel, QuestionArea } from '../features/conversation'
import { LibraryPanel, selectOpenItem } from '../features/library'
import { VideoControls, ViewerPanel } from '../features/viewer'
import { useApp } from '../store/app-context'
import { Drawer, DrawerButton } from './drawer'
import styles from './layouts.module.css'

const tabs = [
  { id: 'viewer', title: 'Viewer' },
  { id: 'conversation', title: 'Conversation' },
] as const

/**
 * One part at a time, chosen by tabs; both stay alive, so that playing and scrolling survive the change. Playhead and
 * question box stand below, always in reach.
 */
export function NarrowLayout() {
  const shownPart = useApp((state) => state.shownPart)
  const item = useApp(selectOpenItem)
  const parts = {
    viewer: <ViewerPanel hasControls={false} />,
    conversation: <ConversationPanel hasQuestion={false} />,
  }
  return (
    <div className={styles.stacked}>
      <div className={styles.tabs}>
        <DrawerButton />
        <TabList />
      </div>
      {tabs.map(({ id }) => (
        <div
          key={id}
          role="tabpanel"
          id={`part-${id}`}
          aria-labelledby={`tab-${id}`}
          hidden={shownPart !== id}
          className={styles.part}
        >
          {parts[id]}
        </div>
      ))}
      {item?.kind === 'video' && item.problem === null && <VideoControls key={item.id} item={item} />}
      <QuestionArea />
      <Drawer>
        <LibraryPanel />
      </Drawer>
    </div>
  )
}

function TabList() {
  const shownPart = useApp((state) => state.shownPart)
  const showPart = useApp((state) => state.showPart)
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    const other = shownPart === 'viewer' ? 'conversation' : 'viewer'
    showPart(other)
    list.current?.querySelector<HTMLElement>(`#tab-${other}`)?.focus()
  }
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Parts of the window"
      className={styles.tabList}
      onKeyDown={onKeyDown}
    >
      {tabs.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={shownPart === id}
          aria-controls={`part-${id}`}
          tabIndex={shownPart === id ? 0 : -1}
          className={styles.tab}
          onClick={() => {
            showPart(id)
          }}
        >
          {title}
        </button>
      ))}
    </div>
  )
}
