import type { LibraryItem } from '../../../app/contract/library'
import { PlaybackBar } from './playback-bar'
import { Timeline } from './timeline'
import styles from './video-viewer.module.css'

/** Timeline and buttons of a video. */
export function VideoControls({ item }: { readonly item: LibraryItem }) {
  return (
    <div className={styles.controls}>
      <Timeline item={item} />
      <PlaybackBar item={item} />
    </div>
  )
}
