import { describe, expect, it } from 'vitest'
import type { EngineVariant } from '../../../../app/engine/engine-client-types'
import type { InstalledVariant } from '../../../../app/engine/engine-libraries'
import { probeVariant, type ProbeResult } from '../../../../app/engine/engine-probe'
import { chooseVariant, forcedVariant } from '../../../../app/engine/engine-variants'
import { missingLibraries, systemLibraries } from '../../../../app/engine/system-libraries'
import { fakeEngineWorld } from '../../../helpers/fake-engine-world'

function installed(...variants: EngineVariant[]): InstalledVariant[] {
  return variants.map((variant) => ({
    variant,
    build: `linux-x64-${variant}`,
    version: '3.22.1',
    folder: `/libraries/${variant}`,
    libraries: [],
    backends: [],
  }))
}

const card = {
  name: 'CUDA0',
  description: 'a card',
  type: 'gpu' as const,
  memoryFreeBytes: 1,
  memoryTotalBytes: 1,
}
const works: ProbeResult = { ok: true, devices: [card] }
const fails: ProbeResult = { ok: false, reason: 'it found no graphics device' }

function probing(results: Partial<Record<EngineVariant, ProbeResult>>) {
  const probed: EngineVariant[] = []
  return {
    probed,
    probe: ({ variant }: InstalledVariant) => {
      probed.push(variant)
      return Promise.resolve(results[variant] ?? fails)
    },
  }
}

describe('chooseVariant', () => {
  it('takes the CPU without a probe when it is the only one installed', async () => {
    const { probe, probed } = probing({})
    const choice = await chooseVariant({ installed: installed('cpu'), probe })
    expect(choice.reasons).toEqual([
      { variant: 'cpu', chosen: true, reason: 'It is the only one installed.' },
    ])
    expect(probed).toEqual([])
  })

  it('takes the first in the order CUDA, Metal, Vulkan, CPU whose probe works', async () => {
    const { probe, probed } = probing({ vulkan: works })
    const choice = await chooseVariant({ installed: installed('cpu', 'vulkan', 'cuda'), probe })
    expect(choice.chosen.variant).toBe('vulkan')
    expect(probed).toEqual(['cuda', 'vulkan'])
    expect(choice.reasons).toEqual([
      { variant: 'cuda', chosen: false, reason: 'It found no graphics device (linux-x64-cuda).' },
      { variant: 'vulkan', chosen: true, reason: 'It found CUDA0 (a card).' },
      { variant: 'cpu', chosen: false, reason: 'The vulkan variant is preferred.' },
    ])
  })

  it('tries only the forced variant, and falls back to the CPU with its reason', async () => {
    const { probe, probed } = probing({ cuda: works })
    const choice = await chooseVariant({
      installed: installed('cuda', 'vulkan', 'cpu'),
      forced: 'vulkan',
      probe,
    })
    expect(probed).toEqual(['vulkan'])
    expect(choice.chosen.variant).toBe('cpu')
    expect(choice.reasons).toEqual([
      { variant: 'vulkan', chosen: false, reason: 'It found no graphics device (linux-x64-vulkan).' },
      { variant: 'cuda', chosen: false, reason: 'The vulkan variant was asked for.' },
      { variant: 'cpu', chosen: true, reason: 'No other variant works here.' },
    ])
  })

  it('takes a forced CPU before everything else, and says when the forced one is not installed', async () => {
    const { probe, probed } = probing({ cuda: works })
    const cpu = await chooseVariant({ installed: installed('cuda', 'cpu'), forced: 'cpu', probe })
    expect(cpu.chosen.variant).toBe('cpu')
    expect(probed).toEqual([])
    const missing = await chooseVariant({ installed: installed('cpu'), forced: 'cuda', probe })
    expect(missing.reasons[0]).toEqual({
      variant: 'cuda',
      chosen: false,
      reason: 'It was asked for, but is not installed.',
    })
  })

  it('rejects with every reason when nothing is left', async () => {
    const { probe } = probing({})
    await expect(chooseVariant({ installed: installed('cuda'), probe })).rejects.toMatchObject({
      code: 'engine_unavailable',
      details: { reason: 'cuda: It found no graphics device (linux-x64-cuda)' },
    })
    await expect(chooseVariant({ installed: [], probe })).rejects.toMatchObject({
      details: { reason: 'no engine libraries are installed' },
    })
  })

  it('reads LONGLENS_ENGINE_VARIANT and refuses what is no variant', () => {
    expect(forcedVariant(undefined)).toBeUndefined()
    expect(forcedVariant('auto')).toBeUndefined()
    expect(forcedVariant('vulkan')).toBe('vulkan')
    expect(() => forcedVariant('tpu')).toThrow(
      'LONGLENS_ENGINE_VARIANT: expected auto, cuda, metal, vulkan, cpu, got tpu',
    )
  })
})

