import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { toModelInput } from '../../app/domain/pixels/model-input'
import {
  languageLayout,
  preprocessorConfig,
  towerConfig,
  towerLayout,
  writeCheckpoint,
  writeJson,
  writeSafetensors,
  type CheckpointSizes,
  type LayoutTensor,
} from './checkpoint'
import { LanguageReference } from './language-reference'
import { uniform, type Tower } from './vision-file'
import { referencePixelValues, referenceStages } from './vision-reference'

/** What a made-up reference folder holds, besides the sizes of its model. */
export interface GoldenSetShape {
  readonly sizes: CheckpointSizes
  /** Sizes of the pictures, pixels. */
  readonly pictures: readonly (readonly [width: number, height: number])[]
  /** For each prompt, the pictures it shows; the prompt `text` gets the input of every layer too. */
  readonly prompts: Readonly<Record<string, readonly number[]>>
  readonly generated: number
}

const IMAGE_MARK = -200

/**
 * Writes a folder as `verify-golden` takes it (a checkpoint in the official layout, `golden.json`,
 * `golden.safetensors`), with its vision tower in `clip` inside of it. Every number comes from the references in double
 * precision, from no code of the program but the resizing of pictures.
 */
export async function writeGoldenSet(folder: string, shape: GoldenSetShape): Promise<void> {
  const { sizes } = shape
  const language = weightsOf(languageLayout(sizes))
  const tower = weightsOf(towerLayout(sizes))
  await writeCheckpoint(folder, { sizes, type: 'F32', values: bytesOf(language) })
  const clip = join(folder, 'clip')
  await mkdir(clip)
  await writeJson(join(clip, 'config.json'), towerConfig(sizes))
  await writeJson(join(clip, 'preprocessor_config.json'), preprocessorConfig(sizes))
  await writeSafetensors(join(clip, 'model.safetensors'), towerLayout(sizes), {
    type: 'F32',
    values: bytesOf(tower),
  })

  const entries = new Map<string, Entry>()
  const pictures = await writePictures(folder, shape, referenceTower(sizes, tower, language), entries)
  const prompts: Record<string, unknown> = {}
  for (const [name, images] of Object.entries(shape.prompts)) {
    prompts[name] = runPrompt({ name, images, shape, language, pictures, entries })
  }
  await writeEntries(join(folder, 'golden.safetensors'), entries)
  await writeJson(join(folder, 'golden.json'), {
    vision_tower_dir: 'clip',
    images: shape.pictures.map(([width, height], i) => ({ file: `images/${i}.png`, width, height })),
    prompts,
    generation: { do_sample: false, eos_token_id: 2, min_new_tokens: shape.generated },
    entries: Object.fromEntries(
      [...entries].map(([name, entry]) => [name, { shape: entry.shape, dtype: 'float32' }]),
    ),
  })
}

interface Entry {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Sizes that keep numbers near 1: the offset is what a trained model would start from. */
function weightsOf(layout: readonly LayoutTensor[]): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>()
  for (const { name, shape } of layout) {
    const count = shape.reduce((product, size) => product * size, 1)
    const fanIn = shape.length > 1 ? count / (shape[0] ?? 1) : 1
    const isNorm = /norm\w*\.weight$|mamba\.D$/u.test(name)
    const scale = isNorm || /bias$/u.test(name) ? 0.1 : shape.length > 1 ? 2 / Math.sqrt(fanIn) : 0.3
    const offset = isNorm ? 1 : /dt_proj\.bias$/u.test(name) ? -3 : 0
    const values = uniform(name, count).map((value) => value * scale + offset)
    if (name.endsWith('A_log')) {
      const nState = shape[1] ?? 1
      values.forEach((value, i) => (values[i] = Math.log(1 + (i % nState)) + value * 0.1))
    }
    weights.set(name, values)
  }
  return weights
}

