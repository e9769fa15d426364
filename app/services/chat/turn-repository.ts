import { z } from 'zod'
import type { Citation, MediaChip, Turn } from '../../contract/chat'
import { AppError } from '../../contract/errors'
import type { Database } from '../database/database'
import { randomId } from '../random-id'
import { isOpen, type Previous, toTurn, type TurnRow, turnRow } from './turn-row'

const mediaRow = z.object({
  turn_id: z.string(),
  item_id: z.string(),
  range_start: z.number().nullable(),
  range_end: z.number().nullable(),
  tiles: z.number(),
})

const stopRow = z.object({ stop_requested: z.number() })

/** What is written of a turn while and after it is answered. */
export interface TurnState extends Pick<
  Turn,
  'answer' | 'status' | 'failure' | 'citations' | 'usage' | 'model'
> {
  /** Only with the answer before a retry, whose question may have been another one. */
  readonly question?: string | undefined
}

/** Turns in the database. Writes here belong in a transaction of the caller, who tells the windows. */
export class TurnRepository {
  readonly #database: Database
  readonly #now: () => number

  constructor(database: Database, now: () => number) {
    this.#database = database
    this.#now = now
  }

  list(conversationId: string): Turn[] {
    return this.rows(conversationId).map((row) => toTurn(row, this.media(row.id)))
  }

  rows(conversationId: string): TurnRow[] {
    return this.#database.all(
      turnRow,
      'SELECT * FROM turns WHERE conversation_id = ? ORDER BY position',
      conversationId,
    )
  }

  /** Throws `gone`. */
  row(id: string): TurnRow {
    const row = this.#database.get(turnRow, 'SELECT * FROM turns WHERE id = ?', id)
    if (row === undefined) throw new AppError('gone', `no turn ${id}`, { what: 'question' })
    return row
  }

  get(id: string): Turn {
    return toTurn(this.row(id), this.media(id))
  }

  media(turnId: string): MediaChip[] {
    return this.#database
      .all(mediaRow, 'SELECT * FROM turn_media WHERE turn_id = ? ORDER BY position', turnId)
      .map((row) => ({
        itemId: row.item_id,
        range:
          row.range_start === null || row.range_end === null
            ? null
            : { start: row.range_start, end: row.range_end },
        tiles: row.tiles === 1,
      }))
  }

  insert(conversationId: string, question: string, media: readonly MediaChip[], owner: string): string {
    const id = randomId()
    this.#database.run(
      `INSERT INTO turns (id, conversation_id, position, question, answer, status, citations, model, asked_at, owner)
       SELECT ?1, ?2, coalesce(max(position) + 1, 0), ?3, '', 'waiting', '[]', '', ?4, ?5
       FROM turns WHERE conversation_id = ?2`,
      id,
      conversationId,
      question,
      this.#now(),
      owner,
    )
    media.forEach((chip, position) => {
      this.#database.run(
        'INSERT INTO turn_media (turn_id, position, item_id, range_start, range_end, tiles) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        position,
        chip.itemId,
        chip.range?.start ?? null,
        chip.range?.end ?? null,
        chip.tiles ? 1 : 0,
      )
    })
    return id
  }

  /** Takes a turn that nobody answers, to answer it again. False when another process was quicker. */
  reopen(id: string, owner: string, question: string, answer: string, previous: Previous | null): boolean {
    return (
      this.#database.run(
        `UPDATE turns SET owner = ?, question = ?, answer = ?, previous = ?, status = 'waiting', failure = NULL,
           citations = '[]', usage = NULL, stop_requested = 0 WHERE id = ? AND owner IS NULL`,
        owner,
        question,
        answer,
        previous === null ? null : JSON.stringify(previous),
        id,
      ) > 0
    )
  }

  /**
   * Saves an answer as it stands. Tells whether it should go on: `lost` when the turn is another's now (or was
   * deleted), `stop` when another process asked for it.
   */
  saveText(
    id: string,
    owner: string,
    state: Pick<TurnState, 'answer' | 'status' | 'model'>,
  ): 'go' | 'stop' | 'lost' {
    const row = this.#database.get(
      stopRow,
      `UPDATE turns SET answer = ?1, status = ?2, model = ?3, previous = CASE WHEN ?1 = '' THEN previous END
       WHERE id = ?4 AND owner = ?5 RETURNING stop_requested`,
      state.answer,
      state.status,
      state.model,
      id,
      owner,
    )
    if (row === undefined) return 'lost'
    return row.stop_requested === 1 ? 'stop' : 'go'
  }

  /** Saves the end of an answer; the turn is nobody's afterwards. False when it was another's already. */
  finish(id: string, owner: string, state: TurnState): boolean {
    return (
      this.#database.run(
        `UPDATE turns SET question = coalesce(?, question), answer = ?, status = ?, failure = ?, citations = ?,
           usage = ?, model = ?, owner = NULL, stop_requested = 0, previous = NULL WHERE id = ? AND owner = ?`,
        state.question ?? null,
        state.answer,
        state.status,
        state.failure === null ? null : JSON.stringify(state.failure),
        JSON.stringify(state.citations),
        state.usage === null ? null : JSON.stringify(state.usage),
        state.model,
        id,
        owner,
      ) > 0
    )
  }

  requestStop(id: string): void {
    this.#database.run('UPDATE turns SET stop_requested = 1 WHERE id = ? AND owner IS NOT NULL', id)
  }

  stopRequested(owner: string): string[] {
    const row = z.object({ id: z.string() })
    return this.#database
      .all(row, 'SELECT id FROM turns WHERE owner = ? AND stop_requested = 1', owner)
      .map(({ id }) => id)
  }

  /** Turns that say they are open while no living process answers them. */
  orphans(): TurnRow[] {
    return this.#database
      .all(
        turnRow,
        `SELECT * FROM turns WHERE status IN ('waiting', 'reading', 'streaming')
           AND (owner IS NULL OR owner NOT IN (SELECT id FROM processes))`,
      )
      .filter((row) => isOpen(row.status))
  }

  /** What becomes of an orphan: the text so far, or the answer before a retry that had none of its own yet. */
  interrupt(row: TurnRow, citations: Citation[]): void {
    const owner = row.owner ?? randomId()
    if (row.owner === null)
      this.#database.run('UPDATE turns SET owner = ? WHERE id = ? AND owner IS NULL', owner, row.id)
    const { answer, model, previous } = row
    this.finish(
      row.id,
      owner,
      previous ?? { answer, model, citations, status: 'interrupted', failure: null, usage: null },
    )
  }
}
