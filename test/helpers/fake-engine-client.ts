import { AppError } from '../../app/contract/errors'
import type { DeviceInfo, MemoryEstimate } from '../../app/engine/engine-binding'
import type {
  AppendProgress,
  CallOptions,
  EngineClient,
  EngineInfo,
  GenerateParams,
  GenerateResult,
  LoadedModel,
  LoadOptions,
  SequencePart,
} from '../../app/engine/engine-client-types'

type Calls = Pick<
  EngineClient,
  'info' | 'estimate' | 'load' | 'append' | 'generate' | 'length' | 'branch' | 'clear'
>

/** An engine that counts tokens instead of running a model. Its answers and failures are the test's. */
export class FakeEngineClient implements Calls {
  /** What was asked of it, in order, e.g. `append 0: 12 tokens, 3 pictures`. */
  readonly calls: string[] = []
  readonly loads: LoadOptions[] = []
  readonly generated: GenerateParams[] = []
  /** What the next answers are made of; the last one is given again and again. */
  answers: string[][] = [['An ', 'answer.']]
  /** Awaited before each append of pictures is done; a rejection fails it. */
  beforeAppended: (pictures: number) => Promise<void> = () => Promise.resolve()
  /** Awaited before each piece of an answer. */
  beforePiece: (index: number) => Promise<void> = () => Promise.resolve()
  /** Of the key-value cache, as its estimate says. */
  bytesPerToken = 1
  devices: DeviceInfo[] = []
  /** Pictures of all appends. */
  pictures = 0
  private readonly tokensPerPicture: number
  private lengths = new Map<number, number>()
  private loadedKey = ''

  constructor(tokensPerPicture: number) {
    this.tokensPerPicture = tokensPerPicture
  }

  /** As `services` take it; what the ask service does not use is not there. */
  get client(): EngineClient {
    return this as unknown as EngineClient
  }

  /** As after a crash: the next load brings the model back, sequences are gone. */
  crash(): void {
    this.loadedKey = ''
    this.lengths = new Map()
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve({ variant: 'cpu', reasons: [], systemInfo: '', devices: this.devices })
  }

  estimate(load: LoadOptions): Promise<MemoryEstimate> {
    const keyValueBytes = load.contextTokens * this.bytesPerToken
    const rest = { modelBytes: 1, recurrentBytes: 1, computeBytes: 1, visionBytes: 1 }
    return Promise.resolve({ ...rest, keyValueBytes, totalBytes: keyValueBytes + 4 })
  }

  load(
    load: LoadOptions,
    options?: CallOptions & { onProgress?: (fraction: number) => void },
  ): Promise<LoadedModel> {
    const key = JSON.stringify(load)
    if (key !== this.loadedKey) {
      this.crash()
      this.loadedKey = key
      this.loads.push(load)
      this.calls.push('load')
      options?.onProgress?.(1)
    }
    const zero = { modelBytes: 1, keyValueBytes: 1, recurrentBytes: 1, computeBytes: 1, visionBytes: 1 }
    return Promise.resolve({
      contextTokens: load.contextTokens,
      estimate: { ...zero, totalBytes: 5 },
      placement: 'CPU, 1 thread',
    })
  }

  async append(
    sequence: number,
    parts: readonly SequencePart[],
    options: CallOptions & { onProgress?: (progress: AppendProgress) => void } = {},
  ): Promise<void> {
    const text = parts.reduce((sum, part) => sum + (part.kind === 'tokens' ? part.tokens.length : 0), 0)
    const pictures = parts.reduce((sum, part) => sum + (part.kind === 'images' ? part.count : 0), 0)
    this.calls.push(`append ${sequence}: ${text} tokens, ${pictures} pictures`)
    try {
      if (pictures > 0) await orAborted(this.beforeAppended(pictures), options.signal)
      refuseAborted(options.signal)
    } catch (thrown) {
      this.lengths.delete(sequence)
      throw thrown
    }
    const tokens = text + pictures * this.tokensPerPicture
    this.pictures += pictures
    this.lengths.set(sequence, (this.lengths.get(sequence) ?? 0) + tokens)
    if (pictures > 0) options.onProgress?.({ stage: 'encode', done: pictures, total: pictures })
    options.onProgress?.({ stage: 'prefill', done: tokens, total: tokens })
  }

  async generate(
    sequence: number,
    params: GenerateParams,
    options: CallOptions & { onText?: (text: string, tokensSoFar: number) => void } = {},
  ): Promise<GenerateResult> {
    this.calls.push(`generate ${sequence} at ${this.lengths.get(sequence) ?? 0}`)
    this.generated.push(params)
    const pieces = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? []
    for (const [index, piece] of pieces.entries()) {
      await orAborted(this.beforePiece(index), options.signal)
      refuseAborted(options.signal)
      options.onText?.(piece, index + 1)
    }
    return { tokens: Int32Array.from(pieces.keys()), text: pieces.join(''), reason: 'end' }
  }

  length(sequence: number): Promise<number> {
    return Promise.resolve(this.lengths.get(sequence) ?? 0)
  }

  branch(from: number, to: number): Promise<void> {
    this.calls.push(`branch ${from} to ${to}`)
    this.lengths.set(to, this.lengths.get(from) ?? 0)
    return Promise.resolve()
  }

  clear(sequence: number): Promise<void> {
    this.lengths.delete(sequence)
    return Promise.resolve()
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'the fake engine was stopped')
}

async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => {
      resolve()
    })
  })
  await Promise.race([work, aborted])
}
