import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../../app/contract/errors'
import type { EngineClient, EngineInfo } from '../../../../../app/engine/engine-client-types'
import {
  examineMachine,
  isTrouble,
  type MachineReport,
} from '../../../../../app/services/doctor/examine-machine'
import { reportWords } from '../../../../../app/host/cli/commands/doctor'

const folders = { data: '/d', cache: '/c', models: '/m', program: '/p', bundledModel: '/b' }
const libraries = { build: 'linux-x64', version: '3.22.1', folder: '/libraries' }

const cpuOnly: EngineInfo = {
  variant: 'cpu',
  reasons: [
    { variant: 'cuda', chosen: false, reason: 'The driver (libcuda.so.1) is missing.' },
    { variant: 'cpu', chosen: true, reason: 'It runs everywhere.' },
  ],
  systemInfo: ' zen4 ',
  devices: [
    {
      name: 'CPU',
      description: 'A processor',
      type: 'cpu',
      memoryFreeBytes: 2 * 2 ** 30,
      memoryTotalBytes: 4 * 2 ** 30,
    },
    {
      name: 'KERNELS',
      description: 'selective scan and attention',
      type: 'accel',
      memoryFreeBytes: 0,
      memoryTotalBytes: 0,
    },
  ],
}

function examine(info: () => Promise<EngineInfo>, installed = [libraries]): Promise<MachineReport> {
  return examineMachine({
    version: '1.2.3',
    // No ffmpeg: finding a real one is not what this is about.
    env: { LONGLENS_FFMPEG: '/nowhere/ffmpeg' },
    engine: { info } as unknown as EngineClient,
    installed,
    folders,
    signal: new AbortController().signal,
  })
}

describe('examineMachine', () => {
  it('reports a part that works beside one that does not, with what to do', async () => {
    const report = await examine(() => Promise.resolve(cpuOnly))
    expect(report).toMatchObject({
      version: '1.2.3',
      ffmpeg: { remedy: 'Install ffmpeg, or set LONGLENS_FFMPEG to its path.' },
      engine: { ...cpuOnly, installed: [libraries] },
      folders,
    })
    expect([isTrouble(report.ffmpeg), isTrouble(report.engine)]).toEqual([true, false])
  })

  it('reports an engine that does not start', async () => {
    const failing = () => Promise.reject(new AppError('engine_unavailable', 'no', { reason: 'no libraries' }))
    expect((await examine(failing)).engine).toEqual({
      problem: 'The engine could not be started: no libraries.',
      remedy: 'Run "npm run build" in the repository, or install the program again.',
    })
  })

  it('is stopped, not finished with a problem, when it is interrupted', async () => {
    const stopped = () => Promise.reject(new AppError('cancelled', 'stopped'))
    await expect(examine(stopped)).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('reportWords', () => {
  it('says why a graphics card is not used, and gives an accelerator no memory of its own', async () => {
    const installed = [libraries, { ...libraries, build: 'linux-x64-cuda' }]
    const lines = reportWords(await examine(() => Promise.resolve(cpuOnly), installed)).split('\n')
    expect(lines).toContain('  - cuda: The driver (libcuda.so.1) is missing.')
    expect(lines).toContain('  * cpu: It runs everywhere.')
    expect(lines).toContain('    CPU: A processor, 2.0 GB free of 4.0 GB')
    expect(lines).toContain('    KERNELS: selective scan and attention')
    expect(lines).toContain('  Graphics: none that the engine can use; the reasons are above')
  })

  it('names the graphics cards that are used, and how to get libraries where there are none', async () => {
    const gpu = {
      name: 'CUDA0',
      description: 'A card',
      type: 'gpu',
      memoryFreeBytes: 1,
      memoryTotalBytes: 1,
    } as const
    const withCard = reportWords(await examine(() => Promise.resolve({ ...cpuOnly, devices: [gpu] })))
    expect(withCard).toContain('  Graphics: CUDA0\n')
    const without = reportWords(await examine(() => Promise.resolve(cpuOnly)))
    expect(without).toContain('"longlens engine install cuda"')
  })
})
