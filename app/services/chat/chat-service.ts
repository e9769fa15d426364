import type {
  Conversation,
  ConversationSummary,
  Draft,
  MediaChip,
  RequestCost,
  Turn,
  TurnEvent,
} from '../../contract/chat'
import { AppError } from '../../contract/errors'
import type { AskHandlers, AskOptions } from '../ask/ask-types'
import { Queue } from '../ask/queue'
import type { EventQueue } from '../event-queue'
import type { ChatServiceParts } from './chat-types'
import { citeAnswer, citeText } from './cite'
import { ConversationRepository, topicOf } from './conversation-repository'
import { type AskRequest, requestFrom } from './history'
import { TurnAnswer } from './turn-answer'
import { changeBetween, createTurnQueue } from './turn-feed'
import { TurnRepository } from './turn-repository'
import { isOpen, type Previous, type TurnRow } from './turn-row'

/** How often a turn that another process answers is looked at. */
const LOOK_AGAIN_MS = 300

/** Conversations and their turns. A question is saved before it is asked, its answer while it streams. */
export class ChatService {
  readonly #parts: ChatServiceParts
  readonly #turns: TurnRepository
  readonly #conversations: ConversationRepository
  /** Turns that this process answers or will answer, by id. */
  readonly #running = new Map<string, { answer: TurnAnswer; done: Promise<void> }>()
  /** Answers that ended here and could not be saved (a full disk), by their turns' ids: all there is of them. */
  readonly #unsaved = new Map<string, { answer: TurnAnswer; save: () => void }>()
  readonly #queue = new Queue()

  constructor(parts: ChatServiceParts) {
    this.#parts = parts
    const now = parts.now ?? Date.now
    this.#turns = new TurnRepository(parts.database, now)
    this.#conversations = new ConversationRepository({ ...parts, turns: this.#turns, now })
    this.interruptOrphans()
  }

  list(): ConversationSummary[] {
    return this.#conversations.list()
  }

  create(): Conversation {
    return this.#conversations.create()
  }

