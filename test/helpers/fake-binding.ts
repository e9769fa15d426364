import type {
  DeviceInfo,
  EngineBinding,
  EngineBindingErrorCode,
  GenerateParams,
  LoadModelParams,
  MemoryEstimate,
  NativeCancelToken,
  NativeModel,
  NativeSession,
  NativeVisionTower,
  SequenceInput,
  VisionParams,
} from '../../app/engine/engine-binding'
import type { ModelDescription } from '../../app/domain/model-description'
import { officialTemplate } from '../../app/domain/prompts/official-template'

/** What the addon throws: an error with one of its codes. */
export function bindingError(code: EngineBindingErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code })
}

export const fakeDevices: readonly DeviceInfo[] = [
  { name: 'CPU', description: 'a fake', type: 'cpu', memoryFreeBytes: 8e9, memoryTotalBytes: 16e9 },
]

export const fakeEstimate: MemoryEstimate = {
  modelBytes: 1000,
  keyValueBytes: 100,
  recurrentBytes: 10,
  computeBytes: 50,
  visionBytes: 40,
  totalBytes: 1200,
}

/** Pictures of 8 x 8 pixels, two tokens each, embeddings of four numbers, and a context of 4096 tokens. */
export const fakeDescription: ModelDescription = {
  name: 'Fake',
  license: 'MIT',
  about: 'Exists in tests only.',
  abilities: ['image'],
  language: {
    architecture: 'jamba',
    nLayers: 2,
    embeddingLength: 4,
    vocabularySize: 100,
    contextLength: 4096,
    kvHeads: [0, 2],
    endTokens: [2],
    minTokens: 1,
  },
  vision: { tokensPerImage: 2, image: { side: 8, aspect: 'pad', mean: [0, 0, 0], std: [1, 1, 1] } },
  video: { intervalSeconds: 1, maxFrames: 8 },
  prompt: officialTemplate,
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 8 },
}

class FakeCancelToken implements NativeCancelToken {
  isSet = false
  cancel(): void {
    this.isSet = true
  }
}

/**
 * The addon's interface without a model. Jobs run one after another as on the engine thread, each takes one turn of
 * the event loop, and what they were given is kept. An embedding's numbers are all the first byte of its picture.
 */
export class FakeBinding implements EngineBinding {
  readonly appends: { sequence: number; parts: readonly SequenceInput[] }[] = []
  readonly loads: LoadModelParams[] = []
  readonly visionLoads: VisionParams[] = []
  readonly encoded: number[] = []
  readonly cleared: number[] = []
  /** Thrown by the job of this name, once. */
  readonly failures = new Map<string, Error>()
  /** While set, jobs of this name wait for it, or for their cancel token. */
  readonly gates = new Map<string, Promise<void>>()
  deviceList: readonly DeviceInfo[] = fakeDevices
  estimate: MemoryEstimate = fakeEstimate
  private readonly lengths = new Map<number, number>()
  private readonly live = { models: 0, sessions: 0, visionTowers: 0 }
  private queue: Promise<unknown> = Promise.resolve()

  initialise(): { systemInfo: string; failedBackends: [] } {
    return { systemInfo: 'fake', failedBackends: [] }
  }

  devices(): DeviceInfo[] {
    return [...this.deviceList]
  }

  onLog(): void {
    // It has nothing to say.
  }

  createCancelToken(): NativeCancelToken {
    return new FakeCancelToken()
  }

  estimateMemory(): Promise<MemoryEstimate> {
    return this.job('estimate', undefined, () => this.estimate)
  }

  loadModel(
    params: LoadModelParams,
    cancel: NativeCancelToken | undefined,
    onProgress: ((fraction: number) => void) | undefined,
  ): Promise<NativeModel> {
    return this.job('loadModel', cancel, () => {
      this.loads.push(params)
      onProgress?.(1)
      this.live.models += 1
      return this.model()
    })
  }

  loadVisionTower(params: VisionParams, cancel: NativeCancelToken | undefined): Promise<NativeVisionTower> {
    return this.job('loadVisionTower', cancel, () => {
      this.visionLoads.push(params)
      this.live.visionTowers += 1
      return this.tower()
    })
  }

  quantize(_: unknown, cancel: NativeCancelToken | undefined): Promise<void> {
    return this.job('quantize', cancel, () => undefined)
  }

  liveHandles(): { models: number; sessions: number; visionTowers: number; pendingJobs: number } {
    return { ...this.live, pendingJobs: 0 }
  }

