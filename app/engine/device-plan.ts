import type { DeviceInfo, MemoryEstimate } from './engine-binding'

/** What of a model may be placed on a device by itself, bytes. */
export interface ModelSizes {
  /** Weights, keys and values, and recurrent states of each repeating layer, first to last. */
  readonly layers: readonly number[]
  /** Output norm and output matrix. They count as one more layer after the last. */
  readonly outputBytes: number
  /** Compute buffers; every device that runs layers needs them. */
  readonly computeBytes: number
  /** Weights and buffers of the vision tower. */
  readonly visionBytes: number
}

export interface DevicePlan {
  /** Layers on graphics devices, counted from the last, the output included: llama.cpp's `n_gpu_layers`. */
  readonly gpuLayers: number
  /** Devices that get layers, in order. */
  readonly devices: readonly string[]
  /** Layers on each of `devices`; llama.cpp takes them as proportions. */
  readonly tensorSplit: readonly number[]
  /** Where the vision tower runs; empty for the CPU. */
  readonly visionDevice: string
  /** What stays in main memory, bytes. */
  readonly hostBytes: number
  /** What goes to graphics memory, bytes. */
  readonly deviceBytes: number
  /** One sentence that says why. */
  readonly reason: string
}

/** Left free on each device for its driver, the screen and what the estimate does not see. */
const RESERVE_BYTES = 512 * 1024 ** 2
const RESERVE_SHARE = 0.05

/**
 * Spreads an estimate over the layers. Weights are spread evenly, the output counting as one layer; keys and values
 * go to the attention layers by their heads, recurrent states to the others. The headers' exact sizes are not needed:
 * the reserve covers what uneven layers (experts in every second one) make wrong.
 *
 * @param kvHeads key/value heads by layer, 0 marks a Mamba layer
 */
export function modelSizes(estimate: MemoryEstimate, kvHeads: readonly number[]): ModelSizes {
  const heads = kvHeads.reduce((sum, n) => sum + n, 0)
  const mambaLayers = kvHeads.filter((n) => n === 0).length
  const weights = estimate.modelBytes / (kvHeads.length + 1)
  const layers = kvHeads.map((n) => {
    const state = n > 0 ? (estimate.keyValueBytes * n) / heads : estimate.recurrentBytes / mambaLayers
    return weights + state
  })
  return {
    layers,
    outputBytes: weights,
    computeBytes: estimate.computeBytes,
    visionBytes: estimate.visionBytes,
  }
}

/**
 * Decides which layers run where. Integrated graphics are used only where there is no other graphics device, as
 * llama.cpp does. `auto` offloads as many layers as fit, last layers first, largest device first; a number offloads
 * that many (the output counts as one), shared out by free memory when they do not fit.
 */
export function planDevices(
  devices: readonly DeviceInfo[],
  sizes: ModelSizes,
  requested: number | 'auto',
): DevicePlan {
  const units = [...sizes.layers, sizes.outputBytes]
  const gpus = graphicsDevices(devices)
  if (requested === 0) return onCpu(sizes, 'No layers were asked to run on a graphics device.')
  if (gpus.length === 0) return onCpu(sizes, 'There is no graphics device.')

  const rooms = gpus.map((gpu) => ({
    name: gpu.name,
    free: gpu.memoryFreeBytes,
    room: usableBytes(gpu, sizes),
  }))
  // The first device is the largest: the vision tower goes there, unless only layers or nothing fits.
  const vision = fittingVision(rooms, sizes, requested)
  const fitting = fill(units, rooms, requested === 'auto' ? units.length : Math.min(requested, units.length))
  if (fitting.total > 0 && (requested === 'auto' || fitting.total >= Math.min(requested, units.length))) {
    return describePlan(sizes, units, gpus, fitting.counts, vision)
  }
  if (requested === 'auto') {
    const free = Math.max(...gpus.map((gpu) => gpu.memoryFreeBytes))
    return onCpu(
      sizes,
      `No layer fits into the ${String(Math.round(free / 1024 ** 2))} MB that are free in graphics memory.`,
    )
  }
  const forced = shareOut(Math.min(requested, units.length), rooms)
  return describePlan(sizes, units, gpus, forced, vision)
}

interface Room {
  readonly name: string
  readonly free: number
  /** Bytes that layers may take. */
  room: number
}

