import { useEffect } from 'react'
import { useAppStore } from '../../store/app-context'
import { commandFor, usesKeyItself } from './match-keys'

/** Elements in which letters are text, or which use the key themselves. */
function isTypingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Listens for every command's keys, for as long as the window lives. */
export function useShortcuts(): void {
  const store = useAppStore()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      // An open dialog has the keys to itself; its own Esc closes it.
      if (document.querySelector('dialog[open]') !== null) return
      // Esc closes an open menu, and does nothing else then.
      if (event.key === 'Escape' && document.querySelector('[popover="auto"]:popover-open') !== null) return
      if (event.target instanceof Element && usesKeyItself(event.target, event.key)) return
      const command = commandFor(event, isTypingIn(event.target), store.getState())
      if (command === undefined) return
      event.preventDefault()
      command.run(store)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => {
      window.removeEventListener('keydown', onKeyDown)
    }
  }, [store])
}