  /** Runs after every job before it, whether or not that one failed. */
  private job<Result>(
    name: string,
    cancel: NativeCancelToken | undefined,
    work: () => Result,
  ): Promise<Result> {
    const check = (): void => {
      if ((cancel as FakeCancelToken | undefined)?.isSet === true)
        throw bindingError('cancelled', `${name} was cancelled`)
    }
    const result = this.queue.then(async () => {
      const gate = this.gates.get(name)
      let isOpen = gate === undefined
      void gate?.then(() => {
        isOpen = true
      })
      do {
        check()
        await new Promise(setImmediate)
      } while (!isOpen)
      check()
      const failure = this.failures.get(name)
      this.failures.delete(name)
      if (failure !== undefined) throw failure
      return work()
    })
    this.queue = result.catch(() => undefined)
    return result
  }

  private model(): NativeModel {
    const { embeddingLength, vocabularySize, nLayers } = fakeDescription.language
    return {
      nParams: 1,
      sizeBytes: 1000,
      embeddingLength,
      vocabularySize,
      nLayers,
      tokenize: () => Int32Array.of(1),
      tokenBytes: () => Uint8Array.of(65),
      createSession: () =>
        this.job('createSession', undefined, () => {
          this.live.sessions += 1
          return this.session()
        }),
      dispose: () =>
        this.job('dispose', undefined, () => {
          this.live.models -= 1
        }),
    }
  }

  private session(): NativeSession {
    const nothing = (name: string) => this.job(name, undefined, () => undefined)
    return {
      contextTokens: 4096,
      memory: { keyValueBytes: 100, recurrentBytes: 10, computeBytes: 50 },
      length: (sequence) => this.lengths.get(sequence) ?? 0,
      append: (sequence, parts, cancel, onProgress) =>
        this.job('append', cancel, () => {
          this.appends.push({ sequence, parts: structuredClone(parts) })
          const tokens = parts.reduce((sum, part) => sum + inputTokens(part), 0)
          this.lengths.set(sequence, (this.lengths.get(sequence) ?? 0) + tokens)
          onProgress?.(tokens, tokens)
        }),
      lastLogits: () => this.job('lastLogits', undefined, () => new Float32Array(100)),
      evaluateAll: () =>
        this.job('evaluateAll', undefined, () => ({ logits: new Float32Array(100), tensors: {} })),
      generate: (_, params: GenerateParams, cancel, onText) =>
        this.job('generate', cancel, () => {
          for (let n = 1; n <= params.maxTokens; n += 1) onText?.('a', n)
          return {
            tokens: new Int32Array(params.maxTokens),
            text: 'a'.repeat(params.maxTokens),
            reason: 'length' as const,
          }
        }),
      branch: () => nothing('branch'),
      clear: (sequence) =>
        this.job('clear', undefined, () => {
          this.cleared.push(sequence)
          this.lengths.set(sequence, 0)
        }),
      snapshot: () => this.job('snapshot', undefined, () => Uint8Array.of(1)),
      restore: () => nothing('restore'),
      saveState: () => this.job('saveState', undefined, () => ({ bytes: 7 })),
      loadState: () => nothing('loadState'),
      dispose: () =>
        this.job('dispose', undefined, () => {
          this.live.sessions -= 1
        }),
    }
  }

  private tower(): NativeVisionTower {
    const { side } = fakeDescription.vision.image
    const { tokensPerImage } = fakeDescription.vision
    const { embeddingLength } = fakeDescription.language
    const floats = (name: string) => this.job(name, undefined, () => new Float32Array(4))
    return {
      side,
      tokensPerImage,
      embeddingLength,
      memoryBytes: 40,
      encode: (pixels, cancel, onProgress) =>
        this.job('encode', cancel, () => {
          const sizeBytes = side ** 2 * 3
          const count = pixels.length / sizeBytes
          this.encoded.push(count)
          const perImage = tokensPerImage * embeddingLength
          const embeddings = new Float32Array(count * perImage)
          for (let n = 0; n < count; n += 1)
            embeddings.fill(pixels[n * sizeBytes] ?? 0, n * perImage, (n + 1) * perImage)
          onProgress?.(count, count)
          return embeddings
        }),
      pixelValues: () => floats('pixelValues'),
      stagesFromPixelValues: () => {
        const stage = new Float32Array(4)
        return this.job('stages', undefined, () => ({ features: stage, pooled: stage, projected: stage }))
      },
      poolAndProject: () => {
        const stage = new Float32Array(4)
        return this.job('stages', undefined, () => ({ pooled: stage, projected: stage }))
      },
      project: () => floats('project'),
      dispose: () =>
        this.job('dispose', undefined, () => {
          this.live.visionTowers -= 1
        }),
    }
  }
}

export function inputTokens(input: SequenceInput): number {
  return input.kind === 'tokens'
    ? input.tokens.length
    : input.embeddings.length / fakeDescription.language.embeddingLength
}