function graphicsDevices(devices: readonly DeviceInfo[]): DeviceInfo[] {
  const discrete = devices.filter((device) => device.type === 'gpu')
  const usable = discrete.length > 0 ? discrete : devices.filter((device) => device.type === 'igpu')
  return usable.toSorted((a, b) => b.memoryFreeBytes - a.memoryFreeBytes)
}

function usableBytes(device: DeviceInfo, sizes: ModelSizes): number {
  const reserve = Math.max(RESERVE_BYTES, device.memoryTotalBytes * RESERVE_SHARE)
  return Math.max(0, device.memoryFreeBytes - reserve - sizes.computeBytes)
}

/** The vision tower's device, its room taken off; empty when it does not fit beside at least one layer. */
function fittingVision(rooms: Room[], sizes: ModelSizes, requested: number | 'auto'): string {
  const [first] = rooms
  if (first === undefined) return ''
  const smallest = Math.min(sizes.outputBytes, ...sizes.layers)
  if (requested === 'auto' && first.room < sizes.visionBytes + smallest) return ''
  if (first.room < sizes.visionBytes) return ''
  first.room -= sizes.visionBytes
  return first.name
}

/**
 * Places the last `wanted` units, or as many of them as fit, one device after another. llama.cpp gives a device
 * consecutive layers in the order of the devices, so the first device gets the earliest of them.
 */
function fill(
  units: readonly number[],
  rooms: readonly Room[],
  wanted: number,
): { total: number; counts: number[] } {
  for (let total = wanted; total > 0; total -= 1) {
    const counts = place(units.slice(units.length - total), rooms)
    if (counts !== undefined) return { total, counts }
  }
  return { total: 0, counts: rooms.map(() => 0) }
}

function place(units: readonly number[], rooms: readonly Room[]): number[] | undefined {
  const counts: number[] = []
  let next = 0
  for (const { room } of rooms) {
    let left = room
    const before = next
    for (let size = units[next]; size !== undefined && size <= left; size = units[next]) {
      left -= size
      next += 1
    }
    counts.push(next - before)
  }
  return next === units.length ? counts : undefined
}

/** Largest remainders: the counts add up to `total` and follow the free memory as closely as whole layers can. */
function shareOut(total: number, rooms: readonly Room[]): number[] {
  const free = rooms.reduce((sum, room) => sum + room.free, 0)
  const exact = rooms.map((room) => (free > 0 ? (total * room.free) / free : total / rooms.length))
  const counts = exact.map(Math.floor)
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .toSorted((a, b) => b.rest - a.rest)
  const missing = total - counts.reduce((sum, n) => sum + n, 0)
  for (const { index } of byRemainder.slice(0, missing)) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

function describePlan(
  sizes: ModelSizes,
  units: readonly number[],
  gpus: readonly DeviceInfo[],
  counts: readonly number[],
  visionDevice: string,
): DevicePlan {
  const used = gpus
    .map((gpu, index) => ({ name: gpu.name, layers: counts[index] ?? 0 }))
    .filter(({ layers }) => layers > 0)
  const gpuLayers = used.reduce((sum, { layers }) => sum + layers, 0)
  const offloaded = units.slice(units.length - gpuLayers).reduce((sum, size) => sum + size, 0)
  const kept = units.slice(0, units.length - gpuLayers).reduce((sum, size) => sum + size, 0)
  const onGpu = visionDevice === '' ? 0 : sizes.visionBytes
  return {
    gpuLayers,
    devices: used.map(({ name }) => name),
    tensorSplit: used.map(({ layers }) => layers),
    visionDevice,
    hostBytes: Math.round(kept + sizes.computeBytes + (sizes.visionBytes - onGpu)),
    deviceBytes: Math.round(offloaded + sizes.computeBytes * used.length + onGpu),
    reason: `${String(gpuLayers)} of ${String(units.length)} layers run on ${used.map(({ name }) => name).join(', ')}.`,
  }
}

function onCpu(sizes: ModelSizes, reason: string): DevicePlan {
  const layers = sizes.layers.reduce((sum, size) => sum + size, 0)
  return {
    gpuLayers: 0,
    devices: [],
    tensorSplit: [],
    visionDevice: '',
    hostBytes: Math.round(layers + sizes.outputBytes + sizes.computeBytes + sizes.visionBytes),
    deviceBytes: 0,
    reason,
  }
}
