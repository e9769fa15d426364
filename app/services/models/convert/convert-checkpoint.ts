import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LANGUAGE_FILE, VISION_FILE } from '../../../domain/model-description'
import type { QuantizationType } from '../../../engine/engine-client-types'
import { folderName, readCardLicense, readTokenizer } from '../checkpoint/checkpoint-folder'
import { CheckpointTensors } from '../checkpoint/checkpoint-tensors'
import { readLanguageConfig } from '../checkpoint/language-config'
import { fileExists, readJson } from '../checkpoint/read-small-file'
import { ggufFileBytes, writeGguf } from '../gguf/gguf-writer'
import type { GgufTensor } from '../gguf/gguf-writer'
import type { GgufMetadata } from '../gguf/gguf-types'
import { carryModelCard } from '../model-card'
import { readModelFolder } from '../model-folder'
import { languageMetadata, visionMetadata } from './file-metadata'
import { INNER_TOWER_PREFIX, PROJECTOR_PREFIX, planLanguageTensors } from './language-tensors'
import { fillNewFolder } from './output-folder'
import { chooseManners, mannersOverlaySchema } from './presets'
import type { ModelManners, PresetName } from './presets'
import { ProgressMeter } from './progress-meter'
import type { ConvertProgress } from './progress-meter'
import { streamTensor } from './stream-tensor'
import { TensorPicker } from './tensor-plan'
import type { MatrixType, PlannedTensor, SourceTensor } from './tensor-plan'
import { findVisionSource } from './vision-source'
import type { VisionSource } from './vision-source'
import { isUnusedTowerTensor, layersThatRun, planVisionTensors } from './vision-tensors'

export type { ConvertProgress } from './progress-meter'

const MANNERS_FILE = 'longlens.json'

/** Rewrites a language.gguf with another weight type; the engine client's `quantize`. Must heed the signal itself. */
export type Quantizer = (params: { input: string; output: string; type: QuantizationType }) => Promise<void>

export interface ConvertOptions {
  /** Hugging Face folder with config.json and *.safetensors. */
  readonly checkpointFolder: string
  /** CLIP folder; wins over a tower inside the checkpoint. */
  readonly visionFolder?: string
  /** Model folder to make; must not exist. */
  readonly outputFolder: string
  /**
   * Undefined keeps the checkpoint's precision. `f32` widens it without loss, for comparing numbers: beside 16-bit
   * weights ggml rounds activations to 16 bits too.
   */
  readonly quantize?: QuantizationType | 'f32'
  /** Undefined: what longlens.json in the checkpoint folder says, else official. */
  readonly preset?: PresetName
  /** Needed for q8_0 and q4_k_m. */
  readonly quantizer?: Quantizer
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ConvertProgress) => void
}

interface PlannedFile {
  readonly stage: 'language' | 'vision'
  readonly name: string
  readonly metadata: GgufMetadata
  readonly tensors: readonly PlannedTensor[]
  readonly read: (tensor: SourceTensor) => AsyncIterable<Uint8Array>
}

interface Plan {
  readonly language: PlannedFile
  readonly vision: PlannedFile
}

/** q8_0 and q4_k_m of the language model are made by llama.cpp from the checkpoint's own precision. */
function languageMatrices(quantize: ConvertOptions['quantize']): MatrixType {
  if (quantize === 'f32') return 'F32'
  if (quantize === 'f16') return 'F16'
  return quantize === 'bf16' ? 'BF16' : 'source'
}

/** The tower is small and every picture passes through it: it is never quantized below 8 bits. */
function visionMatrices(quantize: ConvertOptions['quantize']): MatrixType {
  if (quantize === undefined) return 'source'
  return quantize === 'q8_0' || quantize === 'q4_k_m' ? 'Q8_0' : languageMatrices(quantize)
}

async function readManners(folder: string, preset: PresetName | undefined): Promise<ModelManners> {
  const file = join(folder, MANNERS_FILE)
  const overlay = (await fileExists(file)) ? await readJson(file, mannersOverlaySchema) : {}
  return chooseManners(overlay, preset)
}

