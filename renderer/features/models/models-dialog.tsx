import { ArrowLeft, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { formatBytes } from '../../../app/domain/format-bytes'
import type { ModelEntry } from '../../../app/contract/models'
import { Button, IconButton } from '../../shared/ui/button'
import { Dialog } from '../../shared/ui/dialog'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useRescuedFocus, useReturningFocus } from '../../shared/use-rescued-focus'
import { useApp } from '../../store/app-context'
import { ImportForm } from './import-form'
import { ModelCard } from './model-card'
import styles from './models-dialog.module.css'

/** The models on this machine: choose one, see what it can do, import a checkpoint, remove an imported one. */
export function ModelsDialog() {
  const close = useApp((state) => state.closeModels)
  const card = useApp((state) => state.shownCard)
  const leaveCard = useApp((state) => state.leaveCard)
  const model = useApp((state) => state.models.find(({ folder }) => folder === state.shownCard?.folder))
  const [lastCard, setLastCard] = useState<string | null>(null)
  if (card === null) {
    return (
      <Dialog title="Models" onClose={close}>
        <ModelList lastCard={lastCard} />
      </Dialog>
    )
  }
  const back = () => {
    setLastCard(card.folder)
    leaveCard()
  }
  return (
    <Dialog
      title={`What can ${model === undefined ? 'this model' : nameOf(model)} do?`}
      before={<IconButton label="All models" icon={<ArrowLeft size={16} aria-hidden />} onClick={back} />}
      isWide
      onClose={close}
    >
      <ModelCard key={card.folder} card={card} model={model} />
    </Dialog>
  )
}

/** `lastCard`: the folder of the model whose card was just left; the focus goes back to its button. */
function ModelList({ lastCard }: { readonly lastCard: string | null }) {
  const models = useApp((state) => state.models)
  const failure = useApp((state) => state.modelsFailure)
  const list = useRef<HTMLUListElement>(null)
  // The row of a model that was deleted had the focus.
  useRescuedFocus(list, models)
  return (
    <>
      {failure !== null && <FailureNotice failure={failure} />}
      <ul ref={list} tabIndex={-1} className={styles.list} aria-label="Models">
        {models.map((model) => (
          <ModelRow key={model.folder} model={model} isLastCard={model.folder === lastCard} />
        ))}
      </ul>
      <ImportForm />
    </>
  )
}

function nameOf({ description, folder }: ModelEntry): string {
  return description?.name ?? folder.split(/[\\/]/).at(-1) ?? folder
}

interface ModelRowProps {
  readonly model: ModelEntry
  readonly isLastCard: boolean
}

function ModelRow({ model, isLastCard }: ModelRowProps) {
  const choose = useApp((state) => state.chooseModel)
  const [isDeleting, setDeleting] = useState(false)
  const deleteButton = useRef<HTMLButtonElement>(null)
  useReturningFocus(deleteButton, isDeleting)
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
        {description !== null && <CardButton model={model} hasFocus={isLastCard} />}
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
              ref={deleteButton}
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

function CardButton({ model, hasFocus }: { readonly model: ModelEntry; readonly hasFocus: boolean }) {
  const openCard = useApp((state) => state.openCard)
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (hasFocus) ref.current?.focus()
  }, [hasFocus])
  return (
    <button
      ref={ref}
      type="button"
      className={styles.cardLink}
      aria-label={`What can this model do? ${nameOf(model)}`}
      onClick={() => void openCard(model.folder)}
    >
      What can this model do?
    </button>
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
