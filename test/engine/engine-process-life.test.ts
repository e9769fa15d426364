import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngineClient } from '../../app/engine/engine-client'
import { probeVariant } from '../../app/engine/engine-probe'
import type { OwnerMessage, StartMessage } from '../../app/engine/engine-protocol'
import { forkEngine, type EngineSpawn } from '../../app/engine/engine-spawn'
import { writeEngineModel } from '../helpers/engine-model'
import { cpuLibraries } from '../helpers/engine-libraries'
import { buildEngineProcess, type BuiltEngineProcess } from '../helpers/engine-process-build'
import { hasEnded, isRunning } from '../helpers/process-state'
import { busyShape } from '../helpers/tiny-model'
import { addonPath, greedy } from '../helpers/tiny-model-engine'

let built: BuiltEngineProcess
let folder: string
beforeAll(async () => {
  built = buildEngineProcess()
  folder = await mkdtemp(join(tmpdir(), 'longlens-life-'))
})
afterAll(async () => {
  built.remove()
  await rm(folder, { recursive: true, force: true })
})

function startMessage(): StartMessage {
  const { variant, folder: libraryFolder, libraries, backends } = cpuLibraries()
  return {
    type: 'start',
    addonPath,
    variant,
    libraries: { folder: libraryFolder, libraries: [...libraries], backends: [...backends] },
  }
}

/** An owner that posts messages one after another, each when the last was answered, and prints the engine's id. */
const ownerSource = `
import { fork } from 'node:child_process'
import { deserialize } from 'node:v8'
const [entry, encoded] = process.argv.slice(2)
const messages = deserialize(Buffer.from(encoded, 'base64'))
const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
const next = () => { const message = messages.shift(); if (message) child.send(message) }
child.on('message', (message) => {
  if (message.type === 'failure' || message.type === 'startFailed') console.log(JSON.stringify(message.error))
  if (message.type === 'event' && message.event.kind === 'text') console.log('answering ' + child.pid)
  if (message.type === 'hello' || message.type === 'reply') next()
})
next()
`

describe('an engine process', () => {
  it('ends with its owner, also in the middle of an answer', async () => {
    const { load } = await writeEngineModel(join(folder, 'busy'), busyShape, 8192)
    const script = join(folder, 'owner.mjs')
    await writeFile(script, ownerSource)
    const { serialize } = await import('node:v8')
    const request = (id: number, method: string, params: unknown): OwnerMessage => ({
      type: 'request',
      id,
      method,
      params,
    })
    const messages = serialize([
      startMessage(),
      request(1, 'load', load),
      request(2, 'append', {
        sequence: 0,
        parts: [{ kind: 'tokens', tokens: new Int32Array(64).fill(270) }],
      }),
      request(3, 'generate', { sequence: 0, params: { ...greedy, maxTokens: 8000 } }),
    ])
    const owner = spawn(process.execPath, [script, built.entry, messages.toString('base64')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
    expect(line).toMatch(/^answering \d+$/)
    const enginePid = Number(line.split(' ')[1])
    expect(isRunning(enginePid)).toBe(true)
    owner.kill('SIGKILL')
    await hasEnded(enginePid)
    expect(isRunning(enginePid)).toBe(false)
  })

  it('that hangs is killed by dispose', async () => {
    let pid = 0
    const fork = forkEngine(built.entry)
    const spawnEngine: EngineSpawn = (args, events) => {
      const child = fork(args, events)
      pid = child.pid ?? 0
      return child
    }
    const client = createEngineClient({
      spawn: spawnEngine,
      addonPath,
      choose: () => Promise.resolve({ chosen: cpuLibraries(), reasons: [] }),
    })
    await client.info()
    const hanging = client.developer.hang(300)
    await Promise.all([client.dispose(), expect(hanging).rejects.toMatchObject({ code: 'cancelled' })])
    expect(isRunning(pid)).toBe(false)
  })

  it('started without an owner refuses to run', async () => {
    const alone = spawn(process.execPath, [built.entry], { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    alone.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(alone, 'close')) as [number]
    expect(code).toBe(1)
    expect(stderr).toContain('expected to be started by fork or utilityProcess')
  })
})

describe('a probe', () => {
  it('reports the devices of a variant that works, and ends', async () => {
    const result = await probeVariant(forkEngine(built.entry), startMessage())
    expect(result).toMatchObject({ ok: true })
    expect(result.ok && result.devices.map(({ type }) => type)).toContain('cpu')
  })

  it('of a graphics variant without a device says so and names what could not be loaded', async () => {
    const start = startMessage()
    const backend = join(folder, 'libggml-vulkan.so')
    await writeFile(backend, 'no library')
    const result = await probeVariant(forkEngine(built.entry), {
      ...start,
      variant: 'vulkan',
      libraries: { ...start.libraries, backends: [backend] },
    })
    expect(result).toMatchObject({
      ok: false,
      reason: expect.stringMatching(
        /^it found no graphics device; .*(libvulkan\.so\.1|libggml-vulkan\.so)/,
      ) as string,
    })
  })

  it('of libraries that are not there gives the reason', async () => {
    const start = startMessage()
    const missing = join(folder, 'libllama.so')
    const result = await probeVariant(forkEngine(built.entry), {
      ...start,
      variant: 'cuda',
      libraries: { ...start.libraries, libraries: [missing] },
    })
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('libllama.so') as string })
  })
})
