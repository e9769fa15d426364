import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../../contract/errors'
import type { ModelDescription } from '../../domain/model-description'
import type { EngineClient, LoadOptions } from '../../engine/engine-client-types'
import { machineUse, threadsFor } from '../engine-threads'
import { TOLERANCE, compareTensors, rowOf, together, type GoldenCase } from './compare'
import { IMAGE_MARK, readGoldenDescription, type GoldenDescription } from './golden-folder'
import type { GoldenTensors } from './golden-tensors'
import { verifyPrompt } from './verify-prompt'

const SPARE_TOKENS = 64

/** What a verification needs of the rest of the program. */
export interface GoldenParts {
  readonly engine: EngineClient
  /** Imports a checkpoint into `output` with every weight widened to 32 bits. */
  readonly importCheckpoint: (
    checkpoint: string,
    vision: string | undefined,
    output: string,
    signal: AbortSignal | undefined,
  ) => Promise<void>
  readonly readDescription: (modelFolder: string) => Promise<ModelDescription>
  readonly readTensors: (file: string) => Promise<GoldenTensors>
  /** RGB bytes [side, side, 3] of a picture file, squared and resized as the official code does. */
  readonly modelInput: (file: string, description: ModelDescription) => Promise<Uint8Array>
}

export interface GoldenReport {
  readonly pass: boolean
  readonly cases: readonly GoldenCase[]
  /** The first stage, and layer where that can be told, that differs; absent when all passed. */
  readonly firstDifference?: string
}

/**
 * Imports the checkpoint of a reference folder and compares each stage on the golden input of that stage, then the
 * whole chain; first with 32-bit keys and values and flash attention off, then with the product's defaults.
 * The import is removed afterwards, also when the signal aborts.
 * @throws AppError golden_invalid, cancelled, and whatever the import rejects with
 */
