import { describe } from '../contract/errors'
import type { DeviceInfo } from './engine-binding'
import type { EngineVariant } from './engine-client-types'
import { systemClock, type EngineClock } from './engine-clock'
import {
  engineMessageSchema,
  fromWireError,
  parseMessage,
  type HelloMessage,
  type StartMessage,
} from './engine-protocol'
import type { EngineExit, EngineSpawn } from './engine-spawn'

export type ProbeResult =
  | { readonly ok: true; readonly devices: readonly DeviceInfo[] }
  /** One sentence without its full stop. */
  | { readonly ok: false; readonly reason: string }

export const PROBE_TIMEOUT_MS = 15_000
const CALLED_OFF: ProbeResult = { ok: false, reason: 'its probe was called off' }

/**
 * Loads a variant in a throw-away process, which may die of it: a build that does not suit the machine can crash
 * while loading. A variant other than `cpu` has to find a graphics device.
 */
export function probeVariant(
  spawn: EngineSpawn,
  start: StartMessage,
  options: { readonly clock?: EngineClock; readonly signal?: AbortSignal } = {},
): Promise<ProbeResult> {
  const { clock = systemClock, signal } = options
  if (signal?.aborted === true) return Promise.resolve(CALLED_OFF)
  return new Promise((resolve) => {
    let lastLine = ''
    let result: ProbeResult | undefined
    const child = spawn(['--probe'], {
      onMessage: (raw) => {
        result ??= judge(start.variant, raw)
      },
      onLine: (line) => {
        if (line.trim() !== '') lastLine = line.trim()
      },
      onExit: (exit) => {
        callOffKill()
        signal?.removeEventListener('abort', onAbort)
        resolve(
          result ?? {
            ok: false,
            reason: `its probe ended with ${howItEnded(exit)}${lastLine === '' ? '' : `: ${lastLine}`}`,
          },
        )
      },
    })
    const callOffKill = clock.after(PROBE_TIMEOUT_MS, () => {
      result ??= {
        ok: false,
        reason: `its probe did not answer within ${String(PROBE_TIMEOUT_MS / 1000)} seconds`,
      }
      child.kill()
    })
    const onAbort = (): void => {
      result = CALLED_OFF
      child.kill()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    child.send(start)
  })
}

function judge(variant: EngineVariant, raw: unknown): ProbeResult | undefined {
  let message
  try {
    message = parseMessage(engineMessageSchema, raw, 'engine')
  } catch (thrown) {
    return {
      ok: false,
      reason: `its probe answered nonsense (${thrown instanceof Error ? thrown.message : ''})`,
    }
  }
  if (message.type === 'startFailed') {
    return { ok: false, reason: describe(fromWireError(message.error)).body.replace(/\.$/, '') }
  }
  return message.type === 'hello' ? judgeDevices(variant, message) : undefined
}

function judgeDevices(variant: EngineVariant, hello: HelloMessage): ProbeResult {
  const hasGraphics = hello.devices.some(({ type }) => type === 'gpu' || type === 'igpu')
  if (variant === 'cpu' || hasGraphics) return { ok: true, devices: hello.devices }
  // "No such file" is what missing means; other words of the loader (a library too old, for another machine) matter.
  const missing = hello.missing.map(({ library, purpose, reason }) =>
    /no such file|cannot find/i.test(reason)
      ? `${library} (${purpose}) is missing`
      : `${library} (${purpose}) cannot be opened: ${reason}`,
  )
  const failed = hello.failedBackends.map(({ path, reason }) => `${path} could not be loaded: ${reason}`)
  const why = missing.length > 0 ? missing : failed
  return { ok: false, reason: ['it found no graphics device', ...why].join('; ') }
}

function howItEnded({ code, signal }: EngineExit): string {
  return signal === null ? `exit code ${String(code ?? 'unknown')}` : `signal ${signal}`
}
