import type { Progress, Turn } from '../../../app/contract/chat'
import type { AppClient } from '../../shared/client/app-client'
import { nextFrame, TextByFrame, type Schedule } from './text-by-frame'

export interface TurnListener {
  showTurn(turn: Turn): void
  showProgress(turnId: string, progress: Progress): void
  /** Text that came since the last call, in order. */
  appendText(turnId: string, text: string): void
  fail(thrown: unknown): void
}

/** Follows the turns that are being answered; their text is shown once per drawn frame. */
export class TurnFollower {
  private readonly client: AppClient
  private readonly listener: TurnListener
  private readonly schedule: Schedule
  private readonly followed = new Map<string, AbortController>()

  constructor(client: AppClient, listener: TurnListener, schedule: Schedule = nextFrame) {
    this.client = client
    this.listener = listener
    this.schedule = schedule
  }

  /** Follows exactly these; stops following others. */
  followOnly(turns: readonly Turn[]): void {
    for (const [id, cancel] of this.followed) {
      if (turns.some((turn) => turn.id === id)) continue
      cancel.abort()
      this.followed.delete(id)
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
      if (!cancel.signal.aborted) this.listener.appendText(turnId, gathered)
    }, this.schedule)
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