  /** Turns that are answered here are as fresh as memory has them. */
  get(id: string): Conversation {
    const conversation = this.#conversations.get(id)
    const items = conversation.items.map((turn) => this.#answerHere(turn.id)?.turn ?? turn)
    return { ...conversation, items }
  }

  rename(id: string, title: string): void {
    this.#conversations.rename(id, title)
  }

  remove(id: string): void {
    this.#conversations.row(id)
    for (const row of this.#turns.rows(id)) if (isOpen(row.status)) this.stop(row.id)
    this.#conversations.setRemoved(id, true)
  }

  restore(id: string): Conversation {
    this.#conversations.setRemoved(id, false)
    return this.get(id)
  }

  saveDraft(id: string, draft: Draft): void {
    this.#conversations.saveDraft(id, draft)
  }

  async cost(
    conversationId: string,
    question: string,
    media: readonly MediaChip[],
    signal?: AbortSignal,
  ): Promise<RequestCost> {
    this.#conversations.row(conversationId)
    this.#checkMedia(media)
    const request = this.#request(this.#turns.rows(conversationId), question, media)
    return this.#parts.ask.cost(
      request.turns,
      await this.#options(''),
      signal === undefined ? {} : { signal },
    )
  }

  /** The question is on disk when this returns; its answer comes by `follow`. */
  ask(conversationId: string, question: string, media: readonly MediaChip[]): Turn {
    this.#conversations.row(conversationId)
    this.#checkMedia(media)
    const id = this.#write(conversationId, () => {
      this.#conversations.noteQuestion(conversationId, question)
      return this.#turns.insert(conversationId, question, media, this.#parts.processes.id)
    })
    return this.#start(id)
  }

  follow(turnId: string, signal?: AbortSignal): EventQueue<TurnEvent> {
    return this.#answerHere(turnId)?.follow(signal) ?? this.#followStored(turnId, signal)
  }

  /** Stops at once when it is answered here, within a second when another process answers it. */
  stop(turnId: string): void {
    const row = this.#turns.row(turnId)
    const running = this.#running.get(turnId)
    if (running !== undefined) running.answer.end('stop')
    else if (this.#unsaved.has(turnId)) this.#saveEnd(turnId)
    else if (isOpen(row.status)) this.#turns.requestStop(turnId)
  }

  /**
   * Asks the last question again, as it was or edited. The old question and its answer stay in the database until the
   * new answer has a word of its own, and come back when it ends without one.
   */
  async retry(turnId: string, question?: string): Promise<Turn> {
    await this.#stopAndWait(turnId)
    const row = this.#lastTurn(turnId)
    return this.#reopen(row, question ?? row.question, '', row.answer === '' ? null : toPrevious(row))
  }

  /** Goes on with an answer that was stopped or interrupted. */
  resume(turnId: string): Turn {
    this.#saveEnd(turnId)
    const row = this.#lastTurn(turnId)
    if (row.status !== 'stopped' && row.status !== 'interrupted') {
      throw new AppError(
        'invalid_input',
        `turn ${turnId}: expected stopped or interrupted, got ${row.status}`,
        {
          reason: 'Only an answer that broke off can be continued',
        },
      )
    }
    return this.#reopen(row, row.question, row.answer, null)
  }

  /**
   * Call now and then: what a full disk refused is saved, turns whose process is gone become interrupted, and stops
   * asked for elsewhere are heard.
   */
  sweep(): void {
    this.#saveEnds()
    for (const id of this.#turns.stopRequested(this.#parts.processes.id))
      this.#running.get(id)?.answer.end('stop')
    this.#parts.processes.forgetDead()
    this.interruptOrphans()
  }

  interruptOrphans(): void {
    for (const row of this.#turns.orphans()) {
      const request = this.#request([], row.question, this.#turns.media(row.id))
      this.#write(row.conversation_id, () => {
        this.#turns.interrupt(row, citeText(row.answer, request))
      })
    }
  }

  /** Deletes for good what was removed before `time`. */
  purge(time: number): void {
    this.#conversations.purge(time)
  }

  /** Breaks off what is being answered (it can be resumed) and waits until that is saved. */
  async close(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { answer } of running) answer.end('close')
    await Promise.all(running.map(({ done }) => done))
    this.#saveEnds()
  }

  #reopen(row: TurnRow, question: string, answer: string, previous: Previous | null): Turn {
    const isMine = this.#write(row.conversation_id, () => {
      this.#conversations.noteAskedAgain(row.conversation_id)
      return this.#turns.reopen(row.id, this.#parts.processes.id, question, answer, previous)
    })
    // Another window was quicker: then its answer is the one to follow.
    return isMine ? this.#start(row.id) : this.#turns.get(row.id)
  }

  #start(id: string): Turn {
    const row = this.#turns.row(id)
    const turn = this.#turns.get(id)
    const owner = this.#parts.processes.id
    let request: AskRequest = { turns: [], items: [] }
    const answer = new TurnAnswer({
      turn,
      previous: row.previous,
      ask: (handlers, signal) =>
        this.#queue.run(async () => {
          await this.#earlierTurnsEnd(row, signal)
          const earlier = this.#turns
            .rows(row.conversation_id)
            .filter(({ position }) => position < row.position)
          request = this.#request(earlier, row.question, turn.media)
          return this.#askModel(request, turn.answer, handlers)
        }, signal),
      cite: (text, whole) =>
        whole === null ? citeText(text, request) : citeAnswer(whole.citations, request.items),
      saveText: (state) => this.#turns.saveText(id, owner, state),
      finish: (state) => {
        const save = (): void => {
          this.#write(row.conversation_id, () => this.#turns.finish(id, owner, state))
        }
        try {
          save()
        } catch (error) {
          this.#unsaved.set(id, { answer, save })
          throw error
        }
      },
    })
    const done = answer.run().finally(() => this.#running.delete(id))
    this.#running.set(id, { answer, done })
    return turn
  }

  #answerHere(turnId: string): TurnAnswer | undefined {
    return (this.#running.get(turnId) ?? this.#unsaved.get(turnId))?.answer
  }

  /** Saves the end of an answer that could not be saved when it ended, if there is such. Throws what saving throws. */
  #saveEnd(turnId: string): void {
    this.#unsaved.get(turnId)?.save()
    this.#unsaved.delete(turnId)
  }

  #saveEnds(): void {
    for (const turnId of this.#unsaved.keys()) {
      try {
        this.#saveEnd(turnId)
      } catch {
        // Its disk is still full: the next sweep tries again.
      }
    }
  }

  async #askModel(request: AskRequest, continueReply: string, handlers: AskHandlers) {
    const options = await this.#options(continueReply)
    const { observer } = this.#parts
    const result = await this.#parts.ask.ask(request.turns, options, {
      ...handlers,
      onReady: (ready) => {
        handlers.onReady?.(ready)
        observer?.ready(ready)
      },
    })
    observer?.used(result.usage)
    return result
  }

  async #options(continueReply: string): Promise<AskOptions> {
    const { maxFrames, intervalSeconds, maxTokens, contextTokens, threads } = this.#parts.settings.get()
    const modelFolder = await this.#parts.modelFolder()
    const sampling = { temperature: null, seed: null }
    return {
      modelFolder,
      maxFrames,
      intervalSeconds,
      maxTokens,
      contextTokens,
      threads,
      ...sampling,
      continueReply,
    }
  }

  #request(earlier: readonly TurnRow[], question: string, media: readonly MediaChip[]): AskRequest {
    const turns = earlier.map((row) => ({ row, media: this.#turns.media(row.id) }))
    return requestFrom(turns, question, media, (id) => this.#parts.library.row(id))
  }

  /** An earlier question of this conversation may be answered by another process: its reply belongs to this one. */
  async #earlierTurnsEnd(row: TurnRow, signal: AbortSignal): Promise<void> {
    const openTurns = (): TurnRow[] =>
      this.#turns
        .rows(row.conversation_id)
        .filter((other) => other.position < row.position && isOpen(other.status))
    for (let open = openTurns(); open.length > 0; open = openTurns()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      if (signal.aborted) throw new AppError('cancelled', 'stopped while waiting for an earlier question')
      // One that ended here and could not be saved has nobody else to end it: all questions would wait for ever.
      for (const { id } of open) this.#saveEnd(id)
    }
  }

  #followStored(turnId: string, signal: AbortSignal | undefined): EventQueue<TurnEvent> {
    let seen = this.#turns.get(turnId)
    const feed = createTurnQueue(signal, () => {
      clearInterval(timer)
    })
    const timer = setInterval(() => {
      try {
        const turn = this.#turns.get(turnId)
        const event = changeBetween(seen, turn)
        seen = turn
        if (event !== null) feed.push(event)
      } catch {
        // Deleted meanwhile, or the database is closing: there is nothing more to tell.
        feed.end()
      }
      if (!isOpen(seen.status)) feed.end()
    }, LOOK_AGAIN_MS)
    feed.push({ kind: 'state', turn: seen })
    if (!isOpen(seen.status)) feed.end()
    return feed
  }

  async #stopAndWait(turnId: string): Promise<void> {
    this.stop(turnId)
    await this.#running.get(turnId)?.done
    this.#saveEnd(turnId)
    const deadline = performance.now() + 10 * LOOK_AGAIN_MS
    while (isOpen(this.#turns.row(turnId).status) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
  }

  #lastTurn(turnId: string): TurnRow {
    const row = this.#turns.row(turnId)
    this.#conversations.row(row.conversation_id)
    if (this.#turns.rows(row.conversation_id).at(-1)?.id !== turnId) {
      throw new AppError('invalid_input', `turn ${turnId}: expected the last of its conversation`, {
        reason: 'Only the last question can be asked again or continued',
      })
    }
    return row
  }

  #checkMedia(media: readonly MediaChip[]): void {
    for (const chip of media) {
      this.#parts.library.presentRow(chip.itemId)
      if (chip.range !== null && chip.range.end <= chip.range.start) {
        throw new AppError(
          'invalid_input',
          `range: expected end > start, got ${chip.range.start}…${chip.range.end}`,
          {
            reason: 'The marked part ends before it begins',
          },
        )
      }
    }
  }

  #write<T>(conversationId: string, work: () => T): T {
    return this.#parts.changes.write(['conversations', topicOf(conversationId)], work)
  }
}

function toPrevious(row: TurnRow): Previous {
  const { question, answer, status, failure, citations, usage, model } = row
  return { question, answer, status, failure, citations, usage, model }
}
