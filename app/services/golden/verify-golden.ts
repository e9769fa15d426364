import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ModelDescription } from '../../domain/model-description'
import type { EngineClient, LoadOptions } from '../../engine/engine-client-types'
import { TOLERANCE, compareTensors, type GoldenCase } from './compare'
import { readGoldenDescription, type GoldenDescription } from './golden-folder'
import type { GoldenTensors } from './golden-tensors'
import { verifyPrompt, type PromptRun } from './verify-prompt'

/** What a verification needs of the rest of the program. */
export interface GoldenParts {
  readonly engine: EngineClient
  /** Imports a checkpoint into `output` without quantizing. */
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
 * @throws AppError golden_invalid and whatever the import rejects with
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
    const vision =
      golden.vision_tower_dir === undefined ? undefined : resolve(folder, golden.vision_tower_dir)
    await parts.importCheckpoint(folder, vision, modelFolder, signal)
    const description = await parts.readDescription(modelFolder)
    const run = new Verification({ folder, modelFolder, golden, tensors, description, parts, signal, onCase })
    return await run.all()
  } finally {
    await rm(scratch, { recursive: true, force: true })
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
    await engine.load(this.loadOptions({ flashAttention: false, cacheType: 'f32' }), this.call())
    const pictures = await this.pictures()
    await this.visionStages()
    for (const [name, prompt] of Object.entries(this.input.golden.prompts)) {
      const run: PromptRun = { ...this.common(pictures), name, prompt, exact: true }
      this.take(await verifyPrompt(run))
    }
    await engine.load(this.loadOptions({ flashAttention: true, cacheType: 'f16' }), this.call())
    for (const [name, prompt] of Object.entries(this.input.golden.prompts)) {
      this.take(await verifyPrompt({ ...this.common(pictures), name, prompt, exact: false }))
    }
    await engine.unload()
    return {
      pass: this.cases.every((result) => result.passed),
      cases: this.cases,
      ...(this.firstDifference === undefined ? {} : { firstDifference: this.firstDifference }),
    }
  }

  /** Pixel bytes of every picture; their pixel values are compared bit for bit. */
  private async pictures(): Promise<Uint8Array[]> {
    const { golden, tensors, folder, parts, description } = this.input
    const reference = tensors.float32('pixel_values')
    const pictures: Uint8Array[] = []
    for (const [index, image] of golden.images.entries()) {
      const bytes = await parts.modelInput(join(folder, image.file), description)
      pictures.push(bytes)
      if (reference === null) continue
      const size = reference.length / golden.images.length
      const values = await parts.engine.parity.pixelValues(bytes)
      const expected = reference.subarray(index * size, (index + 1) * size)
      this.add(compareTensors(`pixel_values[${index}]`, 'pixels', values, expected, TOLERANCE.pixels))
    }
    return pictures
  }

  private async visionStages(): Promise<void> {
    const { tensors, parts } = this.input
    const { parity } = parts.engine
    const pixels = tensors.float32('pixel_values')
    const features = tensors.float32('vision.features')
    const pooled = tensors.float32('vision.pooled')
    const projected = tensors.float32('vision.projected')
    if (pixels !== null && features !== null) {
      const stages = await parity.stagesFromPixelValues(pixels)
      this.add(compareTensors('vision.features', 'vision tower', stages.features, features, TOLERANCE.vision))
    }
    if (features !== null && pooled !== null) {
      const stages = await parity.poolAndProject(features)
      this.add(compareTensors('vision.pooled', 'pooling', stages.pooled, pooled, TOLERANCE.vision))
    }
    if (pooled !== null && projected !== null) {
      const result = await parity.project(pooled)
      this.add(compareTensors('vision.projected', 'projector', result, projected, TOLERANCE.vision))
    }
  }

  private common(pictures: readonly Uint8Array[]) {
    const { golden, tensors, parts, description, signal } = this.input
    return { golden, tensors, engine: parts.engine, description, pictures, signal }
  }

  private loadOptions(choice: Pick<LoadOptions, 'flashAttention' | 'cacheType'>): LoadOptions {
    const { modelFolder, description, tensors, golden } = this.input
    const longest = Object.keys(golden.prompts).map(
      (name) => (tensors.shape(`${name}.logits`)?.[0] ?? 0) + (golden.prompts[name]?.generated.length ?? 0),
    )
    return {
      folder: modelFolder,
      description,
      contextTokens: Math.max(512, ...longest) + 64,
      threads: 2,
      gpuLayers: 0,
      maxSequences: 2,
      ...choice,
    }
  }

  private call() {
    return this.input.signal === undefined ? {} : { signal: this.input.signal }
  }

  private take(result: { cases: readonly GoldenCase[]; firstDifference: string | undefined }): void {
    for (const one of result.cases) this.add(one, result.firstDifference)
  }

  private add(result: GoldenCase, where?: string): void {
    this.cases.push(result)
    this.input.onCase(result)
    if (!result.passed) this.firstDifference ??= where ?? `${result.stage} (${result.name})`
  }
}
