import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEngine } from '../../app/engine/engine-client-node'
import type { EngineControl } from '../../app/engine/engine-client-types'
import { convertCheckpoint } from '../../app/services/models/convert/convert-checkpoint'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { readModelFolder } from '../../app/services/models/model-folder'
import { smallSizes, writeCheckpoint, writeTower } from '../helpers/checkpoint'
import type { CheckpointSizes } from '../helpers/checkpoint'
import { repositoryRoot } from '../helpers/engine-libraries'
import { sentencePieceBytes, standardPieces } from '../helpers/sentencepiece-bytes'

// What convert writes must run in llama.cpp as it is, and come back from its quantizer as a model that still passes
// every check.

const pieces = standardPieces(['▁a', 'b'])
const sizes: CheckpointSizes = { ...smallSizes, hidden: 64, vocabulary: pieces.length }

let engine: EngineControl
let root: string
beforeAll(() => {
  engine = startEngine({ appRoot: repositoryRoot })
})
afterAll(async () => {
  await engine.dispose()
})
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-convert-engine-'))
  await writeTower(join(root, 'clip'), sizes)
})
afterEach(async () => {
  await engine.unload()
  await rm(root, { recursive: true })
})

async function importModel(
  checkpoint: CheckpointSizes,
  modelType: 1 | 2 | null,
  quantize?: 'q8_0' | 'q4_k_m',
): Promise<string> {
  const checkpointFolder = join(root, 'checkpoint')
  const outputFolder = join(root, 'model')
  await writeCheckpoint(checkpointFolder, { sizes: checkpoint })
  if (modelType !== null) {
    await writeFile(join(checkpointFolder, 'tokenizer.model'), sentencePieceBytes({ pieces, modelType }))
  }
  await convertCheckpoint({
    checkpointFolder,
    visionFolder: join(root, 'clip'),
    outputFolder,
    ...(quantize === undefined ? {} : { quantize }),
    quantizer: (params) => engine.quantize({ ...params, threads: 1 }),
  })
  return outputFolder
}

async function logitsOf(folder: string): Promise<Float32Array> {
  const { description } = await readModelFolder(folder)
  await engine.load({
    folder,
    description,
    contextTokens: 256,
    threads: 1,
    gpuLayers: 0,
    flashAttention: false,
    cacheType: 'f32',
    maxSequences: 1,
  })
  const { logits } = await engine.parity.evaluateAll(
    { kind: 'tokens', tokens: Int32Array.of(1, 5, 6, 7) },
    [],
  )
  return logits
}

describe('a converted model', () => {
  it.each([
    ['dense, BPE', sizes, 2],
    ['dense, unigram', sizes, 1],
    ['four experts, no vocabulary', { ...sizes, experts: 4 }, null],
  ] as const)('runs in llama.cpp (%s)', async (_, checkpoint, modelType) => {
    const logits = await logitsOf(await importModel(checkpoint, modelType))
    expect(logits.length).toBe(4 * pieces.length)
    expect(logits.every(Number.isFinite)).toBe(true)
    // Made-up weights repeat every 64 rows, so not every logit is another; but no position is like the next.
    expect(new Set(logits).size).toBeGreaterThan(100)
  })

  it('is quantized by the engine, keeps its description, and still runs', async () => {
    const folder = await importModel(sizes, 2, 'q8_0')
    const { tensors } = await readGgufHeader(join(folder, 'language.gguf'))
    const { description, tokenizer } = await readModelFolder(folder)
    const logits = await logitsOf(folder)

    expect(tensors.get('blk.0.ffn_up.weight')?.type).toBe('Q8_0')
    expect(tensors.get('blk.0.ssm_a')?.type).toBe('F32')
    expect(description.prompt.userBefore).toBe('<|startoftext|><|User|>\n')
    expect(tokenizer?.pieces.at(-1)).toBe('b')
    expect(logits.every(Number.isFinite)).toBe(true)
  })
})
