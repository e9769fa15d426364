/** A failure of the set-up, told in two sentences: what happened and what to do. Shown without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} what what happened, and why if we know
   * @param {string} [remedy] what to do
   * @param {{ cause?: unknown }} [options]
   */
  constructor(what, remedy = '', options) {
    super(remedy === '' ? what : `${what}\n${remedy}`, options)
    this.name = 'SetupError'
  }
}

/** Progress goes to stderr: stdout belongs to the command that runs after the set-up. */
export function say(/** @type {string} */ text) {
  process.stderr.write(`longlens: ${text}\n`)
}

/** Prints a failure for people; the stack only when it is not one that we foresaw. */
export function tellFailure(/** @type {unknown} */ thrown) {
  if (thrown instanceof SetupError) say(thrown.message)
  else
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`)
}
