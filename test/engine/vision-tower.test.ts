import { afterEach, describe, expect, it } from 'vitest'
import { openEngine } from '../helpers/tiny-model-engine'
import { makeTower, randomPixels, smallTower, type Tower, type TowerShape } from '../helpers/vision-file'
import { largestDifference, referencePixelValues, referenceStages } from '../helpers/vision-reference'
import { withTower } from '../helpers/vision-tower'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

/** A grid of 9x9 patches with odd head sizes, so that no size is a multiple of a vector register. */
const oddTower: TowerShape = {
  ...smallTower,
  imageSize: 45,
  patchSize: 5,
  width: 45,
  feedForward: 75,
  heads: 9,
  projection: 51,
  pooling: 'none',
}

/** More inputs than our kernels take in one pass (1024) and in one segment (256); a head wider than a segment. */
const wideTower: TowerShape = {
  ...smallTower,
  imageSize: 8,
  width: 320,
  heads: 1,
  feedForward: 1120,
  blocks: 1,
  projection: 40,
}

/** More positions than a segment. */
const longTower: TowerShape = {
  ...smallTower,
  imageSize: 68,
  width: 24,
  heads: 2,
  blocks: 1,
  pooling: 'none',
}

/** Larger than a tile of flash attention (64 positions), head size 16. */
const largerTower: TowerShape = {
  ...smallTower,
  imageSize: 40,
  width: 64,
  heads: 4,
  feedForward: 160,
  blocks: 3,
}

// Differences of single precision. F16 and Q8_0 matrices are compared with what the stored bytes mean: our kernels
// multiply just that, ggml's round the other factor too, to 11 and to 8 bits.
const tolerances = { F32: 1e-5, F16: 5e-3, Q8_0: 0.15 }

const shapes: [string, TowerShape][] = [
  ['quick-GELU, 2d pooling', smallTower],
  ['GELU', { ...smallTower, activation: 'gelu' }],
  ['1d pooling', { ...smallTower, pooling: '1d' }],
  ['no pooling', { ...smallTower, pooling: 'none' }],
  ['no class embedding', { ...smallTower, hasClass: false }],
  ['no class embedding, 1d pooling', { ...smallTower, hasClass: false, pooling: '1d' }],
  ['one block, one head', { ...smallTower, blocks: 1, heads: 1 }],
  ['odd sizes', oddTower],
  ['more positions than a tile of flash attention', largerTower],
  ['wide rows', wideTower],
  ['many positions', longTower],
  ['F16 matrices', { ...smallTower, matrixType: 'F16' }],
  ['F16 matrices, larger', { ...largerTower, matrixType: 'F16' }],
  ['Q8_0 matrices, wide rows', { ...wideTower, projection: 96, matrixType: 'Q8_0' }],
  ['Q8_0 matrices', { ...smallTower, matrixType: 'Q8_0' }],
]

/** Gives a lane of the first feed-forward one pre-activation, whatever the picture. The tower's matrices are F32. */
function fixPreActivation(tower: Tower, lane: number, value: number): void {
  const { width } = tower.shape
  // The bytes that are stored are those of the values.
  tower.tensors.get('v.blk.0.ffn_up.weight')?.values.fill(0, lane * width, (lane + 1) * width)
  tower.tensors.get('v.blk.0.ffn_up.bias')?.values.fill(value, lane, lane + 1)
}

interface Setting {
  readonly kernels: 'avx512' | 'avx2' | 'ggml'
  readonly flashAttention: boolean
}

const settings: [string, Setting][] = (['avx512', 'avx2', 'ggml'] as const).flatMap((kernels) =>
  [false, true].map((flashAttention): [string, Setting] => [
    `kernels ${kernels}, flash attention ${flashAttention ? 'on' : 'off'}`,
    { kernels, flashAttention },
  ]),
)

/** Whether this CPU runs these kernels: they are chosen when the tower is loaded. */
async function canRun(kernels: Setting['kernels']): Promise<boolean> {
  try {
    await withTower(makeTower(smallTower), () => Promise.resolve(), { kernels })
    return true
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.startsWith('kernels: this CPU cannot run')) return false
    throw thrown
  }
}

