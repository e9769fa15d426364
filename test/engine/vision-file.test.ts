import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tensorBytes, type GgmlTypeName, type GgufValue } from '../../app/services/models/gguf/gguf-types'
import { openEngine, withFolder } from '../helpers/tiny-model-engine'
import {
  makeTower,
  smallTower,
  towerMetadata,
  writeTower,
  type Tower,
  type TowerTensor,
} from '../helpers/vision-file'
import { visionParams } from '../helpers/vision-tower'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

const good = makeTower(smallTower)

interface Refusal {
  readonly code: string
  readonly message: unknown
}

/** Loads a file that must be refused. */
async function expectRefusal(path: string, code: string, text: string): Promise<void> {
  const loading = openEngine().loadVisionTower({ ...visionParams, path }, undefined)
  const refusal: Refusal = { code, message: expect.stringContaining(text) }
  await expect(loading).rejects.toMatchObject(refusal)
}

async function expectRefusedTower(tower: Tower, code: string, text: string): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'vision.gguf')
    await writeTower(path, tower)
    await expectRefusal(path, code, text)
  })
}

async function expectRefusedMetadata(
  key: string,
  value: GgufValue | undefined,
  code: string,
  text: string,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'vision.gguf')
    const metadata = towerMetadata(good)
    if (value === undefined) metadata.delete(key)
    else metadata.set(key, value)
    await writeTower(path, good, metadata)
    await expectRefusal(path, code, text)
  })
}

function withTensor(
  name: string,
  change: (tensor: TowerTensor) => TowerTensor | undefined,
  tower = good,
): Tower {
  const tensors = new Map(tower.tensors)
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`no tensor ${name}`)
  const changed = change(tensor)
  if (changed === undefined) tensors.delete(name)
  else tensors.set(name, changed)
  return { ...tower, tensors }
}

const zeros = (name: string, shape: readonly number[], type: GgmlTypeName): TowerTensor => {
  const count = shape.reduce((product, size) => product * size, 1)
  const bytes = new Uint8Array(tensorBytes(type, shape) ?? NaN)
  return { name, shape, type, bytes, values: new Float32Array(count) }
}

describe('a vision file whose tensors do not fit', () => {
  const names = [...good.tensors.keys()]

  it('is refused with the name of the tensor that is missing, whichever it is', async () => {
    for (const name of names) {
      const tower = withTensor(name, () => undefined)
      await expectRefusedTower(tower, 'model_invalid', `${name}: the tensor is missing`)
    }
  })

  it('is refused with name and shapes when a tensor has another shape', async () => {
    for (const name of names) {
      const tower = withTensor(name, ({ shape }) =>
        zeros(name, [...shape.slice(0, -1), (shape.at(-1) ?? 0) + 1], 'F32'),
      )
      await expectRefusedTower(tower, 'model_invalid', `${name}: expected the shape [`)
    }
  })

  it('is refused when a matrix is transposed', async () => {
    const tower = withTensor('v.blk.0.ffn_up.weight', ({ name }) => zeros(name, [64, 32], 'F32'))
    await expectRefusedTower(
      tower,
      'model_invalid',
      'v.blk.0.ffn_up.weight: expected the shape [32, 64], got [64, 32]',
    )
  })

  it('is refused when a norm or bias is not F32', async () => {
    const tower = withTensor('v.blk.1.ln2.bias', ({ name }) => zeros(name, [32], 'F16'))
    await expectRefusedTower(tower, 'model_unsupported', 'v.blk.1.ln2.bias: the type f16 is not supported')
  })

  it.each(['Q8_1', 'Q8_K'] as const)('is refused when a matrix is of %s', async (type) => {
    const name = 'v.blk.0.ffn_down.weight'
    const blocks = makeTower({ ...smallTower, feedForward: 256 })
    const tower = withTensor(name, () => zeros(name, [256, 32], type), blocks)
    await expectRefusedTower(tower, 'model_unsupported', `${name}: the type `)
  })

  it('is refused when q, k and v have different types', async () => {
    const tower = withTensor('v.blk.0.attn_v.weight', ({ name }) => zeros(name, [32, 32], 'Q8_0'))
    await expectRefusedTower(tower, 'model_unsupported', 'v.blk.0.attn_v.weight: expected the type of')
  })
})

