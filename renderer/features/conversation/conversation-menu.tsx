import { Check, ChevronDown, Pencil, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { ConversationSummary } from '../../../app/contract/chat'
import { Button, IconButton } from '../../shared/ui/button'
import { useRescuedFocus, useReturningFocus } from '../../shared/use-rescued-focus'
import { useApp } from '../../store/app-context'
import styles from './conversation-menu.module.css'

const UNTITLED = 'New conversation'

function shownTitle(title: string): string {
  return title === '' ? UNTITLED : title
}

/** The name of the open conversation, which opens the list of all. */
export function ConversationMenu() {
  const title = useApp((state) => state.conversation?.title ?? '')
  const [isOpen, setOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  return (
    <div className={styles.menu}>
      <button type="button" className={styles.title} popoverTarget="conversation-list">
        <span className={styles.name}>{shownTitle(title)}</span>
        <ChevronDown size={16} aria-hidden />
      </button>
      <div
        id="conversation-list"
        popover="auto"
        ref={list}
        className={styles.list}
        onToggle={({ newState }) => {
          setOpen(newState === 'open')
        }}
      >
        {isOpen && (
          <ConversationList
            onChosen={() => {
              list.current?.hidePopover()
            }}
          />
        )}
      </div>
    </div>
  )
}

function ConversationList({ onChosen }: { readonly onChosen: () => void }) {
  const conversations = useApp((state) => state.conversations)
  const removed = useApp((state) => state.removedConversation)
  const list = useRef<HTMLUListElement>(null)
  return (
    <>
      {conversations.length === 0 && <p className={styles.empty}>No conversations yet.</p>}
      <ul ref={list} tabIndex={-1} aria-label="Conversations">
        {conversations.map((one) => (
          <ConversationEntry key={one.id} conversation={one} onChosen={onChosen} />
        ))}
      </ul>
      {removed !== null && (
        <UndoRemove
          key={removed.id}
          title={shownTitle(removed.title)}
          onUndo={() => {
            list.current?.focus()
          }}
        />
      )}
    </>
  )
}

function UndoRemove({ title, onUndo }: { readonly title: string; readonly onUndo: () => void }) {
  const undo = useApp((state) => state.undoRemoveConversation)
  const button = useRef<HTMLButtonElement>(null)
  // The button that removed it is gone with it.
  useRescuedFocus(button)
  return (
    <p className={styles.removed}>
      <span className={styles.name}>Removed “{title}”.</span>
      <Button
        ref={button}
        look="quiet"
        onClick={() => {
          onUndo()
          void undo()
        }}
      >
        Undo
      </Button>
    </p>
  )
}

interface ConversationEntryProps {
  readonly conversation: ConversationSummary
  readonly onChosen: () => void
}

function ConversationEntry({ conversation, onChosen }: ConversationEntryProps) {
  const { id, turns } = conversation
  const title = shownTitle(conversation.title)
  const isCurrent = useApp((state) => state.conversation?.id === id)
  const openConversation = useApp((state) => state.openConversation)
  const removeConversation = useApp((state) => state.removeConversation)
  const [isRenaming, setRenaming] = useState(false)
  const renameButton = useRef<HTMLButtonElement>(null)
  useReturningFocus(renameButton, isRenaming)
  if (isRenaming) {
    return (
      <li className={styles.entry}>
        <RenameForm
          id={id}
          title={title}
          onDone={() => {
            setRenaming(false)
          }}
        />
      </li>
    )
  }
  return (
    <li className={styles.entry}>
      <button
        type="button"
        className={styles.open}
        aria-current={isCurrent}
        onClick={() => {
          onChosen()
          void openConversation(id)
        }}
      >
        <span className={styles.name}>{title}</span>
        <span className={styles.count}>
          {turns} {turns === 1 ? 'question' : 'questions'}
        </span>
      </button>
      <IconButton
        ref={renameButton}
        label={`Rename ${title}`}
        icon={<Pencil size={16} aria-hidden />}
        onClick={() => {
          setRenaming(true)
        }}
      />
      <IconButton
        label={`Remove ${title}`}
        icon={<Trash2 size={16} aria-hidden />}
        onClick={() => void removeConversation(id)}
      />
    </li>
  )
}

interface RenameFormProps {
  readonly id: string
  readonly title: string
  readonly onDone: () => void
}

function RenameForm({ id, title, onDone }: RenameFormProps) {
  const rename = useApp((state) => state.renameConversation)
  const [text, setText] = useState(title)
  return (
    <form
      className={styles.rename}
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') void rename(id, text.trim())
        onDone()
      }}
    >
      <input
        type="text"
        aria-label="Name of the conversation"
        value={text}
        maxLength={200}
        autoFocus
        onChange={(event) => {
          setText(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          onDone()
        }}
      />
      <IconButton type="submit" label="Keep this name" icon={<Check size={16} aria-hidden />} />
    </form>
  )
}
