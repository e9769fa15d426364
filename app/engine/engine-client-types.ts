import type { ModelDescription } from '../domain/model-description'
import type {
  CacheType,
  DeviceInfo,
  GenerateParams,
  GenerateResult,
  MemoryEstimate,
  QuantizationType,
  SequenceInput,
  VisionStages,
} from './engine-binding'

export type {
  CacheType,
  DeviceInfo,
  GenerateParams,
  GenerateResult,
  MemoryEstimate,
  QuantizationType,
  SamplingParams,
  SequenceInput,
  VisionStages,
} from './engine-binding'

/**
 * Everything that services ask of the engine process. All calls reject with `AppError`s.
 *
 * A call whose signal aborts rejects with `cancelled` once the engine has stopped; when it had finished already, its
 * result is delivered. A crash rejects every running call and empties the engine: the next `load` brings the model
 * back, sequences are gone and have to be appended or loaded again.
 */

export interface CallOptions {
  readonly signal?: AbortSignal
}

export type EngineVariant = 'cpu' | 'cuda' | 'vulkan' | 'metal'

export interface EngineInfo {
  readonly variant: EngineVariant
  /** Why this variant was chosen, and why each other one on disk was not. One sentence each. */
  readonly reasons: readonly { variant: EngineVariant; chosen: boolean; reason: string }[]
  readonly systemInfo: string
  readonly devices: readonly DeviceInfo[]
}

export interface LoadOptions {
  /**
   * Model folder with language.gguf and vision.gguf. The caller has run the strict GGUF header check of
   * services/models on both files: the engine process hands them to native code as they are.
   */
  readonly folder: string
  /** What the folder says of itself; the caller has read it already, and native code must agree with it. */
  readonly description: ModelDescription
  readonly contextTokens: number
  readonly threads: number
  /** 'auto' lets the device plan decide by free memory; 0 is CPU only. */
  readonly gpuLayers: number | 'auto'
  readonly flashAttention: boolean
  readonly cacheType: CacheType
  readonly maxSequences: number
}

export interface LoadedModel {
  readonly contextTokens: number
  readonly estimate: MemoryEstimate
  /** Where it runs, e.g. "CPU, 2 threads". */
  readonly placement: string
}

/** A part of a sequence: token ids, or pictures as RGB bytes [count, side, side, 3]. */
export type SequencePart =
  | { readonly kind: 'tokens'; readonly tokens: Int32Array }
  | { readonly kind: 'images'; readonly pixels: Uint8Array; readonly count: number }

export interface AppendProgress {
  readonly stage: 'encode' | 'prefill'
  readonly done: number
  readonly total: number
}

export interface EngineClient {
  info(options?: CallOptions): Promise<EngineInfo>
  estimate(load: LoadOptions, options?: CallOptions): Promise<MemoryEstimate>
  /** Replaces the model that is loaded. Loading the same folder with the same options again is free. */
  load(
    load: LoadOptions,
    options?: CallOptions & { onProgress?: (fraction: number) => void },
  ): Promise<LoadedModel>
  unload(options?: CallOptions): Promise<void>
  /**
   * Appends parts in order. Pictures are encoded in batches across parts and run in full batches with the text
   * around them. After `cancelled` or any other failure the sequence is empty.
   */
  append(
    sequence: number,
    parts: readonly SequencePart[],
    options?: CallOptions & { onProgress?: (progress: AppendProgress) => void },
  ): Promise<void>
  generate(
    sequence: number,
    params: GenerateParams,
    options?: CallOptions & { onText?: (text: string, tokensSoFar: number) => void },
  ): Promise<GenerateResult>
  /** Tokens in a sequence. */
  length(sequence: number): Promise<number>
  branch(from: number, to: number): Promise<void>
  clear(sequence: number): Promise<void>
  saveState(sequence: number, path: string, key: string): Promise<{ bytes: number }>
  loadState(sequence: number, path: string, key: string): Promise<void>
  quantize(
    params: { input: string; output: string; type: QuantizationType; threads: number },
    options?: CallOptions,
  ): Promise<void>
  /** For parity checks and tests: stages of the tower and logits at every position. */
  readonly parity: {
    pixelValues(pixels: Uint8Array): Promise<Float32Array>
    stagesFromPixelValues(pixelValues: Float32Array): Promise<VisionStages>
    poolAndProject(features: Float32Array): Promise<{ pooled: Float32Array; projected: Float32Array }>
    project(pooled: Float32Array): Promise<Float32Array>
    encode(pixels: Uint8Array): Promise<Float32Array>
    /** Rows of the embedding table are looked up by llama.cpp itself. */
    evaluateAll(
      input: SequenceInput,
      tensors: readonly string[],
    ): Promise<{ logits: Float32Array; tensors: Record<string, { shape: number[]; data: Float32Array }> }>
    appendRaw(sequence: number, parts: readonly SequenceInput[]): Promise<void>
    lastLogits(sequence: number): Promise<Float32Array>
    liveHandles(): Promise<{ models: number; sessions: number; visionTowers: number; pendingJobs: number }>
  }
  /** Stops the engine process: asks, waits 3 s, kills. Idempotent. */
  dispose(): Promise<void>
}

export type EngineState = 'stopped' | 'starting' | 'ready' | 'unresponsive' | 'restarting' | 'failed'

export interface EngineStatus {
  readonly state: EngineState
  /** Why it is unresponsive, restarting or failed; one sentence without its full stop. Empty otherwise. */
  readonly reason: string
}

/** The engine as its owner sees it: the client, plus the life of the process behind it. */
export interface EngineControl extends EngineClient {
  status(): EngineStatus
  /** Called after each change. Returns the function that ends the subscription. */
  onStatus(listener: (status: EngineStatus) => void): () => void
  /** Kills the process if there is one and starts anew, also after `failed`. Running calls reject. */
  restart(): Promise<void>
  /** The last lines the process wrote to stderr, its last words after a crash included; at most 200. */
  stderrTail(): readonly string[]
  readonly developer: {
    /** Ends the process the way a failed native assertion does. */
    crash(): Promise<void>
    /** Blocks the process's event loop, so that heartbeats are missed. */
    hang(seconds: number): Promise<void>
    /** Delay of the process's event loop since the last call of this method, milliseconds. */
    eventLoopDelay(): Promise<{ p99Ms: number; maxMs: number }>
  }
}
