import type { Conversation, ConversationSummary, Draft } from '../../contract/chat'
import { AppError } from '../../contract/errors'
import type { Changes, Topic } from '../database/changes'
import type { Database } from '../database/database'
import { randomId } from '../random-id'
import { type ConversationRow, conversationRow, toSummary } from './turn-row'
import type { TurnRepository } from './turn-repository'

const SELECT = `
  SELECT conversations.*, (SELECT count(*) FROM turns WHERE conversation_id = conversations.id) AS turns
  FROM conversations`

const NO_TITLE = 'New conversation'
const TITLE_LENGTH = 60

export function topicOf(conversationId: string): Topic {
  return `conversation:${conversationId}`
}

export class ConversationRepository {
  readonly #database: Database
  readonly #changes: Changes
  readonly #turns: TurnRepository
  readonly #now: () => number

  constructor(parts: { database: Database; changes: Changes; turns: TurnRepository; now: () => number }) {
    this.#database = parts.database
    this.#changes = parts.changes
    this.#turns = parts.turns
    this.#now = parts.now
  }

  list(): ConversationSummary[] {
    return this.#database
      .all(conversationRow, `${SELECT} WHERE removed_at IS NULL ORDER BY updated_at DESC, rowid DESC`)
      .map(toSummary)
  }

  create(): Conversation {
    const id = randomId()
    const now = this.#now()
    const draft: Draft = { text: '', media: [] }
    this.#changes.write(['conversations'], () => {
      this.#database.run(
        'INSERT INTO conversations (id, title, created_at, updated_at, draft) VALUES (?, ?, ?, ?, ?)',
        id,
        NO_TITLE,
        now,
        now,
        JSON.stringify(draft),
      )
    })
    return this.get(id)
  }

  /** Throws `gone` when it does not exist or was removed. */
  row(id: string): ConversationRow {
    const row = this.#find(id)
    if (row === undefined || row.removed_at !== null) throw gone(id)
    return row
  }

  get(id: string): Conversation {
    const row = this.row(id)
    return { ...toSummary(row), items: this.#turns.list(id), draft: row.draft }
  }

  rename(id: string, title: string): void {
    this.row(id)
    this.#changes.write(['conversations', topicOf(id)], () => {
      this.#database.run('UPDATE conversations SET title = ?, titled = 1 WHERE id = ?', title, id)
    })
  }

  setRemoved(id: string, removed: boolean): void {
    if (this.#find(id) === undefined) throw gone(id)
    this.#changes.write(['conversations', topicOf(id)], () => {
      this.#database.run(
        'UPDATE conversations SET removed_at = ? WHERE id = ?',
        removed ? this.#now() : null,
        id,
      )
    })
  }

  /** Saved without telling other windows: a draft belongs to the one where it is typed. */
  saveDraft(id: string, draft: Draft): void {
    this.row(id)
    this.#database.run('UPDATE conversations SET draft = ? WHERE id = ?', JSON.stringify(draft), id)
  }

  /** Call inside the transaction that saves the question: titles the conversation and empties its draft. */
  noteQuestion(id: string, question: string): void {
    this.#database.run(
      `UPDATE conversations SET updated_at = ?1, draft = ?2, titled = 1,
         title = CASE WHEN titled = 1 THEN title ELSE ?3 END WHERE id = ?4`,
      this.#now(),
      JSON.stringify({ text: '', media: [] } satisfies Draft),
      titleFrom(question),
      id,
    )
  }

  /** Call inside the transaction that asks a question again: what is typed meanwhile is the next one, and stays. */
  noteAskedAgain(id: string): void {
    this.#database.run('UPDATE conversations SET updated_at = ? WHERE id = ?', this.#now(), id)
  }

  /** Deletes what was removed before `time`, and what was begun before it and never used. */
  purge(time: number): void {
    const empty = JSON.stringify({ text: '', media: [] } satisfies Draft)
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM conversations WHERE removed_at < ?', time)
      this.#database.run(
        `DELETE FROM conversations WHERE updated_at < ? AND titled = 0 AND draft = ? AND NOT EXISTS
           (SELECT 1 FROM turns WHERE conversation_id = conversations.id)`,
        time,
        empty,
      )
    })
  }

  #find(id: string): ConversationRow | undefined {
    return this.#database.get(conversationRow, `${SELECT} WHERE id = ?`, id)
  }
}

function gone(id: string): AppError {
  return new AppError('gone', `no conversation ${id}`, { what: 'conversation' })
}

/** The first question on one line, cut at a word. */
export function titleFrom(question: string): string {
  const line = question.replace(/\s+/g, ' ').trim()
  if (line.length <= TITLE_LENGTH) return line
  const cut = line.slice(0, TITLE_LENGTH)
  const space = cut.lastIndexOf(' ')
  return `${(space > TITLE_LENGTH / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
