import { lazy, Suspense, useEffect, useRef } from 'react'
import type { ModelEntry } from '../../../app/contract/models'
import { modelFacts } from '../../../app/domain/model-facts'
import { FailureNotice } from '../../shared/ui/failure-notice'
import typeset from '../../shared/ui/typeset.module.css'
import styles from './model-card.module.css'
import type { ShownCard } from './models-slice'

const CardText = lazy(() => import('./card-text').then((module) => ({ default: module.CardText })))

interface ModelCardProps {
  readonly card: ShownCard
  /** Undefined when it was removed meanwhile. */
  readonly model: ModelEntry | undefined
}

/** What a model can do: first what the program knows of it, then what its makers say. */
export function ModelCard({ card, model }: ModelCardProps) {
  const ref = useRef<HTMLElement>(null)
  // After the dialog has opened and chosen a button: from here the keys that scroll work at once.
  useEffect(() => {
    ref.current?.focus()
  }, [])
  const description = model?.description ?? null
  const hasCard = card.kind === 'ready' && card.markdown !== null
  return (
    <article ref={ref} tabIndex={-1} className={styles.card} aria-label="Model card">
      {description !== null && !hasCard && <p>{description.about}</p>}
      {description !== null && (
        <dl className={styles.facts}>
          {modelFacts(description).map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <MakersWords card={card} />
    </article>
  )
}

function MakersWords({ card }: { readonly card: ShownCard }) {
  if (card.kind === 'failed') return <FailureNotice failure={card.failure} />
  if (card.kind === 'loading') return <p className={styles.quiet}>Reading its model card…</p>
  if (card.markdown === null) {
    return <p className={styles.quiet}>No model card came with it: that is all that is known.</p>
  }
  return (
    <div className={`${typeset.text ?? ''} ${styles.words ?? ''}`}>
      <Suspense fallback={<p className={styles.quiet}>Reading its model card…</p>}>
        <CardText markdown={card.markdown} />
      </Suspense>
    </div>
  )
}
