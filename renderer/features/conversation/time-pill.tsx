import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './time-pill.module.css'

interface TimePillProps {
  readonly itemId: string
  readonly seconds: number
  readonly label: ReactNode
}

const PREVIEW_WIDTH = 240

/** A time in an answer: a way there, or only its words once the video is no longer in the library. */
export function TimePill(props: TimePillProps) {
  const { itemId, label } = props
  const items = useApp((state) => state.items)
  const isThere = useMemo(() => items.some(({ id }) => id === itemId), [items, itemId])
  return isThere ? <TimeButton {...props} /> : <span>{label}</span>
}

/** Shows its frame on hover and focus, goes there on click. */
function TimeButton({ itemId, seconds, label }: TimePillProps) {
  const seekIn = useApp((state) => state.seekIn)
  const [isPreviewed, setPreviewed] = useState(false)
  const anchor = `--time-${useId().replace(/\W/g, '')}`
  const show = () => {
    setPreviewed(true)
  }
  const hide = () => {
    setPreviewed(false)
  }
  return (
    <>
      <button
        type="button"
        className={styles.pill}
        title="Go to this moment"
        style={{ anchorName: anchor }}
        onPointerEnter={show}
        onPointerLeave={hide}
        onFocus={show}
        onBlur={hide}
        onClick={() => {
          seekIn(itemId, seconds)
        }}
      >
        {label}
      </button>
      {isPreviewed && <Preview itemId={itemId} seconds={seconds} anchor={anchor} />}
    </>
  )
}

interface PreviewProps {
  readonly itemId: string
  readonly seconds: number
  readonly anchor: string
}

/** In the top layer: the scrolling conversation would cut it off. */
function Preview({ itemId, seconds, anchor }: PreviewProps) {
  const mediaUrls = useMediaUrls()
  const image = useRef<HTMLImageElement>(null)
  useEffect(() => {
    image.current?.showPopover()
  }, [])
  return (
    <img
      ref={image}
      popover="manual"
      className={styles.preview}
      style={{ positionAnchor: anchor }}
      src={mediaUrls.frame(itemId, seconds, PREVIEW_WIDTH)}
      alt=""
    />
  )
}
