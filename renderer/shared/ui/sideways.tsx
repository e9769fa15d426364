import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { useElementSize } from '../use-element-size'
import styles from './typeset.module.css'

interface SidewaysProps {
  /** What it is, for those who cannot see it. */
  readonly label: string
  readonly children: ReactNode
}

/** Scrolls sideways what is wider than the text, a table or code; only then the Tab key stops at it. */
export function Sideways({ label, children }: SidewaysProps) {
  const ref = useRef<HTMLDivElement>(null)
  const [isCut, setCut] = useState(false)
  // Draws again when the width changes; what is then too wide is measured below.
  useElementSize(ref)
  useLayoutEffect(() => {
    const element = ref.current
    if (element !== null) setCut(element.scrollWidth > element.clientWidth)
  })
  const whenCut = isCut ? { tabIndex: 0, role: 'group', 'aria-label': label } : {}
  return (
    <div ref={ref} className={styles.sideways} {...whenCut}>
      {children}
    </div>
  )
}
