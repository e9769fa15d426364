import { useCallback } from 'react'
import { desktopBridge } from '../../shared/platform/platform'
import { useAppStore } from '../../store/app-context'

/** Adds files that came from a drop, a dialog or the clipboard, wherever the program runs. */
export function useAddFiles(): (files: readonly File[]) => void {
  const store = useAppStore()
  return useCallback(
    (files) => {
      const bridge = desktopBridge()
      const paths = bridge === undefined ? [] : files.map((file) => bridge.pathForFile(file)).filter(Boolean)
      const rest = bridge === undefined ? files : files.filter((file) => bridge.pathForFile(file) === '')
      const { addPaths, uploadFiles } = store.getState()
      if (paths.length > 0) void addPaths(paths)
      if (rest.length > 0) void uploadFiles(rest)
    },
    [store],
  )
}
