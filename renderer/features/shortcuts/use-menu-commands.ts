import { useEffect } from 'react'
import { desktopBridge } from '../../shared/platform/platform'
import { useAppStore } from '../../store/app-context'
import { commands } from './commands'

/** Does what the desktop's menu asks for; the preload script passes a command's id on (main/preload/preload.ts). */
export function useMenuCommands(): void {
  const store = useAppStore()
  useEffect(() => {
    if (desktopBridge() === undefined) return
    const onMessage = ({ source, data }: MessageEvent<unknown>) => {
      if (source !== window || typeof data !== 'object' || data === null) return
      if (!('longlensCommand' in data)) return
      const command = commands.find(({ id }) => id === data.longlensCommand)
      // Dialogs never stack: what is open is finished first.
      if (command === undefined || document.querySelector('dialog[open]') !== null) return
      if (command.isEnabled?.(store.getState()) ?? true) command.run(store)
    }
    window.addEventListener('message', onMessage)
    return () => {
      window.removeEventListener('message', onMessage)
    }
  }, [store])
}
