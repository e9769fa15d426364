import { useId, useState } from 'react'
import { formatBytes } from '../../../app/domain/format-bytes'
import { desktopBridge } from '../../shared/platform/platform'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import styles from './models-dialog.module.css'
import type { ImportChoice, ImportProgress } from './models-slice'

const quantizations: readonly { value: NonNullable<ImportChoice['quantize']>; label: string }[] = [
  { value: 'q4_k_m', label: 'Small (Q4_K_M)' },
  { value: 'q8_0', label: 'Close to the original (Q8_0)' },
  { value: 'f16', label: 'Half precision (F16)' },
]

const stageWords: Record<ImportProgress['stage'], string> = {
  check: 'Checking the checkpoint',
  language: 'Importing the language model',
  vision: 'Importing the vision tower',
  quantize: 'Quantizing',
}

/** Imports a LongLLaVA checkpoint from a folder of the machine that runs Longlens. */
export function ImportForm() {
  const importing = useApp((state) => state.importing)
  const importCheckpoint = useApp((state) => state.importCheckpoint)
  const [checkpointFolder, setCheckpointFolder] = useState('')
  const [visionFolder, setVisionFolder] = useState('')
  const [quantize, setQuantize] = useState<string>('')
  if (importing !== null) return <ImportStatus name={importing.name} progress={importing.progress} />
  const folder = checkpointFolder.trim()
  const name = folder.split(/[\\/]/).findLast(Boolean) ?? ''
  const chosen = quantizations.find(({ value }) => value === quantize)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (name === '') return
        void importCheckpoint({
          checkpointFolder: folder,
          name,
          ...(visionFolder.trim() === '' ? {} : { visionFolder: visionFolder.trim() }),
          ...(chosen === undefined ? {} : { quantize: chosen.value }),
        })
      }}
    >
      <h3>Import a LongLLaVA checkpoint</h3>
      <FolderField
        label="Folder of the checkpoint"
        placeholder="/models/LongLLaVA-9B"
        value={checkpointFolder}
        onChange={setCheckpointFolder}
      />
      <FolderField
        label="Folder of its vision tower, if it is not inside"
        placeholder="/models/clip-vit-large-patch14-336"
        value={visionFolder}
        onChange={setVisionFolder}
      />
      <label>
        Weights
        <select
          value={quantize}
          onChange={(event) => {
            setQuantize(event.target.value)
          }}
        >
          <option value="">As in the checkpoint</option>
          {quantizations.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" disabled={name === ''}>
        Import
      </Button>
    </form>
  )
}

interface FolderFieldProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (folder: string) => void
}

/** A folder by its path; on the desktop it can be chosen too. */
function FolderField({ label, placeholder, value, onChange }: FolderFieldProps) {
  const id = useId()
  const bridge = desktopBridge()
  const choose = async () => {
    const [folder] = (await bridge?.chooseFolder()) ?? []
    if (folder !== undefined) onChange(folder)
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.folder}>
        <input
          id={id}
          type="text"
          value={value}
          spellCheck={false}
          placeholder={placeholder}
          onChange={(event) => {
            onChange(event.target.value)
          }}
        />
        {bridge !== undefined && <Button onClick={() => void choose()}>Choose…</Button>}
      </div>
    </div>
  )
}

function leftWords(secondsLeft: number | null): string {
  if (secondsLeft === null) return ''
  const minutes = Math.round(secondsLeft / 60)
  return minutes < 2 ? `, about ${Math.max(1, Math.round(secondsLeft))} s left` : `, about ${minutes} min left`
}

function ImportStatus({ name, progress }: { readonly name: string; readonly progress: ImportProgress | null }) {
  const cancel = useApp((state) => state.cancelImport)
  const words =
    progress === null
      ? 'Starting'
      : `${stageWords[progress.stage]}: ${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}${leftWords(progress.secondsLeft)}`
  return (
    <div className={styles.importing}>
      <p role="status">
        {name}: {words}
      </p>
      <progress aria-label={`Import of ${name}`} max={progress?.totalBytes ?? 1} value={progress?.doneBytes ?? 0} />
      <Button onClick={cancel}>Stop the import</Button>
    </div>
  )
}
