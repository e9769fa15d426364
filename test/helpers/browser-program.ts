import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { repositoryRoot } from './engine-libraries'

const node = join(repositoryRoot, 'node_modules', 'node', 'bin', 'node')
const program = join(repositoryRoot, 'build', 'cli.js')

/** The built program, served on a free port, with a data folder of its own below the system's temporary folder. */
export class BrowserProgram {
  /** Everything that it keeps; given to another one to reopen. */
  readonly home: string
  private readonly child: ChildProcess
  private readonly ended: Promise<unknown>
  private readonly listening: Promise<string>

  /** `home`: that of a program which was closed, to open it again. `env` is added to the environment. */
  constructor(options: { home?: string; env?: Readonly<Record<string, string>> } = {}) {
    if (!existsSync(program)) throw new Error('build/cli.js is missing: run "npm run build" first')
    this.home = options.home ?? mkdtempSync(join(tmpdir(), 'longlens-window-'))
    this.child = spawn(node, [program, 'serve', '--port', '0', '--json'], {
      env: { ...process.env, ...options.env, LONGLENS_HOME: this.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.ended = once(this.child, 'exit')
    this.listening = this.firstLine()
  }

  /** The address with the token, once it listens. */
  url(): Promise<string> {
    return this.listening
  }

  /** Ids of the processes that it started: among them the engine's. */
  async engineProcesses(): Promise<number[]> {
    const list = spawn('ps', ['-o', 'pid=,args=', '--ppid', String(this.child.pid)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    list.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await once(list, 'close')
    return text
      .split('\n')
      .filter((line) => line.includes('engine-process'))
      .map((line) => Number.parseInt(line, 10))
  }

  /** Ends it as Ctrl+C does; kills it when that takes too long. The folder stays. */
  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGINT')
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 8000)
      await this.ended
      clearTimeout(timer)
    }
  }

  /** Ends it as a crash does, and the engine with it. The folder stays. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Ends it and deletes its folder. */
  async remove(): Promise<void> {
    await this.close()
    rmSync(this.home, { recursive: true, force: true })
  }

  private async firstLine(): Promise<string> {
    const { stdout } = this.child
    if (stdout === null) throw new Error('expected a pipe from the program')
    for await (const line of createInterface({ input: stdout })) {
      const message = JSON.parse(line) as { type: string; url: string }
      if (message.type === 'listening') return message.url
    }
    throw new Error('the program ended before it listened')
  }
}
