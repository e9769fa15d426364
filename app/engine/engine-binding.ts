/**
 * The typed face of the C++ addon, written by hand and kept in step with native/binding. Only the engine process
 * loads it. Every promise is settled from the engine thread; everything that crosses is a copy (Electron forbids
 * external array buffers). Rejections are `EngineBindingError`s.
 *
 * Loading the addon does not load llama.cpp: `initialise` opens the libraries of one variant, whose file names
 * differ by variant, and every llama/ggml symbol of the addon resolves against them. Once per process.
 */

/** Codes with which the addon rejects. They map one to one onto `AppError`s in the engine process. */
export type EngineBindingErrorCode =
  | 'invalid_input'
  | 'library_missing'
  | 'model_invalid'
  | 'model_unsupported'
  | 'out_of_memory'
  | 'context_full'
  | 'state_invalid'
  | 'io_failed'
  | 'cancelled'
  | 'disposed'
  | 'fatal'

export interface EngineBindingError extends Error {
  readonly code: EngineBindingErrorCode
}

export interface VariantLibraries {
  /** Folder with the ggml backends of this variant (`ggml_backend_load_all_from_path`). */
  readonly folder: string
  /** Absolute paths, opened in this order with global visibility: ggml-base, ggml, llama. */
  readonly libraries: readonly string[]
  /** Absolute paths of further backends to load (e.g. libggml-cuda.so); each failure is reported, not thrown. */
  readonly backends: readonly string[]
}

export interface InitialiseReport {
  /** e.g. `zen4`: which CPU library was chosen, as ggml names it, with its feature string. */
  readonly systemInfo: string
  readonly failedBackends: readonly { path: string; reason: string }[]
}

export interface DeviceInfo {
  /** ggml's name, e.g. `CPU`, `CUDA0`, `Vulkan0`. */
  readonly name: string
  readonly description: string
  readonly type: 'cpu' | 'gpu' | 'igpu' | 'accel'
  readonly memoryFreeBytes: number
  readonly memoryTotalBytes: number
}

export type CacheType = 'f32' | 'f16' | 'q8_0'
export type QuantizationType = 'f16' | 'bf16' | 'q8_0' | 'q4_k_m'

export interface DeviceChoice {
  /** Layers to offload; 0 keeps everything on the CPU, -1 offloads all. */
  readonly gpuLayers: number
  /** Names of the devices to use, in order; empty lets llama.cpp use every GPU it sees (none when gpuLayers is 0). */
  readonly devices: readonly string[]
  /** Share of the model per device, same order as `devices`; empty splits by free memory. */
  readonly tensorSplit: readonly number[]
}

export interface LoadModelParams extends DeviceChoice {
  readonly path: string
  readonly useMmap: boolean
}

export interface SessionParams {
  readonly contextTokens: number
  /** Tokens per physical batch (n_ubatch); bounds the wait for a cancel. */
  readonly batchTokens: number
  readonly threads: number
  readonly flashAttention: boolean
  readonly cacheType: CacheType
  /** Independent sequences, 1…16, over one unified key-value cache. Sequence ids are 0…maxSequences-1. */
  readonly maxSequences: number
}

export interface VisionParams {
  readonly path: string
  readonly threads: number
  readonly flashAttention: boolean
  /** Largest number of images per graph. */
  readonly batchImages: number
  /** ggml device name; empty for the CPU. */
  readonly device: string
  /**
   * Who multiplies on the CPU. `best` (the default) takes our own kernels where this CPU and these weights (F32, F16,
   * BF16, Q8_0) have them, else ggml's. The others are for tests; a kind that this CPU lacks rejects with invalid_input.
   */
  readonly kernels?: 'best' | 'avx512' | 'avx2' | 'ggml'
}

/** Bytes; computed from the files' headers and the parameters, before anything is loaded. */
export interface MemoryEstimate {
  readonly modelBytes: number
  /** Key-value cache of the attention layers at the full context. */
  readonly keyValueBytes: number
  /** Recurrent states of all sequences. */
  readonly recurrentBytes: number
  /** Compute buffers of the language model. */
  readonly computeBytes: number
  readonly visionBytes: number
  readonly totalBytes: number
}

/** Token ids of this model's vocabulary, or embeddings [n, embeddingLength] (f32, row after row). */
export type SequenceInput =
  | { readonly kind: 'tokens'; readonly tokens: Int32Array }
  | { readonly kind: 'embeddings'; readonly embeddings: Float32Array }

export interface SamplingParams {
  /** 0 means greedy. */
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly repetitionPenalty: number
  /** How many recent tokens of this answer the penalty looks at. */
  readonly repetitionWindow: number
  /** Unsigned 32 bit. */
  readonly seed: number
}

export interface GenerateParams {
  readonly sampling: SamplingParams
  readonly maxTokens: number
  /** End tokens may not be chosen before this many tokens. */
  readonly minTokens: number
  readonly endTokens: Int32Array
  readonly stopStrings: readonly string[]
}

export interface GenerateResult {
  /** Every generated token, the end token left out. */
  readonly tokens: Int32Array
  /** The whole text, stop string left out. Equal to the streamed pieces put together. */
  readonly text: string
  readonly reason: 'end' | 'length' | 'stop_string' | 'context_full'
}

/** One cancel flag, shared by any number of jobs. Setting it is immediate and thread-safe. */
export interface NativeCancelToken {
  cancel(): void
}

export interface NativeModel {
  readonly nParams: number
  readonly sizeBytes: number
  readonly embeddingLength: number
  readonly vocabularySize: number
  readonly nLayers: number
  /** llama.cpp's own tokenizer, for cross-checks. */
  tokenize(text: string, parseSpecial: boolean): Int32Array
  /** Bytes of one token, special tokens as nothing. */
  tokenBytes(token: number): Uint8Array
  createSession(params: SessionParams): Promise<NativeSession>
  /** Idempotent; rejects nothing. Sessions made from it must be disposed first, else `invalid_input`. */
  dispose(): Promise<void>
}