/** Reads and checks everything but the weights' values. Nothing has been written when this throws. */
async function planConversion(
  options: ConvertOptions,
  checkpoint: CheckpointTensors,
  own: (source: VisionSource) => void,
): Promise<Plan> {
  const { checkpointFolder, quantize, signal } = options
  const config = await readLanguageConfig(checkpointFolder)
  const manners = await readManners(checkpointFolder, options.preset)
  const name = manners.name ?? folderName(checkpointFolder)
  const license = manners.license ?? (await readCardLicense(checkpointFolder)) ?? 'not stated by the checkpoint'
  const tokenizer = await readTokenizer(checkpointFolder, config)
  const source = await findVisionSource(checkpointFolder, options.visionFolder, config, checkpoint)
  own(source)

  const picker = new TensorPicker(checkpoint.entries, checkpoint.file)
  const languageTensors = planLanguageTensors(config, picker, languageMatrices(quantize))
  const { vision, folderTensors, place } = source
  const tower =
    folderTensors === null
      ? new TensorPicker(checkpoint.entries, place, INNER_TOWER_PREFIX)
      : new TensorPicker(folderTensors.entries, place)
  const matrices = visionMatrices(quantize)
  const visionTensors = planVisionTensors({ config, vision, tower, checkpoint: picker, matrices })
  tower.ignore(isUnusedTowerTensor)
  if (folderTensors !== null) tower.refuseLeftovers()
  picker.ignore((tensor) => tensor.startsWith(INNER_TOWER_PREFIX))
  picker.refuseLeftovers()

  const files = { config, name, license }
  return {
    language: {
      stage: 'language',
      name: LANGUAGE_FILE,
      metadata: languageMetadata({ ...files, tokenizer, manners, tensors: languageTensors }),
      tensors: languageTensors,
      read: (tensor) => checkpoint.read(tensor, signal),
    },
    vision: {
      stage: 'vision',
      name: VISION_FILE,
      metadata: visionMetadata({ ...files, vision, blocks: layersThatRun(config, vision), tensors: visionTensors }),
      tensors: visionTensors,
      read: (tensor) =>
        (tensor.name.startsWith(PROJECTOR_PREFIX) ? checkpoint : (folderTensors ?? checkpoint)).read(tensor, signal),
    },
  }
}

function sourceBytes(file: PlannedFile): number {
  return file.tensors.reduce((sum, { sources }) => sources.reduce((part, { bytes }) => part + bytes, sum), 0)
}

/** The tensors as the writer wants them; only sizes matter when nothing is read. */
function writable(file: PlannedFile, meter: ProgressMeter | null): GgufTensor[] {
  return file.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    type: tensor.type,
    data: () => streamTensor(tensor, file.read, (bytes) => meter?.add(file.stage, bytes)),
  }))
}

/** While quantizing, the file and its quantized copy exist side by side; the copy is at most 60 % of 16-bit weights. */
function peakDiskBytes(plan: Plan, quantized: boolean): number {
  const size = (file: PlannedFile) => ggufFileBytes(file.metadata, writable(file, null))
  const language = size(plan.language)
  return size(plan.vision) + (quantized ? Math.ceil(language * 1.6) : language)
}

async function writeFiles(plan: Plan, folder: string, options: ConvertOptions): Promise<void> {
  const { quantize, quantizer, signal, onProgress } = options
  const total = sourceBytes(plan.language) + sourceBytes(plan.vision)
  const meter = new ProgressMeter(total, (progress) => onProgress?.(progress), () => performance.now())
  for (const file of [plan.vision, plan.language]) {
    await writeGguf(join(folder, file.name), file.metadata, writable(file, meter), { signal })
  }
  if (quantize !== 'q8_0' && quantize !== 'q4_k_m') return
  if (quantizer === undefined) throw new TypeError(`expected a quantizer for ${quantize}`)
  const input = join(folder, `unquantized-${LANGUAGE_FILE}`)
  const output = join(folder, LANGUAGE_FILE)
  await rename(output, input)
  const bytes = sourceBytes(plan.language)
  onProgress?.({ stage: 'quantize', doneBytes: 0, totalBytes: bytes, secondsLeft: null })
  await quantizer({ input, output, type: quantize })
  signal?.throwIfAborted()
  await rm(input)
  onProgress?.({ stage: 'quantize', doneBytes: bytes, totalBytes: bytes, secondsLeft: 0 })
}

/**
 * Makes a model folder (`language.gguf`, `vision.gguf`, the model card) out of an official LongLLaVA checkpoint. Streams tensor by
 * tensor: memory does not grow with the checkpoint. The folder appears under its name when it is complete and has
 * passed the same checks as any model; nothing is left behind otherwise.
 * throws: checkpoint_invalid and checkpoint_unsupported (naming file and tensor or key), output_exists, disk_full,
 * invalid_input, engine errors of the quantizer, AbortError of the signal.
 */
export async function convertCheckpoint(options: ConvertOptions): Promise<void> {
  const { checkpointFolder, outputFolder, quantize, onProgress } = options
  options.signal?.throwIfAborted()
  onProgress?.({ stage: 'check', doneBytes: 0, totalBytes: 0, secondsLeft: null })
  const checkpoint = await CheckpointTensors.open(checkpointFolder)
  let vision: VisionSource | undefined
  try {
    const plan = await planConversion(options, checkpoint, (source) => (vision = source))
    const quantized = quantize === 'q8_0' || quantize === 'q4_k_m'
    await fillNewFolder(outputFolder, peakDiskBytes(plan, quantized), async (folder) => {
      await writeFiles(plan, folder, options)
      await carryModelCard(checkpointFolder, folder)
      await readModelFolder(folder)
      // From here on the folder gets its name: the last moment to stop.
      options.signal?.throwIfAborted()
    })
  } finally {
    await vision?.folderTensors?.close()
    await checkpoint.close()
  }
}
