import { useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { ExactFrames } from './exact-frames'
import { VideoControls } from './video-controls'
import { VideoPlayer } from './video-player'
import styles from './video-viewer.module.css'

interface VideoViewerProps {
  readonly item: LibraryItem
  readonly hasControls: boolean
}

/** A video: played by the browser where it can decode it, otherwise shown in exact frames from ffmpeg. */
export function VideoViewer({ item, hasControls }: VideoViewerProps) {
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
      {hasControls && <VideoControls item={item} />}
    </div>
  )
}