export interface NativeSession {
  readonly contextTokens: number
  /** Measured, as llama.cpp reports them; see MemoryEstimate. */
  readonly memory: {
    readonly keyValueBytes: number
    readonly recurrentBytes: number
    readonly computeBytes: number
  }
  /** Tokens now in a sequence. */
  length(sequence: number): number
  /**
   * Appends parts in order and runs the model over them in full batches (tokens are looked up in the embedding
   * table and joined with embeddings, so that parts share batches).
   * Rejects with context_full (nothing changed); out_of_memory, fatal and, once it had begun, cancelled clear the
   * sequence.
   */
  append(
    sequence: number,
    parts: readonly SequenceInput[],
    cancel: NativeCancelToken | undefined,
    onProgress: ((doneTokens: number, totalTokens: number) => void) | undefined,
  ): Promise<void>
  /** Logits [vocabularySize] of the last appended position of a sequence. */
  lastLogits(sequence: number): Promise<Float32Array>
  /**
   * Runs the input from an empty state, with the session's settings but on a context of its own, and returns logits
   * at every position [n, vocabularySize]; the sequence is left empty. Made for parity checks; memory grows with n. `tensors` names intermediate tensors to record by llama.cpp's names, such as
   * `l_out-3`; each is returned as F32 in ggml's order, one concatenated array a name.
   */
  evaluateAll(
    sequence: number,
    input: SequenceInput,
    tensors: readonly string[],
    cancel: NativeCancelToken | undefined,
  ): Promise<{ logits: Float32Array; tensors: Record<string, { shape: number[]; data: Float32Array }> }>
  /**
   * Continues a sequence; `onText` gets whole characters only, at most 20 times a second, nothing lost at the end.
   * Afterwards the sequence holds what it held and the result's tokens; it is empty after out_of_memory, fatal and,
   * once it had begun, cancelled.
   */
  generate(
    sequence: number,
    params: GenerateParams,
    cancel: NativeCancelToken | undefined,
    onText: ((text: string, tokensSoFar: number) => void) | undefined,
  ): Promise<GenerateResult>
  /** Makes `to` an exact copy of `from` (keys and values shared, recurrent state copied). */
  branch(from: number, to: number): Promise<void>
  clear(sequence: number): Promise<void>
  /** The sequence's state as bytes, with the header described in native/core/state_file.h. */
  snapshot(sequence: number): Promise<Uint8Array>
  restore(sequence: number, snapshot: Uint8Array): Promise<void>
  /** Writes to a temporary name and renames. `key` (e.g. the model's hash) must match on load, else state_invalid. */
  saveState(sequence: number, path: string, key: string): Promise<{ bytes: number }>
  loadState(sequence: number, path: string, key: string): Promise<void>
  dispose(): Promise<void>
}

/** Every stage of the tower for one batch, for parity checks. Row-major as in PyTorch. */
export interface VisionStages {
  /** [n, patches, width] of the selected layer, class token dropped. */
  readonly features: Float32Array
  /** [n, tokensPerImage, width] */
  readonly pooled: Float32Array
  /** [n, tokensPerImage, embeddingLength] */
  readonly projected: Float32Array
}

export interface NativeVisionTower {
  readonly side: number
  readonly tokensPerImage: number
  readonly embeddingLength: number
  /** Measured bytes of weights and compute buffers. */
  readonly memoryBytes: number
  /** pixels: RGB bytes [n, side, side, 3]. Returns [n, tokensPerImage, embeddingLength]. */
  encode(
    pixels: Uint8Array,
    cancel: NativeCancelToken | undefined,
    onProgress: ((doneImages: number, totalImages: number) => void) | undefined,
  ): Promise<Float32Array>
  /** Normalised pixel values [n, 3, side, side], bit for bit as the official code computes them. */
  pixelValues(pixels: Uint8Array): Promise<Float32Array>
  /** Runs the stages, each on the given input: pixel values, or a later stage's golden input. */
  stagesFromPixelValues(pixelValues: Float32Array): Promise<VisionStages>
  poolAndProject(features: Float32Array): Promise<{ pooled: Float32Array; projected: Float32Array }>
  project(pooled: Float32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

export interface EngineBinding {
  initialise(variant: VariantLibraries): InitialiseReport
  devices(): DeviceInfo[]
  /** Log lines of llama.cpp and ggml, level 'debug'…'error'; also the last words before an abort. */
  onLog(listener: (level: 'debug' | 'info' | 'warn' | 'error', text: string) => void): void
  createCancelToken(): NativeCancelToken
  estimateMemory(params: {
    languagePath: string
    visionPath: string
    session: SessionParams
    vision: VisionParams
  }): Promise<MemoryEstimate>
  loadModel(
    params: LoadModelParams,
    cancel: NativeCancelToken | undefined,
    onProgress: ((fraction: number) => void) | undefined,
  ): Promise<NativeModel>
  loadVisionTower(params: VisionParams, cancel: NativeCancelToken | undefined): Promise<NativeVisionTower>
  /**
   * Rewrites a language.gguf with another weight type (llama_model_quantize). A cancel waits for the tensor at work;
   * nothing is left behind.
   */
  quantize(
    params: { input: string; output: string; type: QuantizationType; threads: number },
    cancel: NativeCancelToken | undefined,
  ): Promise<void>
  /** What exists now; all zero after a clean shutdown. */
  liveHandles(): { models: number; sessions: number; visionTowers: number; pendingJobs: number }
}
