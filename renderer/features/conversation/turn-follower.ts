import type { Progress, Turn } from '../../../app/contract/chat'
import type { AppClient } from '../../shared/client/app-client'

export interface TurnListener {
  showTurn(turn: Turn): void
  showProgress(turnId: string, progress: Progress): void
  /** Text that came since the last call, in order. */
  appendText(turnId: string, text: string): void
  fail(thrown: unknown): void
}

/**
 * Follows the turns that are being answered. Streamed text is gathered and shown once per drawn frame, so that five
 * hundred tokens a second cost no more than sixty.
 */
export class TurnFollower {
  private readonly client: AppClient
  private readonly listener: TurnListener
  private readonly followed = new Map<string, AbortController>()

  constructor(client: AppClient, listener: TurnListener) {
    this.client = client
    this.listener = listener
  }

  /** Follows exactly these; stops following others. */
  followOnly(turns: readonly Turn[]): void {
    for (const [id, cancel] of this.followed) {
      if (!turns.some((turn) => turn.id === id)) cancel.abort()
    }
    for (const turn of turns) this.follow(turn)
  }

  isFollowing(turnId: string): boolean {
    return this.followed.has(turnId)
  }

  follow(turn: Turn): void {
    if (this.followed.has(turn.id)) return
    const cancel = new AbortController()
    this.followed.set(turn.id, cancel)
    void this.run(turn.id, cancel)
  }

  private async run(turnId: string, cancel: AbortController): Promise<void> {
    const text = new TextByFrame((gathered) => {
      this.listener.appendText(turnId, gathered)
    })
    try {
      const events = await this.client.chat.follow({ turnId }, { signal: cancel.signal })
      for await (const event of events) {
        if (event.kind === 'text') text.push(event.text)
        else {
          text.flush()
          if (event.kind === 'state') this.listener.showTurn(event.turn)
          else this.listener.showProgress(turnId, event.progress)
        }
      }
      text.flush()
    } catch (thrown) {
      text.flush()
      if (!cancel.signal.aborted) this.listener.fail(thrown)
    } finally {
      if (this.followed.get(turnId) === cancel) this.followed.delete(turnId)
    }
  }
}

class TextByFrame {
  private readonly show: (text: string) => void
  private gathered = ''
  private frame = 0

  constructor(show: (text: string) => void) {
    this.show = show
  }

  push(text: string): void {
    this.gathered += text
    // A hidden window draws no frames; its text waits for the next state or the end.
    if (this.frame === 0)
      this.frame = requestAnimationFrame(() => {
        this.flush()
      })
  }

  flush(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    if (this.gathered === '') return
    const text = this.gathered
    this.gathered = ''
    this.show(text)
  }
}
