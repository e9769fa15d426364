import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { formatBytes } from '../../../app/domain/format-bytes'
import type { ModelEntry } from '../../../app/contract/models'
import { Button, IconButton } from '../../shared/ui/button'
import { Dialog } from '../../shared/ui/dialog'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { ImportForm } from './import-form'
import styles from './models-dialog.module.css'

/** The models on this machine: choose one, import a checkpoint, remove an imported one. */
export function ModelsDialog() {
  const close = useApp((state) => state.closeModels)
  const models = useApp((state) => state.models)
  const failure = useApp((state) => state.modelsFailure)
  return (
    <Dialog title="Models" onClose={close}>
      {failure !== null && <FailureNotice failure={failure} />}
      <ul className={styles.list} aria-label="Models">
        {models.map((model) => (
          <ModelRow key={model.folder} model={model} />
        ))}
      </ul>
      <ImportForm />
    </Dialog>
  )
}

function nameOf({ description, folder }: ModelEntry): string {
  return description?.name ?? folder.split(/[\\/]/).at(-1) ?? folder
}

function ModelRow({ model }: { readonly model: ModelEntry }) {
  const choose = useApp((state) => state.chooseModel)
  const [isDeleting, setDeleting] = useState(false)
  const { description, problem, bundled, chosen, sizeBytes } = model
  const name = nameOf(model)
  return (
    <li className={styles.model}>
      <div className={styles.words}>
        <strong>{name}</strong>
        <span className={styles.facts}>
          {[
            formatBytes(sizeBytes),
            bundled ? 'bundled' : '',
            description === null ? '' : `licence: ${description.license}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {description !== null && <p>{description.about}</p>}
        {problem !== null && <p className={styles.problem}>{problem.body}</p>}
      </div>
      {isDeleting ? (
        <DeleteQuestion
          model={model}
          onKeep={() => {
            setDeleting(false)
          }}
        />
      ) : (
        <>
          <Button
            disabled={chosen || description === null}
            aria-label={chosen ? `${name} is in use` : `Use ${name}`}
            onClick={() => void choose(model.folder)}
          >
            {chosen ? 'In use' : 'Use'}
          </Button>
          {!bundled && (
            <IconButton
              label={`Delete ${name} from this machine`}
              icon={<Trash2 size={16} aria-hidden />}
              disabled={chosen}
              onClick={() => {
                setDeleting(true)
              }}
            />
          )}
        </>
      )}
    </li>
  )
}

/** Gigabytes that took long to import cannot be brought back: this is asked, in place. */
function DeleteQuestion({ model, onKeep }: { readonly model: ModelEntry; readonly onKeep: () => void }) {
  const remove = useApp((state) => state.removeModel)
  return (
    <div className={styles.question} role="group" aria-label={`Delete ${nameOf(model)}?`}>
      <Button onClick={() => void remove(model.folder)}>Delete {formatBytes(model.sizeBytes)}</Button>
      <Button autoFocus look="quiet" onClick={onKeep}>
        Keep
      </Button>
    </div>
  )
}