describe.each(settings)('the vision tower, %s', (_, setting) => {
  it.for(shapes)('computes what the plain reference computes: %s', async ([name, shape], { skip }) => {
    skip(!(await canRun(setting.kernels)), `this CPU cannot run the ${setting.kernels} kernels`)
    const tower = makeTower(shape)
    const values = referencePixelValues(tower, randomPixels(name, shape, 1))
    const expected = referenceStages(tower, values)

    const stages = await withTower(tower, (native) => native.stagesFromPixelValues(values), setting)
    const tolerance = tolerances[setting.kernels === 'ggml' ? shape.matrixType : 'F32']

    expect(largestDifference(stages.features, expected.features)).toBeLessThan(tolerance)
    expect(largestDifference(stages.pooled, expected.pooled)).toBeLessThan(tolerance)
    expect(largestDifference(stages.projected, expected.projected)).toBeLessThan(tolerance)
  })

  it.for([
    ['in whole panels', smallTower],
    ['in the rest of a panel', oddTower],
  ] as const)('takes quick-GELU far below zero for nothing, %s', async ([, shape], { skip }) => {
    skip(!(await canRun(setting.kernels)), `this CPU cannot run the ${setting.kernels} kernels`)
    const tower = makeTower(shape)
    // e^-1.702t has no place in 32 bits below -52.13.
    for (const [i, value] of [-52.3, -60, -1e4].entries())
      fixPreActivation(tower, shape.feedForward - 1 - i, value)
    const values = referencePixelValues(tower, randomPixels('far below', shape, 1))
    const expected = referenceStages(tower, values)

    const stages = await withTower(tower, (native) => native.stagesFromPixelValues(values), setting)

    expect(largestDifference(stages.features, expected.features)).toBeLessThan(tolerances.F32)
  })
})

describe('the vision tower', () => {
  it('says its sizes and a memory figure that holds at least the weights', async () => {
    await withTower(makeTower(smallTower), async (native) => {
      expect(native).toMatchObject({ side: 16, tokensPerImage: 4, embeddingLength: 64 })
      expect(native.memoryBytes).toBeGreaterThan(80_000)
      await Promise.resolve()
    })
  })

  it('gives the same numbers for a picture alone, in a batch and in the rest of a batch', async () => {
    const shape = largerTower
    const pixels = randomPixels('batches', shape, 7)
    const size = shape.imageSize ** 2 * 3
    await withTower(
      makeTower(shape),
      async (native) => {
        const together = await native.encode(pixels, undefined, undefined)
        const valuesPerImage = native.tokensPerImage * native.embeddingLength
        expect(together.length).toBe(7 * valuesPerImage)
        for (let i = 0; i < 7; i++) {
          const alone = await native.encode(pixels.subarray(i * size, (i + 1) * size), undefined, undefined)
          expect(
            largestDifference(alone, together.subarray(i * valuesPerImage, (i + 1) * valuesPerImage)),
          ).toBe(0)
        }
      },
      { batchImages: 3 },
    )
  })

  it('encodes bytes to what the stages give for their pixel values', async () => {
    const shape = largerTower
    const pixels = randomPixels('encode', shape, 3)
    await withTower(makeTower(shape), async (native) => {
      const encoded = await native.encode(pixels, undefined, undefined)
      const { projected } = await native.stagesFromPixelValues(await native.pixelValues(pixels))

      expect(largestDifference(encoded, projected)).toBe(0)
    })
  })

  it('computes the pixel values of every byte bit for bit', async () => {
    const tower = makeTower({ ...smallTower, imageSize: 32 })
    // Every byte in every channel: 1024 pixels, each channel shifted against the others.
    const pixels = Uint8Array.from(
      { length: 32 * 32 * 3 },
      (_, i) => (Math.floor(i / 3) + (i % 3) * 85) & 255,
    )

    const values = await withTower(tower, (native) => native.pixelValues(pixels))

    expect(
      Buffer.compare(Buffer.from(values.buffer), Buffer.from(referencePixelValues(tower, pixels).buffer)),
    ).toBe(0)
  })

  it('starts from a later stage on the given values', async () => {
    const tower = makeTower(smallTower)
    const pixels = randomPixels('stages', smallTower, 2)
    await withTower(tower, async (native) => {
      const stages = await native.stagesFromPixelValues(await native.pixelValues(pixels))
      const later = await native.poolAndProject(stages.features)

      expect(largestDifference(later.pooled, stages.pooled)).toBe(0)
      expect(largestDifference(later.projected, stages.projected)).toBe(0)
      expect(largestDifference(await native.project(stages.pooled), stages.projected)).toBe(0)
    })
  })

  it('keeps images in order when several calls are waiting', async () => {
    const shape = smallTower
    const first = randomPixels('first', shape, 2)
    const second = randomPixels('second', shape, 5)
    await withTower(makeTower(shape), async (native) => {
      const [a, b] = await Promise.all([
        native.encode(first, undefined, undefined),
        native.encode(second, undefined, undefined),
      ])
      expect(largestDifference(a, await native.encode(first, undefined, undefined))).toBe(0)
      expect(largestDifference(b, await native.encode(second, undefined, undefined))).toBe(0)
    })
  })
})
