import type { Draft } from '../../../app/contract/chat'

const SAVE_AFTER_MS = 400

/** What is to be saved. */
export interface PendingDraft {
  readonly conversationId: string
  readonly draft: Draft
}

/** Saves the draft shortly after it stopped changing; `flush` before it could get lost. */
export class DraftSaver {
  private readonly save: (pending: PendingDraft) => Promise<void>
  private pending: PendingDraft | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(save: (pending: PendingDraft) => Promise<void>) {
    this.save = save
  }

  schedule(conversationId: string, draft: Draft): void {
    this.pending = { conversationId, draft }
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      void this.flush()
    }, SAVE_AFTER_MS)
  }

  /** Nothing is to be saved any more: the question was asked, which empties the saved draft too. */
  cancel(): void {
    clearTimeout(this.timer)
    this.pending = null
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer)
    const { pending } = this
    this.pending = null
    if (pending !== null) await this.save(pending)
  }
}