describe('probeVariant', () => {
  const start = {
    type: 'start' as const,
    addonPath: '/a',
    variant: 'cuda' as const,
    libraries: { folder: '/', libraries: [], backends: [] },
  }
  const hello = {
    type: 'hello',
    variant: 'cuda',
    systemInfo: '',
    devices: [],
    failedBackends: [],
    missing: [],
  }

  function probed(signal?: AbortSignal) {
    const { processes, clock } = fakeEngineWorld()
    const result = probeVariant(processes.spawn, start, {
      clock,
      ...(signal === undefined ? {} : { signal }),
    })
    return { process: processes.latest(), clock, result }
  }

  it('starts a throw-away process and gives its devices', async () => {
    const { process, clock, result } = probed()
    expect(process.args).toEqual(['--probe'])
    expect(process.received).toEqual([start])
    process.post({ ...hello, devices: [card] })
    process.end({ code: 0, signal: null })
    await expect(result).resolves.toEqual({ ok: true, devices: [card] })
    expect(clock.timerCount()).toBe(0)
  })

  it('names every missing library when there is no graphics device', async () => {
    const { process, result } = probed()
    const missing = [
      {
        library: 'libcuda.so.1',
        purpose: 'the NVIDIA driver',
        reason: 'libcuda.so.1: cannot open shared object file: No such file or directory',
      },
      { library: 'libcublas.so.13', purpose: 'cuBLAS of CUDA 13', reason: 'version GLIBC_2.99 not found' },
    ]
    process.post({
      ...hello,
      missing,
      failedBackends: [{ path: '/libggml-cuda.so', reason: 'libcudart.so.13: no' }],
    })
    process.end({ code: 0, signal: null })
    await expect(result).resolves.toEqual({
      ok: false,
      reason:
        'it found no graphics device; libcuda.so.1 (the NVIDIA driver) is missing; libcublas.so.13 (cuBLAS of CUDA 13) cannot be opened: version GLIBC_2.99 not found',
    })
  })

  it('fails with the last words of a process that dies', async () => {
    const { process, result } = probed()
    process.crash({ stderr: 'CUDA error: no kernel image\n', exit: { code: null, signal: 'SIGABRT' } })
    await expect(result).resolves.toEqual({
      ok: false,
      reason: 'its probe ended with signal SIGABRT: CUDA error: no kernel image',
    })
  })

  it('kills a process that says nothing for fifteen seconds', async () => {
    const { process, clock, result } = probed()
    clock.advanceSeconds(14.9)
    expect(process.wasKilled).toBe(false)
    clock.advanceSeconds(0.1)
    expect(process.wasKilled).toBe(true)
    await expect(result).resolves.toEqual({ ok: false, reason: 'its probe did not answer within 15 seconds' })
  })

  it('is called off by its signal', async () => {
    const abort = new AbortController()
    const { process, clock, result } = probed(abort.signal)
    abort.abort()
    expect(process.wasKilled).toBe(true)
    await expect(result).resolves.toEqual({ ok: false, reason: 'its probe was called off' })
    expect(clock.timerCount()).toBe(0)
  })

  it('does not believe a process that answers nonsense', async () => {
    const { process, result } = probed()
    process.post({ type: 'hello' })
    process.end({ code: 0, signal: null })
    expect((await result).ok).toBe(false)
  })
})

describe('missingLibraries', () => {
  it('names the driver and the parts of the CUDA runtime one by one', () => {
    const open = (library: string): void => {
      if (library !== 'libcublas.so.13') throw new Error(`${library}: cannot open shared object file`)
    }
    expect(missingLibraries(systemLibraries('cuda', 'linux'), open).map(({ library }) => library)).toEqual([
      'libcuda.so.1',
      'libcudart.so.13',
      'libcublasLt.so.13',
    ])
  })

  it('needs nothing for the CPU', () => {
    expect(systemLibraries('cpu', 'linux')).toEqual([])
  })

  // The loader's words are those of Linux.
  it.skipIf(process.platform !== 'linux')('tells a library that is there from one that is not', () => {
    const libraries = [
      { library: 'libc.so.6', purpose: 'everything' },
      { library: 'libno-such-thing.so.1', purpose: 'nothing' },
    ]
    expect(missingLibraries(libraries)).toEqual([
      {
        library: 'libno-such-thing.so.1',
        purpose: 'nothing',
        reason: 'libno-such-thing.so.1: cannot open shared object file: No such file or directory',
      },
    ])
  })
})
