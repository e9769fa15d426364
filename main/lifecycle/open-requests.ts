import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Files and folders that somebody wants opened: the command line, the desktop, a second start of the program. */
export class OpenRequests {
  #waiting: string[] = []
  #deliver: ((paths: readonly string[]) => void) | null = null

  /** Kept until there is somebody to take them: macOS tells of files before the program is ready. */
  request(paths: readonly string[]): void {
    if (this.#deliver === null) this.#waiting.push(...paths)
    else if (paths.length > 0) this.#deliver(paths)
  }

  deliverTo(deliver: (paths: readonly string[]) => void): void {
    this.#deliver = deliver
    const waiting = this.#waiting
    this.#waiting = []
    this.request(waiting)
  }
}

/**
 * The files in a command line, as absolute paths.
 * @param argv - of the process, the program itself included
 * @param isPackaged - an unpackaged program has Electron first and its own folder second
 */
export function pathsInCommandLine(argv: readonly string[], isPackaged: boolean, cwd: string): string[] {
  return argv
    .slice(isPackaged ? 1 : 2)
    .filter((word) => word !== '' && !word.startsWith('-'))
    .map((word) => toPath(word, cwd))
}

/** Linux desktops hand files over as addresses. One that names no file here is told as missing, like any other. */
function toPath(word: string, cwd: string): string {
  if (!word.startsWith('file:')) return resolve(cwd, word)
  try {
    return fileURLToPath(word)
  } catch {
    return word
  }
}