describe('a vision file whose metadata do not fit', () => {
  const u32 = (value: number): GgufValue => ({ type: 'u32', value })
  const text = (value: string): GgufValue => ({ type: 'string', value })
  const floats = (...values: number[]): GgufValue => ({
    type: 'array',
    of: 'f32',
    value: Float32Array.from(values),
  })

  it('is refused with the name of the key that is missing', async () => {
    const optional = ['longlens.vision.select_layer', 'longlens.image.aspect']
    for (const key of towerMetadata(good).keys()) {
      if (!optional.includes(key))
        await expectRefusedMetadata(key, undefined, 'model_invalid', `${key}: the key is missing`)
    }
  })

  it.each([
    ['longlens.vision.image_size', u32(0)],
    ['longlens.vision.image_size', u32(2 ** 32 - 1)],
    ['longlens.vision.image_size', text('16')],
    ['longlens.vision.image_size', { type: 'i32', value: 16 }],
    ['longlens.vision.patch_size', u32(5)],
    ['longlens.vision.head_count', u32(3)],
    ['longlens.vision.block_count', u32(2 ** 31)],
    ['longlens.vision.layer_norm_epsilon', { type: 'f32', value: NaN }],
    ['longlens.vision.layer_norm_epsilon', { type: 'f32', value: -1 }],
    ['longlens.vision.has_class_embedding', u32(1)],
    ['longlens.image.mean', floats(0.5, 0.5)],
    ['longlens.image.mean', floats(0.5, NaN, 0.5)],
    ['longlens.image.std', floats(0.5, 0, 0.5)],
    ['longlens.image.std', { type: 'array', of: 'string', value: ['a', 'b', 'c'] }],
  ] satisfies [string, GgufValue][])('is refused for %s = %o', async (key, value) => {
    await expectRefusedMetadata(key, value, 'model_invalid', `${key}: `)
  })

  it.each([
    ['general.architecture', text('clip'), 'expected longlens-vision, got "clip"'],
    ['longlens.vision.activation', text('relu'), '"relu" is neither quick_gelu nor gelu'],
    ['longlens.vision.pooling', text('3d'), '"3d" is none of 2d, 1d, none'],
    ['longlens.vision.pooling_factor', u32(3), 'only a factor of 2 is supported, got 3'],
    ['longlens.vision.projector', text('linear'), 'expected mlp2x_gelu, got "linear"'],
  ] satisfies [string, GgufValue, string][])('is unsupported for %s = %o', async (key, value, reason) => {
    await expectRefusedMetadata(key, value, 'model_unsupported', `${key}: ${reason}`)
  })

  it('is unsupported when the grid cannot be halved', async () => {
    await expectRefusedTower(
      makeTower({ ...smallTower, imageSize: 12 }),
      'model_unsupported',
      'a grid of 3 patches cannot be pooled by 2',
    )
  })
})

describe('a vision file that is not whole', () => {
  it('is refused when it is missing, empty, cut short or something else', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'vision.gguf')
      await expectRefusal(path, 'io_failed', path)
      await writeFile(path, '')
      await expectRefusal(path, 'model_invalid', path)
      await writeFile(path, 'this is no model at all, only words')
      await expectRefusal(path, 'model_invalid', path)

      await writeTower(path, good)
      const { length } = await readFile(path)
      await truncate(path, length - 4096)
      await expectRefusal(path, 'model_invalid', 'mm.2.weight: its data ends after the end of the file')
      await truncate(path, 300)
      await expectRefusal(path, 'model_invalid', path)
    })
  })
})