export async function verifyGolden(
  folder: string,
  parts: GoldenParts,
  signal?: AbortSignal,
  onCase: (result: GoldenCase) => void = () => undefined,
): Promise<GoldenReport> {
  const golden = await readGoldenDescription(folder)
  const tensors = await parts.readTensors(join(folder, 'golden.safetensors'))
  const scratch = await mkdtemp(join(tmpdir(), 'longlens-golden-'))
  try {
    const modelFolder = join(scratch, 'model')
    const tower = golden.vision_tower_dir ?? undefined
    const vision = tower === undefined ? undefined : resolve(folder, tower)
    await parts.importCheckpoint(folder, vision, modelFolder, signal)
    const description = await parts.readDescription(modelFolder)
    checkPrompts({ folder, golden, tensors, description })
    const run = new Verification({ folder, modelFolder, golden, tensors, description, parts, signal, onCase })
    return await untilAborted(run.all(), signal)
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Rejects as soon as the signal aborts: most parity calls take no signal, and end with the engine. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return await work
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(new AppError('cancelled', 'the verification was stopped'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Refuses what the engine would refuse without saying which file is to blame. */
function checkPrompts(input: Pick<VerificationInput, 'folder' | 'golden' | 'tensors' | 'description'>): void {
  const { folder, golden, tensors, description } = input
  const { vocabularySize, embeddingLength } = description.language
  const fail = (name: string, reason: string): never => {
    const file = join(folder, name)
    throw new AppError('golden_invalid', `${file}: ${reason}`, { file, reason })
  }
  for (const [name, prompt] of Object.entries(golden.prompts)) {
    const token = [...prompt.input_ids, ...prompt.generated].find((id) => id >= vocabularySize)
    if (token !== undefined) {
      fail('golden.json', `prompt "${name}" has token ${token}, the vocabulary ${vocabularySize} pieces`)
    }
    const picture = prompt.images.find((index) => index >= golden.images.length)
    if (picture !== undefined) {
      fail('golden.json', `prompt "${name}" shows picture ${picture} of ${golden.images.length}`)
    }
    const width = tensors.shape(`${name}.inputs_embeds`)?.at(-1) ?? embeddingLength
    if (width !== embeddingLength) {
      fail('golden.safetensors', `${name}.inputs_embeds is ${width} wide, the model ${embeddingLength}`)
    }
  }
}

interface VerificationInput {
  readonly folder: string
  readonly modelFolder: string
  readonly golden: GoldenDescription
  readonly tensors: GoldenTensors
  readonly description: ModelDescription
  readonly parts: GoldenParts
  readonly signal: AbortSignal | undefined
  readonly onCase: (result: GoldenCase) => void
}

class Verification {
  private readonly input: VerificationInput
  private readonly cases: GoldenCase[] = []
  private firstDifference: string | undefined

  constructor(input: VerificationInput) {
    this.input = input
  }

  async all(): Promise<GoldenReport> {
    const { engine } = this.input.parts
    await engine.load(await this.loadOptions({ flashAttention: false, cacheType: 'f32' }), this.call())
    const pictures = await this.pictures()
    await this.visionStages()
    await this.prompts(pictures, true)
    await engine.load(await this.loadOptions({ flashAttention: true, cacheType: 'f16' }), this.call())
    await this.prompts(pictures, false)
    await engine.unload()
    return {
      pass: this.cases.every((result) => result.passed),
      cases: this.cases,
      ...(this.firstDifference === undefined ? {} : { firstDifference: this.firstDifference }),
    }
  }

  private async prompts(pictures: readonly Uint8Array[], exact: boolean): Promise<void> {
    const { golden, tensors, parts, description } = this.input
    for (const [name, prompt] of Object.entries(golden.prompts)) {
      const run = { golden, tensors, engine: parts.engine, description, pictures, name, prompt, exact }
      const { cases, firstDifference } = await verifyPrompt(run)
      for (const one of cases) this.add(one, firstDifference)
    }
  }

  /** Pixel bytes of every picture; their pixel values are compared bit for bit. */
  private async pictures(): Promise<Uint8Array[]> {
    const { folder, parts, description } = this.input
    const references = this.perPicture('pixel_values')
    const pictures: Uint8Array[] = []
    for (const [index, { file }] of this.input.golden.images.entries()) {
      const bytes = await parts.modelInput(join(folder, file), description)
      pictures.push(bytes)
      const expected = references?.[index]
      if (expected === undefined) continue
      const values = await parts.engine.parity.pixelValues(bytes)
      this.add(compareTensors(`pixel_values[${index}]`, 'pixels', values, expected, TOLERANCE.pixels))
    }
    return pictures
  }

  private async visionStages(): Promise<void> {
    const { parity } = this.input.parts.engine
    const pixels = this.perPicture('pixel_values')
    const features = this.perPicture('vision.features')
    const pooled = this.perPicture('vision.pooled')
    const projected = this.perPicture('vision.projected')
    await this.visionStage(
      'vision.features',
      'vision tower',
      pixels,
      features,
      async (input) => (await parity.stagesFromPixelValues(input)).features,
    )
    await this.visionStage(
      'vision.pooled',
      'pooling',
      features,
      pooled,
      async (input) => (await parity.poolAndProject(input)).pooled,
    )
    await this.visionStage('vision.projected', 'projector', pooled, projected, (input) =>
      parity.project(input),
    )
  }

  /** One stage over all pictures, one after the other: a large set needs no more memory than one picture. */
  private async visionStage(
    name: string,
    stage: string,
    inputs: readonly Float32Array[] | null,
    references: readonly Float32Array[] | null,
    run: (input: Float32Array) => Promise<Float32Array>,
  ): Promise<void> {
    if (inputs === null || references === null) return
    const results: GoldenCase[] = []
    for (const [index, input] of inputs.entries()) {
      const expected = references[index] ?? new Float32Array()
      results.push(compareTensors(name, stage, await run(input), expected, TOLERANCE.vision))
    }
    this.add(together(results))
  }

  /** An entry [pictures, …] cut into one array a picture; null when the folder has no such entry or no pictures. */
  private perPicture(name: string): Float32Array[] | null {
    const all = this.input.tensors.float32(name)
    const count = this.input.golden.images.length
    if (all === null || count === 0) return null
    const size = all.length / count
    if (!Number.isInteger(size)) {
      const file = join(this.input.folder, 'golden.safetensors')
      const reason = `entry ${name} has ${all.length} values, which are not those of ${count} pictures`
      throw new AppError('golden_invalid', `${file}: ${reason}`, { file, reason })
    }
    return Array.from({ length: count }, (_, index) => rowOf(all, index, size))
  }

  private async loadOptions(choice: Pick<LoadOptions, 'flashAttention' | 'cacheType'>): Promise<LoadOptions> {
    const { modelFolder, description, golden } = this.input
    const longest = Object.values(golden.prompts).map(
      ({ input_ids: ids, generated }) =>
        ids.length +
        ids.filter((id) => id === IMAGE_MARK).length * description.vision.tokensPerImage +
        generated.length,
    )
    return {
      folder: modelFolder,
      description,
      contextTokens: Math.max(512, ...longest) + SPARE_TOKENS,
      threads: threadsFor(description, await machineUse()),
      gpuLayers: 0,
      maxSequences: 1,
      ...choice,
    }
  }

  private call() {
    return this.input.signal === undefined ? {} : { signal: this.input.signal }
  }

  private add(result: GoldenCase, where?: string): void {
    this.cases.push(result)
    this.input.onCase(result)
    if (!result.passed) this.firstDifference ??= where ?? `${result.stage} (${result.name})`
  }
}
