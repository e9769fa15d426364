import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { convertCheckpoint } from '../../app/services/models/convert/convert-checkpoint'
import { readSentencePieceModel } from '../../app/services/models/checkpoint/sentencepiece-model'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { readModelFolder } from '../../app/services/models/model-folder'

const shared = fileURLToPath(new URL('../../../shared', import.meta.url))
const golden = join(shared, 'golden')
const trained = fileURLToPath(new URL('../../training/checkpoint', import.meta.url))

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-official-'))
})
afterAll(async () => {
  await rm(root, { recursive: true })
})

// These need the reference checkpoints, which are not part of the repository.
describe.skipIf(!existsSync(golden))('the golden checkpoints', () => {
  it.each([
    ['longllava-dense', 0],
    ['longllava-moe', 4],
  ])('%s is imported in its own precision, its tower found beside it', async (name, experts) => {
    const output = join(root, name)
    await convertCheckpoint({ checkpointFolder: join(golden, name), outputFolder: output })
    const { description, tokenizer } = await readModelFolder(output)
    const { metadata, tensors } = await readGgufHeader(join(output, 'language.gguf'))

    expect(description.language.kvHeads).toEqual([0, 0, 0, 0, 2, 0, 0, 0])
    expect(description.vision).toMatchObject({ tokensPerImage: 144, image: { side: 336 } })
    expect(tokenizer).toBeNull()
    expect(metadata.get('jamba.expert_count')?.value ?? 0).toBe(experts)
    expect([...tensors.values()].every(({ type }) => type === 'F32')).toBe(true)
    expect(tensors.has('blk.1.ffn_gate_exps.weight')).toBe(experts > 0)
  })

  it('the official tokenizer is read whole: BPE with byte fallback, spaces last', async () => {
    const model = await readSentencePieceModel(join(golden, 'tokenizer.model'))
    expect(model).toMatchObject({ model: 'bpe', unkId: 3, byteFallback: true, addDummyPrefix: false })
    expect(model.pieces.length).toBe(65_536)
    expect(model.pieces.slice(0, 3)).toEqual(['<|pad|>', '<|startoftext|>', '<|endoftext|>'])
    expect(model.pieces[1554]).toBe('<0x0A>')
    expect(model.scores[1801]).toBe(-1)
    expect(model.types[1543]).toBe(4)
  })
})

describe('the committed checkpoint', () => {
  it('is imported as training exports it', async () => {
    const output = join(root, 'trained')
    await convertCheckpoint({ checkpointFolder: trained, outputFolder: output })
    const { description, tokenizer } = await readModelFolder(output)
    const raw = await readFile(join(trained, 'tokenizer.model'))

    expect(description).toMatchObject({
      name: 'Longlens-Tiny',
      language: { nLayers: 8, vocabularySize: 2048, endTokens: [5] },
      vision: { tokensPerImage: 25, image: { side: 160, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } },
      prompt: { questionBefore: ' ', video: { label: 'mm:ss', labelPlace: 'before' } },
    })
    expect(tokenizer).toMatchObject({ model: 'unigram', bosId: 4, eosId: 5, addSpacePrefix: false })
    expect(tokenizer?.specials).toContain(5)
    // llama.cpp prints user-defined pieces as they are, so the file holds them with spaces; we read the mark again.
    const place = tokenizer?.pieces.indexOf('▁dog') ?? -1
    expect(raw.includes(Buffer.from('▁dog'))).toBe(true)
    const stored = (await readGgufHeader(join(output, 'language.gguf'))).metadata.get('tokenizer.ggml.tokens')
    expect((stored?.value as string[])[place]).toBe(' dog')
    const { metadata } = await readGgufHeader(join(output, 'vision.gguf'))
    expect(metadata.get('longlens.vision.block_count')?.value).toBe(6)
  })
})

describe('the bundled model', () => {
  it('passes every check, and its card tells its true size', async () => {
    const folder = fileURLToPath(new URL('../../models/longlens-tiny', import.meta.url))
    const { description } = await readModelFolder(folder)
    expect(description).toMatchObject({ name: 'Longlens-Tiny', license: 'MIT' })
    const card = await readFile(join(folder, 'README.md'), 'utf8')
    for (const name of ['language.gguf', 'vision.gguf']) {
      const { fileBytes } = await readGgufHeader(join(folder, name))
      expect(card).toMatch(new RegExp(`\`${name}\` *\\| ${(fileBytes / 1e6).toFixed(1)} MB`, 'u'))
    }
  })
})
