import { createRandom } from '../random'
import type { SceneEffects } from '../scene'
import { blur } from './blur'
import { compressBlocks } from './compression-blocks'
import { toByte, type Raster } from './raster'

/** Values of a standard normal distribution, in random order (Box and Muller's method). */
const NORMAL = makeNormal(4096)

function makeNormal(count: number): Float32Array {
  const random = createRandom('normal')
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
    return radius * Math.cos(2 * Math.PI * random.next())
  })
}

/**
 * Blur, brightness, noise and compression, in this order, in place.
 * scale: pixels of the raster per model pixel. Noise has grains of one model pixel, so that it looks the same after the
 * picture is scaled down to the model's size.
 */
export function applyEffects(raster: Raster, effects: SceneEffects, scale: number): void {
  blur(raster, effects.blur * scale)
  if (effects.brightness !== 1) brighten(raster, effects.brightness)
  if (effects.noise > 0) addNoise(raster, effects.noise, effects.noiseSeed, scale)
  if (effects.blocks > 0) compressBlocks(raster, effects.blocks)
}

function brighten({ data }: Raster, factor: number): void {
  const levels = Uint8Array.from({ length: 256 }, (_, level) => toByte(level * factor))
  for (let at = 0; at < data.length; at += 1) data[at] = levels[data[at] as number] as number
}

function addNoise({ width, height, data }: Raster, deviation: number, seed: number, scale: number): void {
  // Rounds and clamps as it is written to.
  const levels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length)
  const noise = NORMAL.map((value) => value * deviation)
  const columns = Int32Array.from({ length: width }, (_, x) => Math.imul(Math.floor(x / scale), 0x297a2d39))
  let at = 0
  for (let y = 0; y < height; y += 1) {
    const row = Math.imul(Math.floor(y / scale), 0x2c1b3c6d) ^ seed
    for (let x = 0; x < width; x += 1) {
      let hash = (columns[x] as number) ^ row
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
      // Three draws of 12 bits out of one hash; the middle one shares bits with both, which nobody sees.
      levels[at] = (levels[at] as number) + (noise[hash & 4095] as number)
      levels[at + 1] = (levels[at + 1] as number) + (noise[(hash >>> 10) & 4095] as number)
      levels[at + 2] = (levels[at + 2] as number) + (noise[hash >>> 20] as number)
      at += 3
    }
  }
}
