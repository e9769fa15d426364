import { cp, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convertCheckpoint } from '../../app/services/models/convert/convert-checkpoint'
import type { ConvertProgress } from '../../app/services/models/convert/convert-checkpoint'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { readModelFolder } from '../../app/services/models/model-folder'
import { checkpointLayout, smallSizes, writeCheckpoint, writeJson, writeTower } from '../helpers/checkpoint'
import type { CheckpointSizes } from '../helpers/checkpoint'
import { sentencePieceBytes, standardPieces } from '../helpers/sentencepiece-bytes'

let root: string
let checkpoint: string
let tower: string
let output: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-convert-'))
  checkpoint = join(root, 'checkpoint')
  tower = join(root, 'clip')
  output = join(root, 'out')
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const moeSizes: CheckpointSizes = { ...smallSizes, experts: 4 }

/** The raw bytes of a tensor of one of the output files. */
async function tensorBytes(file: string, name: string): Promise<Buffer> {
  const tensor = (await readGgufHeader(file)).tensors.get(name)
  if (tensor === undefined) throw new Error(`no tensor ${name} in ${file}`)
  const handle = await open(file, 'r')
  try {
    const bytes = Buffer.alloc(tensor.bytes)
    await handle.read(bytes, 0, tensor.bytes, tensor.offset)
    return bytes
  } finally {
    await handle.close()
  }
}

async function floats(file: string, name: string): Promise<number[]> {
  const bytes = await tensorBytes(file, name)
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}

const f32Bytes = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer)
const range = (count: number, value: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => value(i))

