/**
 * Entry point of the engine process: the only process that loads longlens.node. Its owner posts `start`; with
 * `--probe` it loads the libraries, reports the devices and exits. Without an owner it ends at once: nothing that a
 * person made lives here.
 */
import { createRequire } from 'node:module'
import process from 'node:process'
import { AppError, toAppError } from '../contract/errors'
import { fromBindingError } from './binding-errors'
import type { EngineBinding, InitialiseReport } from './engine-binding'
import { openEnginePort } from './engine-port'
import {
  ownerMessageSchema,
  parseMessage,
  toWireError,
  type HelloMessage,
  type OwnerMessage,
  type StartMessage,
} from './engine-protocol'
import { EngineServer } from './engine-server'
import { missingLibraries, systemLibraries } from './system-libraries'

const HEARTBEAT_MS = 1000

const probing = process.argv.includes('--probe')
const port = openEnginePort()
let server: EngineServer | undefined

// Ctrl+C in a terminal reaches the whole group; what to do about it is the owner's decision.
process.on('SIGINT', () => undefined)

// A clean exit would wait for the job that is running now. There is nothing to save, and no one to save it for.
port.onClose(() => process.kill(process.pid, 'SIGKILL'))

process.on('uncaughtException', (error) => {
  void leave(`uncaught in the engine process: ${error.stack ?? error.message}`)
})

async function leave(lastWords: string): Promise<void> {
  await port.postLast({ type: 'log', level: 'error', text: lastWords })
  process.exit(1)
}

/** A start that fails once fails always: say why, and end. */
async function refuseToStart(error: AppError): Promise<void> {
  await port.postLast({ type: 'startFailed', error: toWireError(error) })
  process.exit(1)
}

function loadBinding(addonPath: string): EngineBinding {
  try {
    return createRequire(import.meta.url)(addonPath) as EngineBinding
  } catch (cause) {
    const reason = `the engine's addon could not be loaded: ${toAppError(cause).message.split('\n')[0] ?? ''}`
    throw new AppError('engine_unavailable', reason, { reason }, { cause })
  }
}

function initialise(binding: EngineBinding, start: StartMessage): InitialiseReport {
  // To stderr at once and not as messages: the last words before an abort have to get out.
  binding.onLog((level, text) => {
    if (level !== 'debug') process.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
  })
  try {
    return binding.initialise(start.libraries)
  } catch (thrown) {
    const { message } = fromBindingError(thrown)
    throw new AppError(
      'engine_unavailable',
      message,
      { reason: message.replace(/\.$/, '') },
      { cause: thrown },
    )
  }
}

async function start(message: StartMessage): Promise<void> {
  const missing = probing ? missingLibraries(systemLibraries(message.variant)) : []
  const binding = loadBinding(message.addonPath)
  const report = initialise(binding, message)
  const hello: HelloMessage = {
    type: 'hello',
    variant: message.variant,
    systemInfo: report.systemInfo,
    devices: binding.devices(),
    failedBackends: [...report.failedBackends],
    missing,
  }
  if (probing) {
    await port.postLast(hello)
    process.exit(0)
  }
  server = new EngineServer({
    binding,
    systemInfo: report.systemInfo,
    post: (reply) => {
      port.post(reply)
    },
  })
  port.post(hello)
  setInterval(() => {
    port.post({ type: 'heartbeat' })
  }, HEARTBEAT_MS)
}

async function stop(): Promise<void> {
  await server?.stop()
  process.exit(0)
}

function receive(message: OwnerMessage): void {
  if (message.type === 'stop') void stop()
  else if (message.type === 'start')
    start(message).catch((thrown: unknown) => refuseToStart(toAppError(thrown)))
  else server?.receive(message)
}

port.onMessage((raw) => {
  try {
    receive(parseMessage(ownerMessageSchema, raw, 'engine'))
  } catch (thrown) {
    port.post({
      type: 'log',
      level: 'error',
      text: `refused a message of the owner: ${toAppError(thrown).message}`,
    })
  }
})
