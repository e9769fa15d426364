import { ArrowDown, SquarePen } from 'lucide-react'
import { Button, IconButton } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { commandById, shownKeys } from '../shortcuts'
import { ConversationMenu } from './conversation-menu'
import styles from './conversation-panel.module.css'
import { QuestionBox } from './question-box'
import { Suggestions } from './suggestions'
import { TurnView } from './turn-view'
import { useStickToEnd } from './use-stick-to-end'

/** What was asked and answered, and where the next question is written. */
export function ConversationPanel() {
  const turns = useApp((state) => state.conversation?.items)
  const newConversation = useApp((state) => state.newConversation)
  const failure = useApp((state) => state.conversationFailure)
  const dismiss = useApp((state) => state.dismissConversationFailure)
  const { scroller, content, isAtEnd, goToEnd } = useStickToEnd()
  return (
    <section className={styles.panel} aria-label="Questions and answers">
      <header className={styles.header}>
        <ConversationMenu />
        <IconButton
          label="New conversation"
          shortcut={shownKeys(commandById('conversation.new').keys[0] ?? '')}
          icon={<SquarePen size={16} aria-hidden />}
          onClick={() => void newConversation()}
        />
      </header>
      <div
        ref={scroller}
        className={styles.scroller}
        tabIndex={0}
        role="group"
        aria-label="Scrollable conversation"
      >
        <div ref={content} role="log" aria-label="Conversation" aria-live="polite" className={styles.log}>
          {turns?.map((turn, index) => (
            <TurnView key={turn.id} turn={turn} isLast={index === turns.length - 1} />
          ))}
        </div>
        {(turns === undefined || turns.length === 0) && <Suggestions />}
      </div>
      <div className={styles.foot}>
        {!isAtEnd && (
          <Button className={styles.toEnd} icon={<ArrowDown size={16} aria-hidden />} onClick={goToEnd}>
            Latest
          </Button>
        )}
        {failure !== null && (
          <FailureNotice failure={failure} action={<Button onClick={dismiss}>Close this message</Button>} />
        )}
        <QuestionBox />
      </div>
    </section>
  )
}
