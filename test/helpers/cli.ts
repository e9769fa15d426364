import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Writable } from 'node:stream'
import { buildSync } from 'esbuild'
import { runCli } from '../../app/host/cli/run-cli'
import { repositoryRoot } from './engine-libraries'

/** What a command printed and how it ended. */
export interface CliResult {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A line of `--json`, as the tests look into it. */
export interface JsonLine {
  readonly type: string
  readonly [key: string]: unknown
}

export function jsonLines({ out }: Pick<CliResult, 'out'>): JsonLine[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonLine)
}

class TextSink extends Writable {
  text = ''
  private readonly onText: (text: string) => void

  constructor(onText: (text: string) => void = () => undefined) {
    super()
    this.onText = onText
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString()
    this.text += text
    this.onText(text)
    done()
  }
}

export interface InProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly signal?: AbortSignal
  readonly isTerminal?: boolean
  /** Called with what goes to standard output, as it comes. */
  readonly onOutput?: (text: string) => void
}

/** Runs a command in this process, as main.ts does. */
export async function runInProcess(
  args: readonly string[],
  options: InProcessOptions = {},
): Promise<CliResult> {
  const { env = process.env, cwd = process.cwd(), signal, isTerminal = false } = options
  const out = new TextSink(options.onOutput)
  const err = new TextSink()
  const code = await runCli(args, {
    output: { out, err, isTerminal },
    signal: signal ?? new AbortController().signal,
    env,
    cwd,
  })
  return { code, out: out.text, err: err.text }
}

/** The command line as `npm run build` makes it, from the sources as they are now. */
export interface BuiltCli {
  readonly entry: string
  remove(): void
}

/** Bundled below `build/`, so that it finds its packages; a folder of its own, since test files run side by side. */
export function buildCli(): BuiltCli {
  const build = join(repositoryRoot, 'build')
  mkdirSync(build, { recursive: true })
  const folder = mkdtempSync(join(build, 'test-cli-'))
  buildSync({
    absWorkingDir: repositoryRoot,
    entryPoints: { cli: 'app/host/cli/main.ts', 'pixel-worker': 'app/services/media/pixel-worker.ts' },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  })
  return {
    entry: join(folder, 'cli.js'),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A command as a process of its own, leading its own process group as in a terminal. */
export class CliProcess {
  readonly pid: number
  readonly ended: Promise<CliResult>
  private readonly child: ChildProcess
  private out = ''
  private err = ''
  private readonly waiting = new Set<() => void>()

  constructor(
    entry: string,
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) {
    this.child = spawn(process.execPath, [entry, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...options,
    })
    this.pid = this.child.pid ?? -1
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString()
      this.wake()
    })
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString()
    })
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve({ code, out: this.out, err: this.err })
        this.wake()
      })
    })
  }

  /** Resolves once a line of standard output matches, or the process has ended. */
  async untilOutput(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.out) && this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve)
      })
    }
  }

  /** Ctrl+C as a terminal sends it: to the whole group. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT')
  }

  /** Closes our end of its standard output. */
  closeOutput(): void {
    this.child.stdout?.destroy()
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }
}

export interface RunningProcess {
  readonly pid: number
  readonly command: string
}

/** The processes of a group that run now: a command with everything it started. Linux only. */
export function groupMembers(group: number): RunningProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/u.test(entry))
    .filter((pid) => Number(/^\d+ \(.*\) [^Z] \d+ (\d+)/su.exec(readProc(pid, 'stat'))?.[1]) === group)
    .map((pid) => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // Gone since it was listed.
    return ''
  }
}

/** Resolves once the group has a member whose command matches. The test's own time limit is the only limit. */
export async function memberOf(group: number, command: RegExp): Promise<RunningProcess> {
  for (;;) {
    const found = groupMembers(group).find((member) => command.test(member.command))
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves once nothing of the group runs any more. The test's own time limit is the only limit. */
export async function groupHasEnded(group: number): Promise<void> {
  while (groupMembers(group).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}
