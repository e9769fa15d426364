import { useCallback } from 'react'
import { AppError } from '../../../app/contract/errors'
import { desktopBridge } from '../../shared/platform/platform'
import { useAppStore } from '../../store/app-context'
import { chosenFiles, droppedFiles, type FileToAdd } from './dropped-files'

interface AddFiles {
  /** Files of a dialog or the clipboard. */
  addChosen(files: Iterable<File>): void
  /** Must be called while the drop event is handled. */
  addDropped(transfer: DataTransfer): void
}

/** Adds files wherever the program runs: by their paths on the desktop, sent to the host from a browser. */
export function useAddFiles(): AddFiles {
  const store = useAppStore()
  const add = useCallback(
    (files: readonly FileToAdd[]) => {
      const bridge = desktopBridge()
      const { addPaths, uploadFiles } = store.getState()
      const paths = bridge === undefined ? [] : files.map(({ file }) => bridge.pathForFile(file))
      // A pasted picture has no place on disk.
      const rest = files.filter((_, index) => (paths[index] ?? '') === '')
      const known = paths.filter(Boolean)
      if (known.length > 0) void addPaths(known)
      if (rest.length > 0) void uploadFiles(rest)
    },
    [store],
  )
  const addChosen = useCallback(
    (files: Iterable<File>) => {
      add(chosenFiles(files))
    },
    [add],
  )
  const addDropped = useCallback(
    (transfer: DataTransfer) => {
      // On the desktop a dropped folder is one file with a path, and read where it is.
      if (desktopBridge() !== undefined) add([...transfer.files].map((file) => ({ file, folder: null })))
      else {
        void droppedFiles(transfer).then(({ files, unreadable }) => {
          add(files)
          const [file] = unreadable
          if (file !== undefined) store.getState().failLibrary(unreadableFile(file, unreadable.length - 1))
        })
      }
    },
    [add, store],
  )
  return { addChosen, addDropped }
}

/** `others`: how many more of the same drop. */
function unreadableFile(file: string, others: number): AppError {
  const more = others === 0 ? '' : `, nor ${others.toLocaleString('en')} more of the drop`
  const reason = `the browser could not read it${more}`
  return new AppError('media_unreadable', `${file}: ${reason}`, { file, reason })
}
