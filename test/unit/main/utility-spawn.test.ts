import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const fork = vi.fn()
vi.mock('electron', () => ({ utilityProcess: { fork } }))
const { spawnUtilityEngine } = await import('../../../main/engine/utility-spawn')

/** As much of Electron's UtilityProcess as the adapter touches. */
class FakeUtilityProcess extends EventEmitter {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly postMessage = vi.fn()
  pid: number | undefined
}

let child: FakeUtilityProcess
const kill = vi.spyOn(process, 'kill')

beforeEach(() => {
  child = new FakeUtilityProcess()
  fork.mockReset().mockReturnValue(child)
  kill.mockReset().mockReturnValue(true)
})

afterEach(() => {
  kill.mockReset()
})

function spawn() {
  const seen: unknown[] = []
  const engine = spawnUtilityEngine('/app/engine-process.js')(['--probe'], {
    onMessage: (message) => seen.push({ message }),
    onLine: (line) => seen.push({ line }),
    onExit: (exit) => seen.push({ exit }),
  })
  return { engine, seen }
}

it('starts the engine with piped output and passes messages both ways', () => {
  const { engine, seen } = spawn()
  engine.send({ type: 'stop' })
  child.emit('message', { type: 'heartbeat' })

  expect(fork).toHaveBeenCalledWith('/app/engine-process.js', ['--probe'], {
    serviceName: 'Longlens engine',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(child.postMessage).toHaveBeenCalledWith({ type: 'stop' })
  expect(seen).toEqual([{ message: { type: 'heartbeat' } }])
})

it('tells the last words before the end, also without a line break', () => {
  const { seen } = spawn()
  child.stderr.emit('data', Buffer.from('loading\nGGML_ASSERT failed'))
  child.emit('exit', 134)

  expect(seen).toEqual([
    { line: 'loading' },
    { line: 'GGML_ASSERT failed' },
    { exit: { code: 134, signal: null } },
  ])
})

it('kills without asking', () => {
  const { engine } = spawn()
  child.pid = 4321
  engine.kill()

  expect(kill).toHaveBeenCalledWith(4321, 'SIGKILL')
})

it('kills a process that has not started yet as soon as it has', () => {
  const { engine } = spawn()
  engine.kill()
  expect(kill).not.toHaveBeenCalled()

  child.pid = 4321
  child.emit('spawn')
  expect(kill).toHaveBeenCalledWith(4321, 'SIGKILL')
})

it('does not mind killing what has just ended', () => {
  const { engine } = spawn()
  child.pid = 4321
  kill.mockImplementation(() => {
    throw new Error('ESRCH')
  })

  expect(() => {
    engine.kill()
  }).not.toThrow()
})
