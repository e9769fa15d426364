import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convertCheckpoint } from '../../app/services/models/convert/convert-checkpoint'
import type { ConvertOptions } from '../../app/services/models/convert/convert-checkpoint'
import type { LayoutTensor } from '../helpers/checkpoint'
import {
  checkpointLayout,
  languageConfig,
  smallSizes,
  towerConfig,
  towerLayout,
  writeCheckpoint,
  writeJson,
  writeSafetensors,
  writeTower,
} from '../helpers/checkpoint'
import { sentencePieceBytes, standardPieces } from '../helpers/sentencepiece-bytes'

let root: string
let checkpoint: string
let tower: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-refusals-'))
  checkpoint = join(root, 'checkpoint')
  tower = join(root, 'clip')
  await writeCheckpoint(checkpoint)
  await writeTower(tower)
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

async function refusal(options: Partial<ConvertOptions> = {}): Promise<unknown> {
  const outputs = join(root, 'models')
  const outputFolder = join(outputs, 'out')
  const thrown: unknown = await convertCheckpoint({
    checkpointFolder: checkpoint,
    visionFolder: tower,
    outputFolder,
    ...options,
  }).then(
    () => 'nothing',
    (error: unknown) => error,
  )
  // Neither the output, nor a temporary folder, nor the parent that was made for them.
  expect(await readdir(root)).not.toContain('models')
  return thrown
}

const weights = () => join(checkpoint, 'model.safetensors')

async function rewriteConfig(changes: Record<string, unknown>): Promise<void> {
  await writeJson(join(checkpoint, 'config.json'), { ...languageConfig(smallSizes), ...changes })
}

async function rewriteLayout(change: (tensors: LayoutTensor[]) => LayoutTensor[]): Promise<void> {
  await writeSafetensors(weights(), change(checkpointLayout({})), { type: 'BF16' })
}

/** Overwrites bytes of a tensor's data. */
async function patchTensor(name: string, patch: Uint8Array): Promise<void> {
  const file = await readFile(weights())
  const headerBytes = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { data_offsets: [number] }
  >
  file.set(patch, 8 + headerBytes + (header[name]?.data_offsets[0] ?? 0))
  await writeFile(weights(), file)
}

/** Replaces the JSON header, keeping the data. */
async function patchHeader(change: (header: Record<string, Record<string, unknown>>) => void): Promise<void> {
  const file = await readFile(weights())
  const headerBytes = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    Record<string, unknown>
  >
  change(header)
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  await writeFile(weights(), Buffer.concat([length, json, file.subarray(8 + headerBytes)]))
}

interface Case {
  readonly title: string
  readonly prepare: () => Promise<void>
  readonly code?: string
  readonly file: string
  readonly reason: string
}