function bytesOf(weights: ReadonlyMap<string, Float32Array>): Map<string, Uint8Array> {
  return new Map(
    [...weights].map(([name, { buffer, byteOffset, byteLength }]) => [
      name,
      new Uint8Array(buffer, byteOffset, byteLength),
    ]),
  )
}

/** The tower under the names that the reference reads, up to the selected layer (-2: the last one does not run). */
function referenceTower(
  { tower: shape, hidden }: CheckpointSizes,
  tower: ReadonlyMap<string, Float32Array>,
  language: ReadonlyMap<string, Float32Array>,
): Tower {
  const names: [RegExp, string][] = [
    [/^vision_model\.embeddings\.class_embedding$/u, 'v.class_embd'],
    [/^vision_model\.embeddings\.patch_embedding\./u, 'v.patch_embd.'],
    [/^vision_model\.embeddings\.position_embedding\./u, 'v.position_embd.'],
    [/^vision_model\.pre_layrnorm\./u, 'v.pre_ln.'],
    [/^vision_model\.encoder\.layers\.(\d+)\.layer_norm(\d)\./u, 'v.blk.$1.ln$2.'],
    [/^vision_model\.encoder\.layers\.(\d+)\.self_attn\.(\w+)_proj\./u, 'v.blk.$1.attn_$2.'],
    [/^vision_model\.encoder\.layers\.(\d+)\.mlp\.fc1\./u, 'v.blk.$1.ffn_up.'],
    [/^vision_model\.encoder\.layers\.(\d+)\.mlp\.fc2\./u, 'v.blk.$1.ffn_down.'],
    [/^model\.mm_projector\./u, 'mm.'],
  ]
  const tensors = new Map<string, Tower['tensors'] extends ReadonlyMap<string, infer T> ? T : never>()
  for (const [name, values] of [...tower, ...language]) {
    const rule = names.find(([pattern]) => pattern.test(name))
    if (rule === undefined) continue
    const renamed = name.replace(...rule)
    tensors.set(renamed, { name: renamed, shape: [], type: 'F32', bytes: new Uint8Array(), values })
  }
  return {
    shape: {
      imageSize: shape.image,
      patchSize: shape.patch,
      width: shape.width,
      feedForward: shape.intermediate,
      heads: shape.heads,
      blocks: shape.layers - 1,
      projection: hidden,
      activation: 'quick_gelu',
      pooling: '2d',
      hasClass: true,
      matrixType: 'F32',
    },
    epsilon: 1e-5,
    mean: [0.5, 0.4, 0.3],
    std: [0.25, 0.26, 0.27],
    tensors,
  }
}

/** Draws the pictures and computes what the tower makes of them: embeddings [tokens, hidden] for each. */
async function writePictures(
  folder: string,
  { pictures, sizes }: GoldenSetShape,
  tower: Tower,
  entries: Map<string, Entry>,
): Promise<Float32Array[]> {
  if (pictures.length === 0) return []
  await mkdir(join(folder, 'images'))
  const { mean, std } = tower
  const side = sizes.tower.image
  const stages = []
  for (const [i, [width, height]] of pictures.entries()) {
    // Coarse blocks, as a photograph has: noise would average out to grey.
    const coarse = Uint8Array.from(uniform(`picture ${i}`, 8 * 8 * 3), (value) => 127.5 + 127 * value)
    const raw = { width: 8, height: 8, channels: 3 } as const
    const rgb = await sharp(coarse, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer()
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, 'images', `${i}.png`))
    const input = toModelInput(new Uint8Array(rgb), width, height, {
      side,
      aspect: 'pad',
      mean: [...mean],
      std: [...std],
    })
    const pixelValues = referencePixelValues(tower, input)
    stages.push({ pixelValues, ...referenceStages(tower, pixelValues) })
  }
  const patches = (side / sizes.tower.patch) ** 2
  const all = (shape: readonly number[], arrays: readonly ArrayLike<number>[]) => ({
    shape: [arrays.length, ...shape],
    values: Float32Array.from(arrays.flatMap((array) => [...Array.from(array)])),
  })
  entries.set(
    'pixel_values',
    all(
      [3, side, side],
      stages.map((stage) => stage.pixelValues),
    ),
  )
  entries.set(
    'vision.features',
    all(
      [patches, sizes.tower.width],
      stages.map((stage) => stage.features),
    ),
  )
  entries.set(
    'vision.pooled',
    all(
      [patches / 4, sizes.tower.width],
      stages.map((stage) => stage.pooled),
    ),
  )
  entries.set(
    'vision.projected',
    all(
      [patches / 4, sizes.hidden],
      stages.map((stage) => stage.projected),
    ),
  )
  return stages.map(({ projected }) => Float32Array.from(projected))
}

