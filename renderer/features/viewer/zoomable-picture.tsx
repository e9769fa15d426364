import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../../shared/ui/button'
import { useElementSize } from '../../shared/use-element-size'
import { fit, panBy, zoomAt, type Placement, type Size } from './zoom'
import styles from './zoomable-picture.module.css'

interface ZoomablePictureProps {
  readonly src: string
  readonly alt: string
  /** Pixels of the picture itself, when `src` may be a smaller copy of it. */
  readonly size?: Size
}

const STEP = 1.5
const PAN_STEP = 60

/** A picture that fits at first; wheel and buttons zoom to the pointer, dragging and arrows pan, 0 fits again. */
export function ZoomablePicture({ src, alt, size }: ZoomablePictureProps) {
  const frameRef = useRef<HTMLDivElement>(null)
  const frame = useElementSize(frameRef)
  const [picture, setPicture] = useState<Size | null>(null)
  const [hasFailed, setFailed] = useState(false)
  /** null follows the frame's size. */
  const [moved, setMoved] = useState<Placement | null>(null)
  const placement = picture === null ? null : (moved ?? fit(picture, frame))
  const [shownSrc, setShownSrc] = useState(src)
  // Another picture begins anew in the same frame, which keeps the focus.
  if (src !== shownSrc) {
    setShownSrc(src)
    setPicture(null)
    setFailed(false)
    setMoved(null)
  }

  const zoom = (factor: number, point = { x: frame.width / 2, y: frame.height / 2 }) => {
    if (picture !== null && placement !== null) setMoved(zoomAt(placement, factor, point, picture, frame))
  }
  const pan = (dx: number, dy: number) => {
    if (picture !== null && placement !== null) setMoved(panBy(placement, dx, dy, picture, frame))
  }
  useWheelZoom(frameRef, zoom)

  return (
    <div className={styles.viewer}>
      <div
        ref={frameRef}
        className={styles.frame}
        tabIndex={0}
        role="group"
        aria-label={`${alt}: plus and minus zoom, arrows move, 0 fits`}
        data-movable={moved !== null}
        data-uses-arrows
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) pan(event.movementX, event.movementY)
        }}
        onKeyDown={(event) => {
          const isHandled = onKey(event.key, zoom, pan, () => {
            setMoved(null)
          })
          if (isHandled) event.preventDefault()
        }}
      >
        <img
          key={src}
          src={src}
          alt={alt}
          draggable={false}
          className={styles.picture}
          style={
            placement === null || picture === null
              ? { visibility: 'hidden' }
              : {
                  inlineSize: picture.width * placement.scale,
                  blockSize: picture.height * placement.scale,
                  transform: `translate(${placement.x}px, ${placement.y}px) translate(-50%, -50%)`,
                  imageRendering: placement.scale > 2 ? 'pixelated' : 'auto',
                }
          }
          onLoad={({ currentTarget }) => {
            setFailed(false)
            setPicture(size ?? { width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
          }}
          onError={() => {
            setFailed(true)
          }}
        />
        {picture === null && !hasFailed && (
          <p className={styles.failed} role="status">
            Reading the picture…
          </p>
        )}
        {hasFailed && (
          <p className={styles.failed} role="alert">
            This picture cannot be read.
          </p>
        )}
      </div>
      <div className={styles.bar}>
        <IconButton
          label="Zoom out"
          shortcut="-"
          icon={<ZoomOut size={16} aria-hidden />}
          onClick={() => {
            zoom(1 / STEP)
          }}
        />
        <span className={styles.scale}>
          {placement === null ? '' : `${Math.round(placement.scale * 100)} %`}
        </span>
        <IconButton
          label="Zoom in"
          shortcut="+"
          icon={<ZoomIn size={16} aria-hidden />}
          onClick={() => {
            zoom(STEP)
          }}
        />
        <IconButton
          label="Fit"
          shortcut="0"
          icon={<Maximize size={16} aria-hidden />}
          onClick={() => {
            setMoved(null)
          }}
        />
      </div>
    </div>
  )
}

type Zoom = (factor: number, point?: { x: number; y: number }) => void

function onKey(
  key: string,
  zoom: Zoom,
  pan: (dx: number, dy: number) => void,
  fitAgain: () => void,
): boolean {
  const actions: Record<string, () => void> = {
    '+': () => {
      zoom(STEP)
    },
    '=': () => {
      zoom(STEP)
    },
    '-': () => {
      zoom(1 / STEP)
    },
    '0': fitAgain,
    ArrowLeft: () => {
      pan(PAN_STEP, 0)
    },
    ArrowRight: () => {
      pan(-PAN_STEP, 0)
    },
    ArrowUp: () => {
      pan(0, PAN_STEP)
    },
    ArrowDown: () => {
      pan(0, -PAN_STEP)
    },
  }
  const action = actions[key]
  action?.()
  return action !== undefined
}

/** React's wheel listeners are passive; zooming must keep the page from scrolling. */
function useWheelZoom(frame: React.RefObject<HTMLDivElement | null>, zoom: Zoom): void {
  const latest = useRef(zoom)
  useEffect(() => {
    latest.current = zoom
  })
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      latest.current(Math.exp(-event.deltaY / 300), {
        x: event.clientX - box.left,
        y: event.clientY - box.top,
      })
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('wheel', onWheel)
    }
  }, [frame])
}