const cases: Case[] = [
  {
    title: 'a missing config.json',
    prepare: () => rm(join(checkpoint, 'config.json')),
    file: 'config.json',
    reason: 'the file is missing',
  },
  {
    title: 'a config without a needed key',
    prepare: () => rewriteConfig({ hidden_size: undefined }),
    file: 'config.json',
    reason: 'hidden_size: ',
  },
  {
    title: 'an unknown architecture',
    prepare: () => rewriteConfig({ model_type: 'llama', architectures: ['LlamaForCausalLM'] }),
    code: 'checkpoint_unsupported',
    file: 'config.json',
    reason: 'its model_type is "llama"',
  },
  {
    title: 'a model without attention layers',
    prepare: () => rewriteConfig({ attn_layer_period: 999, attn_layer_offset: 998 }),
    code: 'checkpoint_unsupported',
    file: 'config.json',
    reason: 'it has no attention layer',
  },
  {
    title: 'a projector of another kind',
    prepare: () => rewriteConfig({ mm_projector_type: 'linear' }),
    code: 'checkpoint_unsupported',
    file: 'config.json',
    reason: 'mm_projector_type is "linear"',
  },
  {
    title: 'an end token outside the vocabulary',
    prepare: () => rewriteConfig({ eos_token_id: 40 }),
    file: 'config.json',
    reason: 'token id 40 is beyond vocab_size 40',
  },
  {
    title: 'shapes that disagree with the config',
    prepare: () => rewriteConfig({ intermediate_size: 96 }),
    file: 'model.safetensors',
    reason:
      'tensor "model.layers.0.moe.experts.0.gate_proj.weight" has the shape [64, 32]; config.json asks for [96, 32]',
  },
  {
    title: 'a missing tensor',
    prepare: () =>
      rewriteLayout((tensors) => tensors.filter(({ name }) => name !== 'model.layers.2.mamba.D')),
    file: 'model.safetensors',
    reason: 'tensor "model.layers.2.mamba.D" is missing',
  },
  {
    title: 'a tensor that does not belong there',
    prepare: () => rewriteLayout((tensors) => [...tensors, { name: 'model.layers.3.mamba.D', shape: [64] }]),
    file: 'model.safetensors',
    reason: 'tensor "model.layers.3.mamba.D" does not belong to this kind of model',
  },
  {
    title: 'one tensor under both generations of names',
    prepare: () =>
      rewriteLayout((tensors) => [
        ...tensors,
        { name: 'model.layers.0.pre_ff_layernorm.weight', shape: [32] },
      ]),
    file: 'model.safetensors',
    reason: 'tensors "model.layers.0.pre_moe_layernorm.weight" and "model.layers.0.pre_ff_layernorm.weight"',
  },
  {
    title: 'an incomplete file',
    prepare: async () => {
      await truncate(weights(), (await readFile(weights())).length - 10)
    },
    file: 'model.safetensors',
    reason: 'tensor "model.mm_projector.2.bias" ends beyond the file',
  },
  {
    title: 'offsets beyond the file',
    prepare: () =>
      patchHeader((header) => {
        header['lm_head.weight'] = { dtype: 'BF16', shape: [40, 32], data_offsets: [1e12, 1e12 + 2560] }
      }),
    file: 'model.safetensors',
    reason: 'tensor "lm_head.weight" ends beyond the file',
  },
  {
    title: 'overlapping tensors',
    prepare: () =>
      patchHeader((header) => {
        const entry = header['model.mm_projector.2.bias'] ?? {}
        const [begin = 0, end = 0] = entry['data_offsets'] as number[]
        entry['data_offsets'] = [begin - 2, end - 2]
      }),
    file: 'model.safetensors',
    reason: 'tensors "model.mm_projector.2.weight" and "model.mm_projector.2.bias" overlap',
  },
  {
    title: 'a header of 2^60 bytes',
    prepare: async () => {
      const bytes = Buffer.alloc(4096)
      bytes.writeBigUInt64LE(2n ** 60n)
      await writeFile(weights(), bytes)
    },
    file: 'model.safetensors',
    reason: 'its header claims 1152921504606846976 bytes',
  },
  {
    title: 'NaN weights',
    prepare: () => patchTensor('model.layers.1.self_attn.v_proj.weight', Buffer.from([0xc0, 0x7f])),
    file: 'model.safetensors',
    reason:
      'tensor "model.layers.1.self_attn.v_proj.weight" of model.safetensors holds values that are no numbers',
  },
  {
    title: 'an A_log whose exponential is infinite',
    prepare: () => patchTensor('model.layers.0.mamba.A_log', Buffer.from([0x00, 0x43])), // 128
    file: 'model.safetensors',
    reason:
      'tensor "model.layers.0.mamba.A_log" of model.safetensors holds values whose exponential is infinite',
  },
  {
    title: 'an empty weights file',
    prepare: () => writeFile(weights(), ''),
    file: 'model.safetensors',
    reason: 'too short',
  },
  {
    title: 'no weights at all',
    prepare: () => rm(weights()),
    file: 'model.safetensors',
    reason: 'there is neither this file nor model.safetensors.index.json',
  },
  {
    title: 'pickled weights',
    prepare: async () => {
      await rm(weights())
      await writeFile(join(checkpoint, 'pytorch_model.bin'), 'x')
    },
    code: 'checkpoint_unsupported',
    file: 'pytorch_model.bin',
    reason: 'get model.safetensors of the same model instead',
  },
  {
    title: 'a tokenizer with too few pieces',
    prepare: () =>
      writeFile(
        join(checkpoint, 'tokenizer.model'),
        sentencePieceBytes({ pieces: standardPieces([], false), byteFallback: false }),
      ),
    file: 'tokenizer.model',
    reason: 'it has 4 pieces; config.json asks for 40',
  },
  {
    title: 'a damaged tokenizer',
    prepare: () => writeFile(join(checkpoint, 'tokenizer.model'), Buffer.from([0x0a, 0x7f, 0x01])),
    file: 'tokenizer.model',
    reason: 'a field ends beyond its message',
  },
  {
    title: 'a longlens.json with an unknown key',
    prepare: () => writeJson(join(checkpoint, 'longlens.json'), { licence: 'MIT' }),
    file: 'longlens.json',
    reason: 'Unrecognized key',
  },
  {
    title: 'a tower of another width',
    prepare: () => rewriteConfig({ mm_hidden_size: 64 }),
    file: 'config.json',
    reason: "hidden_size is 32, but mm_hidden_size of the checkpoint's config.json is 64",
  },
  {
    title: 'a tower that is not CLIP',
    prepare: () =>
      writeJson(join(tower, 'config.json'), { ...towerConfig(smallSizes), model_type: 'siglip' }),
    code: 'checkpoint_unsupported',
    file: 'config.json',
    reason: 'its model_type is "siglip"',
  },
  {
    title: 'a tower without picture processing',
    prepare: () => rm(join(tower, 'preprocessor_config.json')),
    file: 'preprocessor_config.json',
    reason: 'the file is missing',
  },
  {
    title: 'a tower tensor of another shape',
    prepare: async () => {
      const layout = towerLayout(smallSizes).map((tensor) =>
        tensor.name.endsWith('position_embedding.weight') ? { ...tensor, shape: [16, 32] } : tensor,
      )
      await writeSafetensors(join(tower, 'model.safetensors'), layout, { type: 'F32' })
    },
    file: 'model.safetensors',
    reason: 'position_embedding.weight" has the shape [16, 32]; config.json asks for [17, 32]',
  },
  {
    title: 'a selected layer that the tower does not have',
    prepare: () => rewriteConfig({ mm_vision_select_layer: -5 }),
    code: 'checkpoint_unsupported',
    file: 'config.json',
    reason: 'mm_vision_select_layer is -5, but the vision tower has 3 layers',
  },
]

