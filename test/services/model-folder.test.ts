import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { convertCheckpoint } from '../../app/services/models/convert/convert-checkpoint'
import type { GgmlTypeName, GgufMetadata, GgufValue } from '../../app/services/models/gguf/gguf-types'
import { tensorBytes } from '../../app/services/models/gguf/gguf-types'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { writeGguf } from '../../app/services/models/gguf/gguf-writer'
import { readModelFolder } from '../../app/services/models/model-folder'
import { smallSizes, writeCheckpoint, writeTower } from '../helpers/checkpoint'
import { sentencePieceBytes, standardPieces } from '../helpers/sentencepiece-bytes'

interface FileParts {
  metadata: Map<string, GgufValue>
  tensors: Map<string, { shape: readonly number[]; type: GgmlTypeName }>
}

let root: string
let sound: Record<'language' | 'vision', { metadata: GgufMetadata; tensors: FileParts['tensors'] }>
let folder: string

/** Header and zeros for the tensors: nothing here reads weights. */
async function writeParts(name: 'language' | 'vision', change: (parts: FileParts) => void): Promise<void> {
  const parts: FileParts = { metadata: new Map(sound[name].metadata), tensors: new Map(sound[name].tensors) }
  change(parts)
  const tensors = [...parts.tensors].map(([tensor, { shape, type }]) => ({
    name: tensor,
    shape,
    type,
    data: () => [new Uint8Array(tensorBytes(type, shape) ?? 0)],
  }))
  await writeGguf(join(folder, `${name}.gguf`), parts.metadata, tensors)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-sound-'))
  await writeCheckpoint(join(root, 'checkpoint'), { sizes: { ...smallSizes, vocabulary: 261 } })
  await writeFile(
    join(root, 'checkpoint', 'tokenizer.model'),
    sentencePieceBytes({ pieces: standardPieces(['a']) }),
  )
  await writeTower(join(root, 'clip'))
  const outputFolder = join(root, 'model')
  await convertCheckpoint({
    checkpointFolder: join(root, 'checkpoint'),
    visionFolder: join(root, 'clip'),
    outputFolder,
  })
  const [language, vision] = await Promise.all(
    ['language', 'vision'].map((name) => readGgufHeader(join(outputFolder, `${name}.gguf`))),
  )
  if (language === undefined || vision === undefined) throw new Error('expected two headers')
  sound = {
    language: { metadata: language.metadata, tensors: new Map(language.tensors) },
    vision: { metadata: vision.metadata, tensors: new Map(vision.tensors) },
  }
})
afterAll(async () => {
  await rm(root, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longlens-model-'))
  await writeParts('language', () => undefined)
  await writeParts('vision', () => undefined)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const u32 = (value: number): GgufValue => ({ type: 'u32', value })
const text = (value: string): GgufValue => ({ type: 'string', value })

type Change = (parts: FileParts) => void
const set =
  (key: string, value: GgufValue): Change =>
  ({ metadata }) =>
    metadata.set(key, value)
const setTensor =
  (name: string, shape: number[], type: GgmlTypeName): Change =>
  ({ tensors }) =>
    tensors.set(name, { shape, type })

describe('readModelFolder', () => {
  it('reads a file without a place for labels as one with the label after each frame', async () => {
    await writeParts('language', ({ metadata }) => metadata.delete('longlens.prompt.video.label_place'))
    const { description } = await readModelFolder(folder)
    expect(description.prompt.video.labelPlace).toBe('after')
  })

  it('accepts what convert writes', async () => {
    const model = await readModelFolder(folder)
    expect(model.description.language.vocabularySize).toBe(261)
    expect(model.tokenizer?.pieces[260]).toBe('a')
    expect(model.files).toEqual({
      language: join(folder, 'language.gguf'),
      vision: join(folder, 'vision.gguf'),
    })
  })

  const pieces = (change: (texts: string[]) => void): GgufValue => {
    const texts = standardPieces(['a']).map((piece) => piece.text)
    change(texts)
    return { type: 'array', of: 'string', value: texts }
  }

  it.each<[string, 'language' | 'vision', () => Change, string, string]>([
    [
      'another architecture',
      'language',
      () => set('general.architecture', text('llama')),
      'model_unsupported',
      'its architecture is "llama"',
    ],
    [
      'a file that convert did not write',
      'language',
      () =>
        ({ metadata }) =>
          metadata.delete('longlens.format_version'),
      'model_unsupported',
      'not made by "longlens convert"',
    ],
    [
      'a later format',
      'language',
      () => set('longlens.format_version', u32(2)),
      'model_unsupported',
      'it is of format 2',
    ],
    [
      'one part of a split file',
      'language',
      () => set('split.count', u32(2)),
      'model_unsupported',
      'split file',
    ],
    [
      'keys that could make llama.cpp abort',
      'language',
      () => set('jamba.rope.scaling.type', text('x')),
      'model_invalid',
      '"jamba.rope.scaling.type" is not known',
    ],
    [
      'too many layers',
      'language',
      () => set('jamba.block_count', u32(513)),
      'model_invalid',
      '"jamba.block_count" is 513',
    ],
    [
      'heads that do not divide the width',
      'language',
      () => set('jamba.attention.head_count', u32(5)),
      'model_invalid',
      '"jamba.attention.head_count" 5 does not divide',
    ],
    [
      'an inner size that is not twice the width',
      'language',
      () => set('jamba.ssm.inner_size', u32(96)),
      'model_invalid',
      'should be 64, but is 96',
    ],
    [
      'more experts used than there are',
      'language',
      () =>
        ({ metadata }) => {
          metadata.set('jamba.expert_count', u32(4))
          metadata.set('jamba.expert_used_count', u32(5))
        },
      'model_invalid',
      '"jamba.expert_used_count" is 5',
    ],
    [
      'a key of another type',
      'language',
      () => set('jamba.context_length', text('long')),
      'model_invalid',
      '"jamba.context_length" should be an integer, but is string',
    ],
    [
      'a missing template',
      'language',
      () =>
        ({ metadata }) =>
          metadata.delete('longlens.prompt.video.separator'),
      'model_invalid',
      '"longlens.prompt.video.separator" is missing',
    ],
    [
      'a template switch that is unknown',
      'language',
      () => set('longlens.prompt.video.label', text('hh')),
      'model_invalid',
      'its description is wrong at prompt.video.label',
    ],
    [
      'a place for labels that is unknown',
      'language',
      () => set('longlens.prompt.video.label_place', text('above')),
      'model_invalid',
      'its description is wrong at prompt.video.labelPlace',
    ],
    [
      'an end token outside the vocabulary',
      'language',
      () => set('longlens.end_tokens', { type: 'array', of: 'u32', value: Uint32Array.of(261) }),
      'model_invalid',
      '"longlens.end_tokens" holds 261',
    ],
    [
      'one piece twice, on which llama.cpp aborts',
      'language',
      () =>
        set(
          'tokenizer.ggml.tokens',
          pieces((texts) => {
            texts[0] = 'a'
          }),
        ),
      'model_invalid',
      'an empty piece or one piece twice',
    ],
    [
      'too few pieces',
      'language',
      () =>
        set(
          'tokenizer.ggml.tokens',
          pieces((texts) => {
            texts.pop()
          }),
        ),
      'model_invalid',
      '"tokenizer.ggml.tokens" has 260 entries; the vocabulary has 261',
    ],
    [
      'a tensor of another shape',
      'language',
      () => setTensor('blk.0.ssm_a', [4, 32], 'F32'),
      'model_invalid',
      'tensor "blk.0.ssm_a" has the shape [4, 32]',
    ],
    [
      'a norm that is quantized',
      'language',
      () => setTensor('blk.0.attn_norm.weight', [32], 'Q8_0'),
      'model_invalid',
      'tensor "blk.0.attn_norm.weight" has the type Q8_0',
    ],
    [
      'integers for weights',
      'language',
      () => setTensor('blk.0.ssm_in.weight', [32, 128], 'I32'),
      'model_invalid',
      'tensor "blk.0.ssm_in.weight" has the type I32',
    ],
    [
      'a missing tensor',
      'language',
      () =>
        ({ tensors }) =>
          tensors.delete('blk.2.ssm_d'),
      'model_invalid',
      'tensor "blk.2.ssm_d" is missing',
    ],
    [
      'a tensor that nobody asks for',
      'language',
      () => setTensor('blk.9.ssm_d', [64], 'F32'),
      'model_invalid',
      'tensor "blk.9.ssm_d" does not belong',
    ],
    [
      'another kind of tower',
      'vision',
      () => set('general.architecture', text('clip')),
      'model_unsupported',
      'its architecture is "clip"',
    ],
    [
      'patches that do not divide the picture',
      'vision',
      () => set('longlens.vision.patch_size', u32(9)),
      'model_invalid',
      '"longlens.vision.patch_size" 9 does not divide',
    ],
    [
      'pooling by three',
      'vision',
      () => set('longlens.vision.pooling_factor', u32(3)),
      'model_unsupported',
      'by a factor of 3',
    ],
    [
      'a deviation of zero',
      'vision',
      () => set('longlens.image.std', { type: 'array', of: 'f32', value: Float32Array.of(1, 0, 1) }),
      'model_invalid',
      '"longlens.image.std" should be above 0',
    ],
    [
      'a projector of another width',
      'vision',
      () =>
        ({ metadata, tensors }) => {
          metadata.set('longlens.vision.projection_length', u32(64))
          tensors.set('mm.0.weight', { shape: [32, 64], type: 'F32' })
          tensors.set('mm.0.bias', { shape: [64], type: 'F32' })
          tensors.set('mm.2.weight', { shape: [64, 64], type: 'F32' })
          tensors.set('mm.2.bias', { shape: [64], type: 'F32' })
        },
      'model_invalid',
      'it makes pictures of width 64, but language.gguf takes 32',
    ],
    [
      'a quantized patch convolution',
      'vision',
      () => setTensor('v.patch_embd.weight', [7, 7, 3, 32], 'I8'),
      'model_invalid',
      'tensor "v.patch_embd.weight" has the type I8',
    ],
  ])('refuses %s', async (_, name, change, code, reason) => {
    await writeParts(name, change())
    const thrown: unknown = await readModelFolder(folder).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code, details: { file: `${name}.gguf` } })
    expect((thrown as Error).message).toContain(reason)
  })

  it('names the file that is missing', async () => {
    await rm(join(folder, 'vision.gguf'))
    const thrown: unknown = await readModelFolder(folder).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'model_not_found', details: { file: 'vision.gguf' } })
  })

  it('refuses a file that was cut off', async () => {
    const { fileBytes } = await readGgufHeader(join(folder, 'language.gguf'))
    await truncate(join(folder, 'language.gguf'), fileBytes - 64)
    const thrown: unknown = await readModelFolder(folder).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'model_invalid', details: { file: 'language.gguf' } })
    expect((thrown as Error).message).toContain('ends beyond the file')
  })
})
