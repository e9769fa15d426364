import type { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import FluentCommand from 'fluent-ffmpeg'

type EndCallback = (error: Error | null | undefined, stdout?: LinesRing, stderr?: LinesRing) => void
interface LinesRing {
  get(): string
}

/** What is used of fluent-ffmpeg 2.1.3 (its last release), including the hooks that its type package leaves out. */
interface FluentBase extends EventEmitter {
  input(source: string): this
  inputOptions(...options: string[]): this
  output(target: Writable): this
  outputOptions(...options: string[]): this
  run(): void
  kill(signal: string): this
  readonly ffmpegProc?: { readonly pid?: number | undefined }
  _getFfmpegPath(callback: (error: null, path: string) => void): void
  _checkCapabilities(callback: () => void): void
  availableEncoders(callback: (error: null, encoders: object) => void): void
  _getArguments(): string[]
  _spawnFfmpeg(args: string[], options: object, onStart: unknown, onEnd: EndCallback): void
}

const Fluent = FluentCommand as unknown as new () => FluentBase

/**
 * Ends the program when its owner ends, however that happens: the owner holds the other end of standard input, and
 * the end of that input kills the program. ffmpeg alone would run on: it ignores SIGPIPE and does not mind the end of its
 * input. `$$` stays the shell's process id in the background part and becomes the program's through `exec`; a background
 * part has no standard input of its own, hence descriptor 3.
 */
const DIE_WITH_OWNER = 'exec 3<&0; { read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'

const noLines: LinesRing = { get: () => '' }

/**
 * fluent-ffmpeg's command for one run of ffmpeg or ffprobe, with its argument builder and process handling, and four
 * things changed: the program is this command's own instead of one for the whole process; the program dies with its
 * owner; no extra runs to list formats and encoders; a program that cannot be started is an `error` event (2.1.3 throws
 * from its event handler instead).
 */
export class OwnedCommand extends Fluent {
  private readonly program: string
  private readonly literal: readonly string[] | null

  /** literal: the whole argument list of a run that is not "inputs, then outputs": ffprobe, `-version`. */
  constructor(program: string, literal: readonly string[] | null) {
    super()
    this.program = program
    this.literal = literal
  }

  override _getFfmpegPath(callback: (error: null, path: string) => void): void {
    // On Windows libuv puts every child into a job object that is closed, and its processes ended, with the owner.
    callback(null, process.platform === 'win32' ? this.program : '/bin/sh')
  }

  override _checkCapabilities(callback: () => void): void {
    callback()
  }

  override availableEncoders(callback: (error: null, encoders: object) => void): void {
    callback(null, {})
  }

  override _getArguments(): string[] {
    const args = this.literal === null ? super._getArguments() : [...this.literal]
    return process.platform === 'win32' ? args : ['-c', DIE_WITH_OWNER, 'longlens', this.program, ...args]
  }

  override _spawnFfmpeg(args: string[], options: object, onStart: unknown, onEnd: EndCallback): void {
    const end: EndCallback = (error, stdout, stderr) => {
      onEnd(error, stdout ?? noLines, stderr ?? noLines)
    }
    try {
      super._spawnFfmpeg(args, options, onStart, end)
    } catch (thrown) {
      end(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }
}
