import { SquarePen } from 'lucide-react'
import { IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { commandById, shownKeys } from '../shortcuts'
import { ConversationLog } from './conversation-log'
import { ConversationMenu } from './conversation-menu'
import styles from './conversation-panel.module.css'
import { focusQuestion } from './focus-question'
import { QuestionArea } from './question-area'

interface ConversationPanelProps {
  /** False where the question box stands elsewhere. */
  readonly hasQuestion?: boolean
}

/** What was asked and answered, and where the next question is written. */
export function ConversationPanel({ hasQuestion = true }: ConversationPanelProps) {
  const newConversation = useApp((state) => state.newConversation)
  return (
    <section className={styles.panel} aria-label="Questions and answers">
      <h2 className="visually-hidden">Questions and answers</h2>
      <header className={styles.header}>
        <ConversationMenu />
        <IconButton
          label="New conversation"
          shortcut={shownKeys(commandById('conversation.new').keys[0] ?? '')}
          icon={<SquarePen size={16} aria-hidden />}
          onClick={() => {
            void newConversation().then(focusQuestion)
          }}
        />
      </header>
      <ConversationLog />
      {hasQuestion && <QuestionArea />}
    </section>
  )
}
