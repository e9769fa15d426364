import { useApp } from '../../store/app-context'
import { selectOpenItem } from '../library'
import { chipOf, selectAskedMedia } from './asked-media'
import styles from './suggestions.module.css'

/** An empty conversation offers the next step: questions that fit what is open, and what the model can do at all. */
export function Suggestions() {
  return (
    <>
      <NextQuestions />
      <AboutModel />
    </>
  )
}

function AboutModel() {
  const model = useApp((state) => state.models.find(({ chosen }) => chosen))
  const openCard = useApp((state) => state.openCard)
  if (model?.description == null) return null
  return (
    <button type="button" className={styles.about} onClick={() => void openCard(model.folder)}>
      What can {model.description.name} do?
    </button>
  )
}

function NextQuestions() {
  const item = useApp(selectOpenItem)
  const asked = useApp((state) => selectAskedMedia(state).length)
  const suggestChips = useApp((state) => state.suggestChips)
  const ask = useApp((state) => state.ask)
  if (item === null) {
    return <p className={styles.hint}>Answers appear here, with the moments they speak of one click away.</p>
  }
  if (item.suggestedQuestions.length === 0) {
    return (
      <p className={styles.hint}>
        {`Ask below what you want to know about ${asked > 1 ? `these ${asked}` : item.name}.`}
        {asked <= 1 &&
          item.kind === 'video' &&
          ' To ask about a part of it, mark where it begins and ends first.'}
      </p>
    )
  }
  return (
    <div className={styles.suggestions}>
      <p className={styles.hint}>Try one of these:</p>
      <ul className={styles.list}>
        {item.suggestedQuestions.map((question) => (
          <li key={question}>
            <button
              type="button"
              className={styles.question}
              onClick={() => {
                suggestChips([chipOf(item, null)])
                void ask(question)
              }}
            >
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
