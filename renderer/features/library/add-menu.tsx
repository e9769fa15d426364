import { useId, useRef, useState, type ReactNode } from 'react'
import { Button } from '../../shared/ui/button'
import { Dialog } from '../../shared/ui/dialog'
import { desktopBridge } from '../../shared/platform/platform'
import { useApp } from '../../store/app-context'
import styles from './add-menu.module.css'
import { useAddFiles } from './use-add-files'

/** Ways to add media by hand: native dialogs on the desktop; sending files or naming a path in a browser. */
export function AddMenu({ icon }: { readonly icon?: ReactNode }) {
  const bridge = desktopBridge()
  const addPaths = useApp((state) => state.addPaths)
  const { addChosen } = useAddFiles()
  const menuId = useId()
  const anchor = `--add-${menuId.replace(/\W/g, '')}`
  const filesInput = useRef<HTMLInputElement>(null)
  const folderInput = useRef<HTMLInputElement>(null)
  const menu = useRef<HTMLDivElement>(null)
  const [isNamingPath, setNamingPath] = useState(false)
  const choose = (action: () => void) => () => {
    menu.current?.hidePopover()
    action()
  }
  const chooseFiles = () => {
    if (bridge === undefined) filesInput.current?.click()
    else void bridge.chooseFiles().then(addPaths)
  }
  const chooseFolder = () => {
    if (bridge === undefined) folderInput.current?.click()
    else void bridge.chooseFolder().then(addPaths)
  }
  const onFiles = (event: React.ChangeEvent<HTMLInputElement>) => {
    addChosen(event.target.files ?? [])
    event.target.value = ''
  }
  return (
    <>
      <button
        type="button"
        className={styles.opener}
        popoverTarget={menuId}
        style={{ anchorName: anchor }}
        title="Add videos, pictures or folders"
      >
        {icon}
        Add
      </button>
      <div id={menuId} popover="auto" ref={menu} className={styles.menu} style={{ positionAnchor: anchor }}>
        <Button look="quiet" onClick={choose(chooseFiles)}>
          Videos or pictures…
        </Button>
        <Button look="quiet" onClick={choose(chooseFolder)}>
          A folder…
        </Button>
        {bridge === undefined && (
          <Button
            look="quiet"
            onClick={choose(() => {
              setNamingPath(true)
            })}
          >
            A path on the machine that runs Longlens…
          </Button>
        )}
      </div>
      <input
        ref={filesInput}
        type="file"
        aria-label="Choose videos or pictures"
        multiple
        hidden
        accept="image/*,video/*"
        onChange={onFiles}
      />
      <input
        ref={folderInput}
        type="file"
        aria-label="Choose a folder"
        hidden
        onChange={onFiles}
        {...{ webkitdirectory: '' }}
      />
      {isNamingPath && (
        <PathDialog
          onClose={() => {
            setNamingPath(false)
          }}
          onAdd={(path) => {
            setNamingPath(false)
            void addPaths([path])
          }}
        />
      )}
    </>
  )
}

interface PathDialogProps {
  readonly onClose: () => void
  readonly onAdd: (path: string) => void
}

function PathDialog({ onClose, onAdd }: PathDialogProps) {
  const [path, setPath] = useState('')
  return (
    <Dialog title="Add by path" onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (path.trim() !== '') onAdd(path.trim())
        }}
      >
        <label className={styles.field}>
          File or folder on the machine that runs Longlens. It is read where it is; nothing is copied.
          <input
            type="text"
            value={path}
            autoFocus
            spellCheck={false}
            placeholder="/home/me/footage"
            onChange={(event) => {
              setPath(event.target.value)
            }}
          />
        </label>
        <Button type="submit" look="primary" disabled={path.trim() === ''}>
          Add
        </Button>
      </form>
    </Dialog>
  )
}
