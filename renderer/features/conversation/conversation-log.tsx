import { ArrowDown } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { AnswerAnnouncer } from './answer-announcer'
import styles from './conversation-panel.module.css'
import { Suggestions } from './suggestions'
import { TurnView } from './turn-view'
import { useGrowingList } from './use-growing-list'
import { useStickToEnd } from './use-stick-to-end'

/** Every question with its answer; follows the end for as long as the person is there. */
export function ConversationLog() {
  const conversationId = useApp((state) => state.conversation?.id ?? '')
  const turns = useApp((state) => state.conversation?.items)
  const length = turns?.length ?? 0
  const count = useGrowingList(conversationId, length)
  const { scroller, content, isAtEnd, goToEnd } = useStickToEnd()
  useEffect(goToEnd, [goToEnd, conversationId, length])
  return (
    <div className={styles.body}>
      <div
        ref={scroller}
        className={styles.scroller}
        tabIndex={0}
        role="group"
        aria-label="Scrollable conversation"
        data-uses-page-keys
      >
        <div
          ref={content}
          role="log"
          aria-label="Conversation"
          aria-live="polite"
          aria-busy={count < length}
          className={styles.log}
        >
          {turns?.slice(length - count).map((turn, index) => (
            <TurnView key={turn.id} turn={turn} isLast={index === count - 1} />
          ))}
        </div>
        {length === 0 && <Suggestions />}
      </div>
      <AnswerAnnouncer />
      {!isAtEnd && (
        <Button
          className={styles.toEnd}
          icon={<ArrowDown size={16} aria-hidden />}
          onClick={() => {
            goToEnd()
            // At the end the button goes, and the focus with it.
            scroller.current?.focus({ preventScroll: true })
          }}
        >
          Latest
        </Button>
      )}
    </div>
  )
}
