import { useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { ExactFrames } from './exact-frames'
import { PlaybackBar } from './playback-bar'
import { Timeline } from './timeline'
import { VideoPlayer } from './video-player'
import styles from './video-viewer.module.css'

/** A video: played by the browser where it can decode it, otherwise shown in exact frames from ffmpeg. */
export function VideoViewer({ item }: { readonly item: LibraryItem }) {
  const [canPlay, setCanPlay] = useState(item.playable)
  return (
    <div className={styles.viewer}>
      <div className={styles.stage}>
        {canPlay ? (
          <VideoPlayer
            item={item}
            onCannotPlay={() => {
              setCanPlay(false)
            }}
          />
        ) : (
          <ExactFrames item={item} />
        )}
      </div>
      <div className={styles.controls}>
        <Timeline item={item} />
        <PlaybackBar item={item} />
      </div>
    </div>
  )
}