interface PromptRun {
  readonly name: string
  readonly images: readonly number[]
  readonly shape: GoldenSetShape
  readonly language: ReadonlyMap<string, Float32Array>
  readonly pictures: readonly Float32Array[]
  readonly entries: Map<string, Entry>
}

function runPrompt({ name, images, shape, language, pictures, entries }: PromptRun): unknown {
  const { sizes, generated: count } = shape
  const { hidden, vocabulary } = sizes
  const ids = Array.from(
    uniform(`prompt ${name}`, 9),
    (value) => 3 + Math.floor(((value + 1) / 2) * (vocabulary - 4)),
  )
  const inputIds = [1, ...ids.slice(0, 4), ...images.flatMap(() => [IMAGE_MARK, 7]), ...ids.slice(4)]
  const model = new LanguageReference(sizes, language)
  let picture = 0
  const embeddings = inputIds.flatMap((id) => {
    if (id !== IMAGE_MARK) return [model.embedding(id)]
    const rows = pictures[images[picture++] ?? -1] ?? new Float32Array()
    return Array.from({ length: rows.length / hidden }, (_, row) =>
      rows.slice(row * hidden, (row + 1) * hidden),
    )
  })
  const steps = embeddings.map((embedding) => model.step(embedding))
  const join2d = (rows: readonly ArrayLike<number>[]) =>
    Float32Array.from(rows.flatMap((row) => [...Array.from(row)]))
  entries.set(`${name}.inputs_embeds`, { shape: [steps.length, hidden], values: join2d(embeddings) })
  entries.set(`${name}.logits`, {
    shape: [steps.length, vocabulary],
    values: join2d(steps.map(({ logits }) => logits)),
  })
  if (sizes.experts > 1) {
    entries.set(`${name}.router_margin`, {
      shape: [steps.length],
      values: Float32Array.from(steps, ({ margin }) => margin),
    })
  }
  if (name === 'text') {
    const layers = Array.from({ length: sizes.layers + 1 }, (_, layer) =>
      steps.map((step) => step.hidden[layer] ?? []),
    )
    entries.set('text.hidden_states', {
      shape: [sizes.layers + 1, steps.length, hidden],
      values: Float32Array.from(layers.flatMap((rows) => [...join2d(rows)])),
    })
  }
  const generated: number[] = []
  const chosenFrom: Float64Array[] = []
  let last = steps.at(-1)
  while (generated.length < count && last !== undefined) {
    chosenFrom.push(last.logits)
    // The end token may not come before the last one (`min_new_tokens`).
    const best = [...last.logits.keys()].reduce(
      (a, b) => (b !== 2 && (last?.logits[b] ?? 0) > (last?.logits[a] ?? 0) ? b : a),
      0,
    )
    generated.push(best)
    last = model.step(model.embedding(best))
  }
  entries.set(`${name}.step_logits`, { shape: [count, vocabulary], values: join2d(chosenFrom) })
  return { input_ids: inputIds, images, generated }
}

async function writeEntries(file: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  let offset = 0
  const header = Object.fromEntries(
    [...entries].map(([name, { shape, values }]) => {
      const begin = offset
      offset += values.byteLength
      return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }]
    }),
  )
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const bytes = [...entries.values()].map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  )
  await writeFile(file, Buffer.concat([length, json, ...bytes]))
}