describe('convertCheckpoint', () => {
  it('writes the layers under llama.cpp names, with attention layers told by their key-value heads', async () => {
    await writeCheckpoint(checkpoint)
    await writeTower(tower)
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const { metadata, tensors } = await readGgufHeader(join(output, 'language.gguf'))
    expect(metadata.get('general.architecture')).toEqual({ type: 'string', value: 'jamba' })
    expect(metadata.get('jamba.attention.head_count_kv')).toMatchObject({
      of: 'i32',
      value: Int32Array.of(0, 2, 0),
    })
    expect(metadata.has('jamba.expert_count')).toBe(false)
    expect(tensors.get('blk.0.ssm_conv1d.weight')).toMatchObject({ shape: [4, 64], type: 'F32' })
    expect(tensors.get('blk.0.ssm_in.weight')).toMatchObject({ shape: [32, 128], type: 'BF16' })
    expect(tensors.get('blk.1.attn_k.weight')).toMatchObject({ shape: [32, 16], type: 'BF16' })
    expect(tensors.get('blk.2.ffn_down.weight')).toMatchObject({ shape: [64, 32], type: 'BF16' })
    expect(tensors.has('blk.1.ssm_in.weight')).toBe(false)
  })

  it('stores the tower up to the selected layer, its classes of weights in their own types', async () => {
    await writeCheckpoint(checkpoint)
    await writeTower(tower)
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const { metadata, tensors } = await readGgufHeader(join(output, 'vision.gguf'))
    expect(metadata.get('longlens.vision.block_count')).toEqual({ type: 'u32', value: 2 })
    expect(metadata.get('longlens.vision.select_layer')).toEqual({ type: 'i32', value: -2 })
    expect([...tensors.keys()].filter((name) => name.startsWith('v.blk.2.'))).toEqual([])
    expect(tensors.get('v.patch_embd.weight')?.shape).toEqual([7, 7, 3, 32])
    expect(tensors.get('v.position_embd.weight')).toMatchObject({ shape: [32, 17], type: 'F32' })
    expect(tensors.get('mm.0.weight')).toMatchObject({ shape: [32, 32], type: 'BF16' })
  })

  it('turns A_log into -exp(A_log) and leaves other values as they are', async () => {
    const logs = range(64 * 4, (i) => (i % 8) / 4)
    const skip = range(64, (i) => i / 2)
    const values = new Map([
      ['model.layers.0.mamba.A_log', f32Bytes(logs)],
      ['model.layers.0.mamba.D', f32Bytes(skip)],
    ])
    await writeCheckpoint(checkpoint, { type: 'F32', values })
    await writeTower(tower)
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const file = join(output, 'language.gguf')
    expect(await floats(file, 'blk.0.ssm_a')).toEqual(logs.map((value) => Math.fround(-Math.exp(value))))
    expect(await floats(file, 'blk.0.ssm_d')).toEqual(skip)
  })

  it('stacks the experts of a layer in order and keeps its router in F32', async () => {
    const expert = (e: number) => f32Bytes(range(64 * 32, () => e + 1))
    const values = new Map(
      range(4, (e) => e).map((e) => [`model.layers.1.moe.experts.${e}.up_proj.weight`, expert(e)]),
    )
    await writeCheckpoint(checkpoint, { sizes: moeSizes, type: 'F32', values })
    await writeTower(tower)
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const file = join(output, 'language.gguf')
    const { metadata, tensors } = await readGgufHeader(file)
    expect(metadata.get('jamba.expert_used_count')).toEqual({ type: 'u32', value: 2 })
    expect(tensors.get('blk.1.ffn_up_exps.weight')?.shape).toEqual([32, 64, 4])
    expect(tensors.get('blk.1.ffn_gate_inp.weight')).toMatchObject({ shape: [32, 4], type: 'F32' })
    expect(tensors.has('blk.0.ffn_up.weight')).toBe(true)
    const stacked = await floats(file, 'blk.1.ffn_up_exps.weight')
    expect([0, 2047, 2048, 4096, 8191].map((i) => stacked[i])).toEqual([1, 1, 2, 3, 4])
  })

  it.each([
    ['dense', smallSizes],
    ['mixture of experts', moeSizes],
  ])('gives the same files for both generations of names, sharded or not (%s)', async (_, sizes) => {
    await writeTower(tower)
    // The same values under either name.
    const values = new Map(
      checkpointLayout({ sizes }).map(({ name, shape }, i) => {
        const elements = shape.reduce((product, size) => product * size, 1)
        return [
          name,
          new Uint8Array(Uint16Array.from({ length: elements }, (__, e) => 0x3d00 + ((e + i) % 64)).buffer),
        ]
      }),
    )
    const later = checkpointLayout({ sizes, laterNames: true })
    const laterValues = new Map([...values.values()].map((bytes, i) => [later[i]?.name ?? '', bytes]))
    const second = join(root, 'second')
    await writeCheckpoint(checkpoint, { sizes, values })
    await writeCheckpoint(second, { sizes, values: laterValues, laterNames: true, shards: 3 })
    const manners = { name: 'Same' }
    await writeJson(join(checkpoint, 'longlens.json'), manners)
    await writeJson(join(second, 'longlens.json'), manners)

    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })
    await convertCheckpoint({
      checkpointFolder: second,
      visionFolder: tower,
      outputFolder: join(root, 'out2'),
    })

    const hashes = await Promise.all(
      [output, join(root, 'out2')].map(async (folder) => (await readModelFolder(folder)).contentHash()),
    )
    expect(hashes[0]).toBe(hashes[1])
  })

  it('describes the model: prompt, sizes, picture processing, licence of the model card', async () => {
    await writeCheckpoint(checkpoint)
    await writeTower(tower)
    await writeFile(join(checkpoint, 'README.md'), '---\ntags: [x]\nlicense: apache-2.0\n---\n# Card\n')
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const { description, tokenizer, sizeBytes } = await readModelFolder(output)
    expect(description).toMatchObject({
      name: 'checkpoint',
      license: 'apache-2.0',
      language: { nLayers: 3, vocabularySize: 40, kvHeads: [0, 2, 0], endTokens: [2], minTokens: 1 },
      vision: {
        tokensPerImage: 4,
        image: { side: 28, aspect: 'pad', mean: [0.5, 0.4, 0.3], std: [0.25, 0.26, 0.27] },
      },
      prompt: {
        userBefore: '<|startoftext|><|User|>\n',
        video: { separator: '<t>', lastFrameAfter: '</img' },
      },
      sampling: { temperature: 0, maxTokens: 768 },
    })
    expect(tokenizer).toBeNull()
    const sizes = await Promise.all(['language', 'vision'].map((name) => stat(join(output, `${name}.gguf`))))
    expect(sizeBytes).toBe(sizes.reduce((sum, file) => sum + file.size, 0))
  })

  it('keeps the vocabulary piece by piece, with the special strings of tokenizer_config.json', async () => {
    const sizes = { ...smallSizes, vocabulary: 262 }
    await writeCheckpoint(checkpoint, { sizes })
    await writeTower(tower)
    await writeFile(
      join(checkpoint, 'tokenizer.model'),
      sentencePieceBytes({ pieces: standardPieces(['▁a', 'b']) }),
    )
    await writeJson(join(checkpoint, 'tokenizer_config.json'), {
      added_tokens_decoder: {
        1: { content: '<|startoftext|>', special: true },
        261: { content: 'b', special: false },
      },
    })
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })

    const { tokenizer } = await readModelFolder(output)
    expect(tokenizer).toMatchObject({
      model: 'bpe',
      unkId: 3,
      bosId: 1,
      eosId: 2,
      specials: [1],
      byteFallback: true,
    })
    expect(tokenizer?.pieces.slice(-2)).toEqual(['▁a', 'b'])
    expect(tokenizer?.addSpacePrefix).toBe(false)
    expect(tokenizer?.scores.at(-1)).toBe(-1)
  })

  it.each([
    ['f16', 'F16', 'F16', 'F16'],
    ['bf16', 'BF16', 'BF16', 'BF16'],
  ] as const)('narrows matrices to %s while streaming', async (quantize, language, vision, patches) => {
    await writeCheckpoint(checkpoint, { type: 'F32' })
    await writeTower(tower)
    await convertCheckpoint({
      checkpointFolder: checkpoint,
      visionFolder: tower,
      outputFolder: output,
      quantize,
    })
    const files = await Promise.all(
      ['language', 'vision'].map((name) => readGgufHeader(join(output, `${name}.gguf`))),
    )
    expect(files[0]?.tensors.get('blk.0.ffn_up.weight')?.type).toBe(language)
    expect(files[0]?.tensors.get('blk.0.ssm_a')?.type).toBe('F32')
    expect(files[1]?.tensors.get('v.blk.0.ffn_up.weight')?.type).toBe(vision)
    expect(files[1]?.tensors.get('v.patch_embd.weight')?.type).toBe(patches)
  })

  it('hands the language file to the quantizer and writes the tower in 8 bits', async () => {
    await writeCheckpoint(checkpoint)
    await writeTower(tower)
    const types: string[] = []
    await convertCheckpoint({
      checkpointFolder: checkpoint,
      visionFolder: tower,
      outputFolder: output,
      quantize: 'q4_k_m',
      quantizer: async (params) => {
        types.push(params.type)
        await cp(params.input, params.output)
      },
    })
    expect(types).toEqual(['q4_k_m'])
    expect((await readdir(output)).sort()).toEqual(['language.gguf', 'vision.gguf'])
    const { tensors } = await readGgufHeader(join(output, 'vision.gguf'))
    expect(tensors.get('v.blk.0.attn_q.weight')?.type).toBe('Q8_0')
    expect(tensors.get('v.patch_embd.weight')?.type).toBe('F16')
    expect(tensors.get('v.blk.0.attn_q.bias')?.type).toBe('F32')
  })

  it('reports every source byte once, and ends at the total', async () => {
    await writeCheckpoint(checkpoint)
    await writeTower(tower)
    const reports: ConvertProgress[] = []
    await convertCheckpoint({
      checkpointFolder: checkpoint,
      visionFolder: tower,
      outputFolder: output,
      onProgress: (progress) => reports.push(progress),
    })
    expect(reports[0]?.stage).toBe('check')
    const last = reports.at(-1)
    expect(last?.stage).toBe('language')
    expect(last?.doneBytes).toBe(last?.totalBytes)
    expect(last?.totalBytes).toBeGreaterThan(0)
  })

  it('finds the tower in the folder that config.json names beside the checkpoint', async () => {
    await writeCheckpoint(checkpoint, { config: { mm_vision_tower: './clip' } })
    await writeTower(tower)
    await convertCheckpoint({ checkpointFolder: checkpoint, outputFolder: output })
    expect((await readModelFolder(output)).description.vision.image.side).toBe(28)
  })

  it('takes the weights inside the checkpoint when the tower folder has only pickled ones', async () => {
    await writeCheckpoint(checkpoint, { innerTower: true })
    await writeTower(tower)
    await rm(join(tower, 'model.safetensors'))
    await writeFile(join(tower, 'pytorch_model.bin'), 'pickle')
    await convertCheckpoint({ checkpointFolder: checkpoint, visionFolder: tower, outputFolder: output })
    const { tensors } = await readGgufHeader(join(output, 'vision.gguf'))
    expect(tensors.get('v.blk.0.attn_q.weight')?.type).toBe('BF16')
  })

  it('recognises a tower of OpenAI inside the checkpoint by its shapes', async () => {
    const openAi = { width: 768, intermediate: 3072, layers: 12, heads: 12, image: 224, patch: 32 }
    // The grid of 7 × 7 cannot be halved; "none" hands on every patch.
    await writeCheckpoint(checkpoint, {
      sizes: { ...smallSizes, tower: openAi },
      innerTower: true,
      config: { resamplePooling: 'none', mm_vision_select_layer: 1 },
    })
    await convertCheckpoint({ checkpointFolder: checkpoint, outputFolder: output })
    const { description } = await readModelFolder(output)
    expect(description.vision.tokensPerImage).toBe(49)
    // The shortest decimals of the float32 numbers nearest to CLIP's.
    expect(description.vision.image.mean).toEqual([0.48145467, 0.4578275, 0.40821072])
  })
})
