import { useApp } from '../../store/app-context'
import { selectOpenItem } from '../library'
import { EmptyViewer } from './empty-viewer'
import { FolderViewer } from './folder-viewer'
import { ImageViewer } from './image-viewer'
import { ProblemViewer } from './problem-viewer'
import { VideoViewer } from './video-viewer'
import styles from './viewer-panel.module.css'

interface ViewerPanelProps {
  /** False where a video's controls stand elsewhere. */
  readonly hasControls?: boolean
}

/** What I look at: the open item, in the viewer that suits it. */
export function ViewerPanel({ hasControls = true }: ViewerPanelProps) {
  const item = useApp(selectOpenItem)
  return (
    <section className={styles.panel} aria-label="Viewer">
      {item === null ? (
        <EmptyViewer />
      ) : item.problem !== null ? (
        <ProblemViewer item={item} failure={item.problem} />
      ) : item.kind === 'video' ? (
        <VideoViewer key={item.id} item={item} hasControls={hasControls} />
      ) : item.kind === 'image' ? (
        <ImageViewer key={item.id} item={item} />
      ) : (
        <FolderViewer key={item.id} item={item} />
      )}
    </section>
  )
}
