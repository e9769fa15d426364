/**
 * What a stopped command gets to end before the process leaves anyway, milliseconds. A question has nothing to put
 * away: the engine and ffmpeg end with this process. The others have files or connections of their own.
 */
const GRACE_MS: Readonly<Record<string, number>> = {
  /** Removes what it has written. */
  convert: 5000,
  /** Prints what was counted until then, and removes the pictures and videos it drew. */
  eval: 5000,
  /** Says goodbye to open windows and saves what is being answered. */
  serve: 3000,
  /** Removes its import of the checkpoint. */
  'verify-golden': 3000,
}
const DEFAULT_GRACE_MS = 100

/** @param args - the command line without node and the script */
export function graceMs(args: readonly string[]): number {
  const command = args.find((word) => !word.startsWith('-'))
  return (command === undefined ? undefined : GRACE_MS[command]) ?? DEFAULT_GRACE_MS
}

export interface InterruptParts {
  readonly graceMs: number
  /** Leaves the process at once. */
  readonly leave: () => void
  /** Calls back later without keeping the process alive for it. */
  readonly after: (ms: number, callback: () => void) => void
}

/** Turns the first interruption into a request to stop, and the second, or too long a wait, into leaving. */
export class Interruption {
  private readonly controller = new AbortController()
  private readonly parts: InterruptParts

  constructor(parts: InterruptParts) {
    this.parts = parts
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  interrupt(): void {
    if (this.signal.aborted) {
      this.parts.leave()
      return
    }
    this.parts.after(this.parts.graceMs, this.parts.leave)
    this.controller.abort()
  }
}
