/**
 * Strips a streamed text at both ends as it passes (LONGLLAVA-FORMAT section 9: answers are shown stripped). White
 * space is held back until something follows it, so that the pieces put together equal the whole text, stripped.
 */
export class TrimmedStream {
  private started: boolean
  private heldBack = ''

  /** @param continues - true when the stream goes on with a text: the space it begins with then belongs between */
  constructor(continues = false) {
    this.started = continues
  }

  /** The part of `text` that can be shown now; may be empty. */
  push(text: string): string {
    let rest = this.heldBack + text
    if (!this.started) rest = rest.trimStart()
    if (rest === '') {
      this.heldBack = ''
      return ''
    }
    this.started = true
    const shown = rest.trimEnd()
    this.heldBack = rest.slice(shown.length)
    return shown
  }
}