describe('convertCheckpoint refuses, naming the file, and leaves nothing behind:', () => {
  it.each(cases)('$title', async ({ prepare, code = 'checkpoint_invalid', file, reason }) => {
    await prepare()
    const thrown = await refusal()
    expect(thrown).toMatchObject({ code, details: { file } })
    expect((thrown as { details: { reason: string } }).details.reason).toContain(reason)
  })

  it('a checkpoint without any vision tower, saying how to name one', async () => {
    const thrown = await convertCheckpoint({
      checkpointFolder: checkpoint,
      outputFolder: join(root, 'out'),
    }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'checkpoint_invalid' })
    expect((thrown as Error).message).toContain('name the folder of its CLIP model with --vision')
  })

  const shard = 'model-00002-of-00002.safetensors'
  const indexCases: [string, (map: Record<string, string>) => Record<string, string>, string][] = [
    [
      'an index that leaves its folder',
      (map) => ({ ...map, 'lm_head.weight': '../other.safetensors' }),
      'weight_map names "../other.safetensors", which is not a plain',
    ],
    [
      'an index that names a missing file',
      (map) => ({ ...map, 'lm_head.weight': 'gone.safetensors' }),
      'weight_map names "gone.safetensors", which is missing',
    ],
    [
      'an index that names a tensor nobody has',
      (map) => ({ ...map, ghost: shard }),
      `tensor "ghost" should be in ${shard}`,
    ],
    [
      'an index that names the wrong shard',
      (map) => ({ ...map, 'model.embed_tokens.weight': shard }),
      `tensor "model.embed_tokens.weight" should be in ${shard}, but is in model-00001`,
    ],
  ]
  it.each(indexCases)('%s', async (_, change, reason) => {
    await rm(weights())
    await writeCheckpoint(checkpoint, { shards: 2 })
    const index = join(checkpoint, 'model.safetensors.index.json')
    const { weight_map: map } = JSON.parse(await readFile(index, 'utf8')) as {
      weight_map: Record<string, string>
    }
    await writeJson(index, { weight_map: change(map) })
    const thrown = await refusal()
    expect(thrown).toMatchObject({
      code: 'checkpoint_invalid',
      details: { file: 'model.safetensors.index.json' },
    })
    expect((thrown as Error).message).toContain(reason)
  })

  it('an f16 conversion of a value that f16 cannot hold', async () => {
    await patchTensor('model.layers.0.mamba.in_proj.weight', Buffer.from([0x80, 0x47])) // 65536
    const thrown = await refusal({ quantize: 'f16' })
    expect(thrown).toMatchObject({ code: 'checkpoint_invalid' })
    expect((thrown as Error).message).toContain(
      '"model.layers.0.mamba.in_proj.weight" of model.safetensors holds values that are too large for F16',
    )
  })

  it('a checkpoint larger than the free disk space, before anything is written', async () => {
    const sizes = { ...smallSizes, hidden: 16384, vocabulary: 16_777_216 }
    // 550 GB of embeddings in a file that takes no space.
    await writeCheckpoint(checkpoint, { sizes, sparse: true })
    await writeTower(tower, sizes)
    const thrown = await refusal()
    expect(thrown).toMatchObject({ code: 'disk_full', details: { need: '1.0 TB' } })
  })

  it('a failing quantizer, without its half-written file', async () => {
    const thrown = await refusal({
      quantize: 'q8_0',
      quantizer: async ({ output }) => {
        await writeFile(output, 'half')
        throw new Error('the engine stopped')
      },
    })
    expect(thrown).toMatchObject({ message: 'the engine stopped' })
  })

  it('a quantizer that writes something that is no model', async () => {
    const thrown = await refusal({ quantize: 'q8_0', quantizer: ({ output }) => writeFile(output, 'half') })
    expect(thrown).toMatchObject({ code: 'model_invalid', details: { file: 'language.gguf' } })
  })
})

describe('convertCheckpoint', () => {
  it('leaves an existing output as it is', async () => {
    const existing = join(root, 'existing')
    await mkdir(existing)
    await writeFile(join(existing, 'mine.txt'), 'mine')
    const thrown = await convertCheckpoint({
      checkpointFolder: checkpoint,
      visionFolder: tower,
      outputFolder: existing,
    }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'output_exists', details: { file: existing } })
    expect(await readdir(existing)).toEqual(['mine.txt'])
    expect((await readdir(root)).sort()).toEqual(['checkpoint', 'clip', 'existing'])
  })

  it.each(['check', 'vision', 'language'] as const)(
    'leaves nothing behind when it is cancelled in stage %s',
    async (stage) => {
      const abort = new AbortController()
      const thrown = await refusal({
        signal: abort.signal,
        onProgress: (progress) => {
          if (progress.stage === stage) abort.abort()
        },
      })
      // The last report of all may come when nothing is left to cancel.
      if (thrown !== 'nothing') expect(thrown).toMatchObject({ name: 'AbortError' })
    },
  )
})
