import { ChevronDown, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import styles from './conversation-menu.module.css'

/** The name of the open conversation, which opens the list of all. */
export function ConversationMenu() {
  const open = useApp((state) => state.conversation)
  const conversations = useApp((state) => state.conversations)
  const openConversation = useApp((state) => state.openConversation)
  const removeConversation = useApp((state) => state.removeConversation)
  const removed = useApp((state) => state.removedConversation)
  const undo = useApp((state) => state.undoRemoveConversation)
  const list = useRef<HTMLDivElement>(null)
  return (
    <div className={styles.menu}>
      <button type="button" className={styles.title} popoverTarget="conversation-list">
        <span className={styles.name}>
          {open === null || open.title === '' ? 'New conversation' : open.title}
        </span>
        <ChevronDown size={16} aria-hidden />
      </button>
      <div id="conversation-list" popover="auto" ref={list} className={styles.list}>
        {conversations.length === 0 && <p className={styles.empty}>No conversations yet.</p>}
        <ul aria-label="Conversations">
          {conversations.map(({ id, title, turns }) => (
            <li key={id} className={styles.entry}>
              <button
                type="button"
                className={styles.open}
                aria-current={id === open?.id}
                onClick={() => {
                  list.current?.hidePopover()
                  void openConversation(id)
                }}
              >
                <span className={styles.name}>{title === '' ? 'New conversation' : title}</span>
                <span className={styles.count}>{turns}</span>
              </button>
              <IconButton
                label={`Remove ${title === '' ? 'this conversation' : title}`}
                icon={<Trash2 size={16} aria-hidden />}
                onClick={() => void removeConversation(id)}
              />
            </li>
          ))}
        </ul>
        {removed !== null && (
          <p className={styles.removed}>
            <span className={styles.name}>Removed “{removed.title}”.</span>
            <Button look="quiet" onClick={() => void undo()}>
              Undo
            </Button>
          </p>
        )}
      </div>
    </div>
  )
}
