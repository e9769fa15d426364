import type { OwnerMessage } from '../../app/engine/engine-protocol'
import type { EngineChildEvents, EngineExit, EngineSpawn } from '../../app/engine/engine-spawn'
import { fakeClock, type FakeClock } from './fake-clock'

/** An engine process that exists only in the test: the test says what it does. */
export class FakeEngineProcess {
  readonly args: readonly string[]
  readonly received: OwnerMessage[] = []
  wasKilled = false
  private readonly events: EngineChildEvents
  private isOver = false

  constructor(args: readonly string[], events: EngineChildEvents) {
    this.args = args
    this.events = events
  }

  /** Posts anything, also what no engine would send. */
  post(message: unknown): void {
    this.events.onMessage(message)
  }

  hello(): void {
    this.post({
      type: 'hello',
      variant: 'cpu',
      systemInfo: 'fake',
      devices: [],
      failedBackends: [],
      missing: [],
    })
  }

  heartbeat(): void {
    this.post({ type: 'heartbeat' })
  }

  /** The requests for a method, in order. */
  requests(method: string): Extract<OwnerMessage, { type: 'request' }>[] {
    return this.received.flatMap((message) =>
      message.type === 'request' && message.method === method ? [message] : [],
    )
  }

  reply(method: string, value: unknown): void {
    const request = this.requests(method).at(-1)
    if (request === undefined) throw new Error(`expected a request for ${method}, got none`)
    this.post({ type: 'reply', id: request.id, ok: true, value })
  }

  crash({
    stderr = '',
    exit = { code: null, signal: 'SIGABRT' },
  }: { stderr?: string; exit?: EngineExit } = {}): void {
    for (const line of stderr.split('\n')) if (line !== '') this.events.onLine(line)
    this.end(exit)
  }

  end(exit: EngineExit): void {
    if (this.isOver) return
    this.isOver = true
    this.events.onExit(exit)
  }
}

export interface FakeProcesses {
  readonly spawn: EngineSpawn
  latest(): FakeEngineProcess
  count(): number
}

export interface FakeEngineWorld {
  readonly processes: FakeProcesses
  readonly clock: FakeClock
}

/** Processes and time under the test's control. A killed process ends at once, as after a real SIGKILL. */
export function fakeEngineWorld(): FakeEngineWorld {
  const started: FakeEngineProcess[] = []
  const spawn: EngineSpawn = (args, events) => {
    const process = new FakeEngineProcess(args, events)
    started.push(process)
    return {
      pid: started.length,
      send: (message) => process.received.push(message),
      kill: () => {
        process.wasKilled = true
        process.end({ code: null, signal: 'SIGKILL' })
      },
    }
  }
  return {
    clock: fakeClock(),
    processes: {
      spawn,
      count: () => started.length,
      latest: () => {
        const latest = started.at(-1)
        if (latest === undefined) throw new Error('expected a process, got none')
        return latest
      },
    },
  }
}
