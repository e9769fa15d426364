import { PanelLeft } from 'lucide-react'
import { useLayoutEffect, useRef, type ReactNode } from 'react'
import { IconButton } from '../shared/ui/button'
import { useApp } from '../store/app-context'
import styles from './layouts.module.css'

export function DrawerButton() {
  const isOpen = useApp((state) => state.isDrawerOpen)
  const setDrawerOpen = useApp((state) => state.setDrawerOpen)
  return (
    <IconButton
      label="Library"
      icon={<PanelLeft size={20} aria-hidden />}
      aria-expanded={isOpen}
      onClick={() => {
        setDrawerOpen(!isOpen)
      }}
    />
  )
}

/** The library over the rest: Esc, a click outside and opening an item close it. */
export function Drawer({ children }: { readonly children: ReactNode }) {
  const isOpen = useApp((state) => state.isDrawerOpen)
  return isOpen && <OpenDrawer>{children}</OpenDrawer>
}

function OpenDrawer({ children }: { readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const setDrawerOpen = useApp((state) => state.setDrawerOpen)
  // Closed before it is taken out of the page: only then does the focus go back.
  useLayoutEffect(() => {
    const element = dialog.current
    if (element === null) return
    element.showModal()
    return () => {
      element.close()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label="Library drawer"
      className={styles.drawer}
      onCancel={(event) => {
        event.preventDefault()
        setDrawerOpen(false)
      }}
      onClick={(event) => {
        if (event.target === dialog.current) setDrawerOpen(false)
      }}
    >
      {children}
    </dialog>
  )
}
