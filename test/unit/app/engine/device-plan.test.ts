import { describe, expect, it } from 'vitest'
import { modelSizes, planDevices, type ModelSizes } from '../../../../app/engine/device-plan'
import type { DeviceInfo } from '../../../../app/engine/engine-binding'

const GB = 1024 ** 3

function device(name: string, type: DeviceInfo['type'], freeGb: number, totalGb = freeGb): DeviceInfo {
  return { name, description: name, type, memoryFreeBytes: freeGb * GB, memoryTotalBytes: totalGb * GB }
}

const cpu = device('CPU', 'cpu', 32, 64)

/** Eight layers and an output of 1 GB each, 0.5 GB of compute buffers, a vision tower of 1 GB. */
const sizes: ModelSizes = {
  layers: Array.from({ length: 8 }, () => GB),
  outputBytes: GB,
  computeBytes: GB / 2,
  visionBytes: GB,
}
const everythingOnCpu = {
  gpuLayers: 0,
  devices: [],
  tensorSplit: [],
  visionDevice: '',
  deviceBytes: 0,
  hostBytes: 10.5 * GB,
}

describe('planDevices with auto', () => {
  it('uses the CPU where there is no graphics device', () => {
    expect(planDevices([cpu], sizes, 'auto')).toEqual({
      ...everythingOnCpu,
      reason: 'There is no graphics device.',
    })
    expect(planDevices([], sizes, 'auto')).toMatchObject(everythingOnCpu)
  })

  it('puts everything on a device that is large enough', () => {
    expect(planDevices([cpu, device('CUDA0', 'gpu', 24)], sizes, 'auto')).toEqual({
      gpuLayers: 9,
      devices: ['CUDA0'],
      tensorSplit: [9],
      visionDevice: 'CUDA0',
      deviceBytes: 10.5 * GB,
      hostBytes: 0.5 * GB,
      reason: '9 of 9 layers run on CUDA0.',
    })
  })

  it('offloads the last layers to a small device and leaves a reserve there', () => {
    // 6 GB less 0.5 GB of reserve, 0.5 GB of compute buffers and the vision tower: four layers.
    expect(planDevices([cpu, device('CUDA0', 'gpu', 6)], sizes, 'auto')).toMatchObject({
      gpuLayers: 4,
      tensorSplit: [4],
      visionDevice: 'CUDA0',
      hostBytes: 5.5 * GB,
    })
  })

  it('leaves the vision tower on the CPU when it would push the last layer out', () => {
    expect(planDevices([cpu, device('CUDA0', 'gpu', 2.25)], sizes, 'auto')).toMatchObject({
      gpuLayers: 1,
      visionDevice: '',
      deviceBytes: 1.5 * GB,
      hostBytes: 9.5 * GB,
    })
  })

  it('splits over two unequal devices, the larger first', () => {
    const plan = planDevices([cpu, device('CUDA0', 'gpu', 5), device('CUDA1', 'gpu', 9)], sizes, 'auto')
    // CUDA1: 9 - 0.5 - 0.5 - 1 = 7 layers; CUDA0: 5 - 0.5 - 0.5 = 4, of which two are left to place.
    expect(plan).toMatchObject({
      gpuLayers: 9,
      devices: ['CUDA1', 'CUDA0'],
      tensorSplit: [7, 2],
      visionDevice: 'CUDA1',
    })
  })

  it('does not use a second device that is not needed', () => {
    const plan = planDevices([device('CUDA0', 'gpu', 24), device('CUDA1', 'gpu', 8)], sizes, 'auto')
    expect(plan).toMatchObject({ devices: ['CUDA0'], tensorSplit: [9] })
  })

  it('uses integrated graphics only when there is nothing else', () => {
    const integrated = device('Vulkan0', 'igpu', 20)
    expect(planDevices([cpu, integrated], sizes, 'auto').devices).toEqual(['Vulkan0'])
    expect(planDevices([cpu, integrated, device('Vulkan1', 'gpu', 16)], sizes, 'auto').devices).toEqual([
      'Vulkan1',
    ])
  })

  it('stays on the CPU when no layer fits, and says what is free', () => {
    expect(planDevices([cpu, device('CUDA0', 'gpu', 1, 8)], sizes, 'auto')).toEqual({
      ...everythingOnCpu,
      reason: 'No layer fits into the 1024 MB that are free in graphics memory.',
    })
    expect(planDevices([cpu, device('CUDA0', 'gpu', 0, 8)], sizes, 'auto')).toMatchObject(everythingOnCpu)
  })

  it('keeps five percent of a large device free', () => {
    // 100 GB less 5 GB, 0.5 GB and 1 GB: 93 of 100 layers of 1 GB.
    const large: ModelSizes = { ...sizes, layers: Array.from({ length: 99 }, () => GB) }
    expect(planDevices([device('CUDA0', 'gpu', 100)], large, 'auto').gpuLayers).toBe(93)
  })
})

describe('planDevices with a number of layers', () => {
  it('offloads exactly that many', () => {
    expect(planDevices([device('CUDA0', 'gpu', 24)], sizes, 3)).toMatchObject({
      gpuLayers: 3,
      tensorSplit: [3],
    })
  })

  it('offloads nothing for zero, and no more than there is', () => {
    expect(planDevices([device('CUDA0', 'gpu', 24)], sizes, 0)).toMatchObject(everythingOnCpu)
    expect(planDevices([device('CUDA0', 'gpu', 24)], sizes, 999).gpuLayers).toBe(9)
  })

  it('does as it is told on devices that look too small, shared out by their free memory', () => {
    const plan = planDevices([device('CUDA0', 'gpu', 1), device('CUDA1', 'gpu', 2)], sizes, 9)
    expect(plan).toMatchObject({ gpuLayers: 9, devices: ['CUDA1', 'CUDA0'], tensorSplit: [6, 3] })
  })

  it('falls to the CPU where there is no graphics device', () => {
    expect(planDevices([cpu], sizes, 5)).toMatchObject(everythingOnCpu)
  })
})

describe('modelSizes', () => {
  it('gives keys and values to attention layers and recurrent states to the others', () => {
    const estimate = {
      modelBytes: 400,
      keyValueBytes: 60,
      recurrentBytes: 20,
      computeBytes: 7,
      visionBytes: 9,
      totalBytes: 496,
    }
    expect(modelSizes(estimate, [0, 2, 0])).toEqual({
      layers: [110, 160, 110],
      outputBytes: 100,
      computeBytes: 7,
      visionBytes: 9,
    })
  })

  it('is the whole model when everything stays on the CPU', () => {
    const estimate = {
      modelBytes: 400,
      keyValueBytes: 60,
      recurrentBytes: 20,
      computeBytes: 7,
      visionBytes: 9,
      totalBytes: 496,
    }
    expect(planDevices([], modelSizes(estimate, [0, 2, 0, 0]), 'auto').hostBytes).toBe(496)
  })
})
