import { PassThrough } from 'node:stream'
import { AppError } from '../../contract/errors'
import { waitForAbort } from '../wait-for-abort'
import { OwnedCommand } from './owned-command'
import { shownPath } from './file-path'

/** Seconds without any sign of life after which a run is given up, unless told otherwise. */
export const IDLE_SECONDS = 30
/** What `aliveSign` (frame-plan.ts) makes ffmpeg print. */
const SIGN_OF_LIFE = /^\d+\.\d+$/
const KEPT_STDERR_LINES = 40

/** How fluent-ffmpeg tells of a program that a signal ended: directly, or after ffmpeg noticed it. */
const ENDED_BY_SIGNAL = /killed with signal|exited with code 255/
/** How long such a run waits for the abort that says that it was cancelled and has not failed. */
const ABORT_FOLLOWS_MS = 200

export interface ToolRunOptions {
  /** Path of ffmpeg or ffprobe. */
  readonly program: string
  /** The file it reads, for errors. */
  readonly file: string
  readonly signal?: AbortSignal | undefined
  readonly idleSeconds?: number | undefined
  /** Called for each line of standard error, signs of life left out. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** Arguments: either input and output for fluent-ffmpeg to build a command of, or the list as it is. */
export type ToolArguments =
  | {
      readonly input: string
      readonly inputOptions: readonly string[]
      readonly outputOptions: readonly string[]
    }
  | readonly string[]

function isLiteral(args: ToolArguments): args is readonly string[] {
  return Array.isArray(args)
}

/**
 * One run of ffmpeg or ffprobe. Iterating gives its standard output as it comes, with back-pressure; leaving the loop,
 * aborting the signal, or an error kills the program at once (SIGKILL) and waits until it is gone. A program that fails
 * by itself just ends the output: see `failure` afterwards.
 * throws: cancelled, media_timeout.
 */
export class ToolRun implements AsyncIterable<Buffer> {
  /** Why the program failed, one line; null while it runs and when it succeeded. */
  failure: string | null = null
  /** The last lines of standard error, signs of life left out. */
  readonly lines: string[] = []
  private readonly options: ToolRunOptions
  private readonly command: OwnedCommand
  /** Resolves once the program is gone and all its lines have come. */
  readonly ended: Promise<void>
  private readonly output = new PassThrough({ autoDestroy: false, emitClose: false })
  /** Why it was stopped from outside. */
  private stopped: AppError | null = null
  private interrupt: (error: AppError) => void = () => undefined
  private killed = false
  private started = false
  private lastSignMs = 0

  constructor(args: ToolArguments, options: ToolRunOptions) {
    this.options = options
    this.command = new OwnedCommand(options.program, isLiteral(args) ? args : null)
    if (!isLiteral(args)) {
      // Several arguments, because fluent-ffmpeg splits a lone one at its space.
      this.command
        .input(args.input)
        .inputOptions('-hide_banner', '-nostdin', '-nostats', ...args.inputOptions)
    }
    this.command.output(this.output)
    if (!isLiteral(args)) this.command.outputOptions('-sn', '-dn', ...args.outputOptions)
    this.ended = this.start()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    const { signal } = this.options
    const onAbort = () => {
      this.end(new AppError('cancelled', 'the signal was aborted'))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
    const chunks = this.output.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
    try {
      for (;;) {
        const next = await this.waitFor(chunks.next())
        if (next.done === true) break
        yield next.value
      }
      await this.waitFor(this.ended)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.kill()
      await this.ended
      this.output.destroy()
    }
  }

  /** The whole output as text. */
  async text(): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of this) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }

  /** Time counts only while the reader waits: a reader that is slow must not make the program look stuck. */
  private async waitFor<T>(next: Promise<T>): Promise<T> {
    const idleMs = (this.options.idleSeconds ?? IDLE_SECONDS) * 1000
    this.lastSignMs = performance.now()
    const timer = setInterval(
      () => {
        if (performance.now() - this.lastSignMs > idleMs) this.end(this.timeout())
      },
      Math.max(idleMs / 10, 10),
    )
    try {
      // No Promise.race against one promise for the whole run: that would keep every chunk alive until its end.
      return await new Promise<T>((resolve, reject) => {
        this.interrupt = reject
        if (this.stopped !== null) reject(this.stopped)
        next.then(resolve, reject)
      })
    } finally {
      clearInterval(timer)
    }
  }

  private timeout(): AppError {
    const file = shownPath(this.options.file)
    const seconds = this.options.idleSeconds ?? IDLE_SECONDS
    return new AppError('media_timeout', `${file}: no output for ${seconds} s`, { file, seconds })
  }

  private end(error: AppError): void {
    this.stopped ??= error
    this.interrupt(this.stopped)
    this.kill()
  }

  private kill(): void {
    this.killed = true
    if (this.command.ffmpegProc !== undefined) this.command.kill('SIGKILL')
  }

  private async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.command
        .on('start', () => {
          this.started = this.command.ffmpegProc?.pid !== undefined
          if (this.killed) this.command.kill('SIGKILL')
        })
        .on('stderr', (line: string) => {
          this.takeLine(line)
        })
        .on('error', (error: Error) => {
          if (!this.killed) this.failure = this.lines.findLast((line) => line.trim() !== '') ?? error.message
          // A program that never started has no output that could end.
          if (!this.started) this.output.end()
          const { signal } = this.options
          if (!this.killed && signal !== undefined && ENDED_BY_SIGNAL.test(error.message)) {
            void waitForAbort(signal, ABORT_FOLLOWS_MS).then(resolve)
          } else resolve()
        })
        .on('end', () => {
          resolve()
        })
        .run()
    })
  }

  private takeLine(line: string): void {
    this.lastSignMs = performance.now()
    if (line.startsWith('frame=') || line.startsWith('size=') || SIGN_OF_LIFE.test(line)) return
    this.lines.push(line)
    if (this.lines.length > KEPT_STDERR_LINES) this.lines.shift()
    this.options.onLine?.(line)
  }
}
