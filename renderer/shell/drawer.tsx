import { PanelLeft } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { IconButton } from '../shared/ui/button'
import { useApp } from '../store/app-context'
import styles from './layouts.module.css'
import type { DrawerState } from './layout-types'

export function DrawerButton({ isDrawerOpen, setDrawerOpen }: DrawerState) {
  return (
    <IconButton
      label="Library"
      icon={<PanelLeft size={20} aria-hidden />}
      aria-expanded={isDrawerOpen}
      onClick={() => {
        setDrawerOpen(!isDrawerOpen)
      }}
    />
  )
}

/** The library over the rest: Esc, a click outside and opening an item close it. */
export function Drawer({
  isDrawerOpen,
  setDrawerOpen,
  children,
}: DrawerState & { readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const openItemId = useApp((state) => state.openItemId)
  useEffect(() => {
    setDrawerOpen(false)
  }, [openItemId, setDrawerOpen])
  useEffect(() => {
    const element = dialog.current
    if (!isDrawerOpen || element === null) return
    element.showModal()
    return () => {
      element.close()
    }
  }, [isDrawerOpen])
  if (!isDrawerOpen) return null
  return (
    <dialog
      ref={dialog}
      aria-label="Library"
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
