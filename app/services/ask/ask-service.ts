import { AppError } from '../../contract/errors'
import { checkBudget } from '../../domain/prompts/token-budget'
import { composeRequest } from '../../domain/prompts/compose-request'
import { TrimmedStream } from '../../domain/text/trimmed-stream'
import { findCitations } from '../../domain/time/citations'
import { createTokenizer } from '../../domain/tokenizer/create-tokenizer'
import type { Tokenizer } from '../../domain/tokenizer/create-tokenizer'
import type { RequestPlan } from '../../domain/request'
import type { CallOptions, EngineClient } from '../../engine/engine-client-types'
import type { MediaReader } from '../media/media-reader'
import type { ModelFolder } from '../models/model-folder'
import type {
  AskAnswer,
  AskCitation,
  AskCost,
  AskHandlers,
  AskOptions,
  AskService,
  AskTurn,
} from './ask-types'
import { contextFor, generateParams, loadOptions, refusalWords } from './ask-parameters'
import { expandMedia, type ExpandedRequest, type MediaSource } from './expand-media'
import { countTokens, splitPlan, type SplitPlan } from './media-prefix'
import { MemoryRoom } from './memory-room'
import { ModelCache } from './model-cache'
import { Progress } from './progress'
import { Queue } from './queue'
import { showParts } from './show-parts'

/** Holds what was shown; questions branch from it. */
const SHOWN_SEQUENCE = 0
const QUESTION_SEQUENCE = 1

export interface AskServiceParts {
  readonly engine: EngineClient
  /** Memory that can still be taken, bytes. The machine's, when absent. */
  readonly freeMemoryBytes?: () => number
  readonly media: MediaReader
  /** Opens a model folder after all its checks; the same object for as long as its files stay the same. */
  readonly openModel?: (folder: string) => Promise<ModelFolder>
}

interface Prepared {
  readonly model: ModelFolder
  readonly plan: RequestPlan
  readonly request: ExpandedRequest
  readonly maxTokens: number
  readonly contextTokens: number
  readonly refusal: { readonly limit: number; readonly plan: string } | null
}

export function createAskService(parts: AskServiceParts): AskService {
  return new AskRunner(parts)
}

class AskRunner implements AskService {
  private readonly engine: EngineClient
  private readonly media: MediaReader
  private readonly queue = new Queue()
  private readonly tokenizers = new WeakMap<ModelFolder, Tokenizer>()
  private readonly openModel: (folder: string) => Promise<ModelFolder>
  /** What the shown sequence holds, while the engine process that holds it lives. */
  private shown: { readonly key: string; readonly tokens: number } | null = null
  /** The model that was loaded last, and its context: as long as it is large enough it is kept, with what it holds. */
  private loaded: {
    readonly model: ModelFolder
    readonly contextTokens: number
    /** What comes back when it is replaced, bytes; its mapped weights count as free already. */
    readonly heldBytes: number
  } | null = null
  private readonly room: MemoryRoom

  constructor(parts: AskServiceParts) {
    this.engine = parts.engine
    this.media = parts.media
    this.room = new MemoryRoom(parts.engine, parts.freeMemoryBytes)
    const models = new ModelCache()
    this.openModel = parts.openModel ?? ((folder) => models.open(folder))
  }

  async cost(turns: readonly AskTurn[], options: AskOptions, call: CallOptions = {}): Promise<AskCost> {
    const prepared = await this.prepare(turns, options, call.signal)
    return {
      frames: prepared.plan.frames,
      pictures: prepared.plan.pictures,
      promptTokens: prepared.plan.promptTokens,
      contextTokens: prepared.contextTokens,
      fits: prepared.refusal === null,
      plan: prepared.refusal?.plan ?? '',
    }
  }

  async ask(turns: readonly AskTurn[], options: AskOptions, handlers: AskHandlers = {}): Promise<AskAnswer> {
    return await this.queue.run(() => this.answer(turns, options, handlers), handlers.signal)
  }

  private async answer(
    turns: readonly AskTurn[],
    options: AskOptions,
    handlers: AskHandlers,
  ): Promise<AskAnswer> {
    const { signal } = handlers
    const startedMs = performance.now()
    const prepared = await this.prepare(turns, options, signal)
    if (prepared.refusal !== null) {
      const { limit, plan } = prepared.refusal
      const tokens = prepared.plan.promptTokens + prepared.maxTokens
      throw new AppError('request_too_long', `expected at most ${limit} tokens, got ${tokens}`, {
        tokens,
        limit,
        plan,
      })
    }
    const progress = new Progress(handlers.onProgress)
    await this.load(prepared, options, handlers, progress)

    const split = splitPlan(prepared.plan, prepared.request.sources)
    const prefillStartMs = performance.now()
    const snapshot = await this.showMedia(split, prepared, handlers, progress)
    await this.appendQuestion(split, signal, (tokens) => {
      // What was shown before counts as read; a question about it is over before a bar could be drawn.
      if (snapshot !== 'hit')
        progress.report('prefill', split.shownTokens + tokens, prepared.plan.promptTokens)
    })
    const prefillSeconds = (performance.now() - prefillStartMs) / 1000

    const stream = new TrimmedStream(options.continueReply !== '')
    let firstTokenMs = 0
    let text = ''
    const show = (piece: string) => {
      if (firstTokenMs === 0) firstTokenMs = performance.now()
      const shown = stream.push(piece)
      text += shown
      if (shown !== '') handlers.onText?.(shown)
    }
    const result = await this.engine.generate(
      QUESTION_SEQUENCE,
      generateParams(prepared.model.description, options, prepared.maxTokens),
      { ...(signal === undefined ? {} : { signal }), onText: show },
    )
    return {
      text,
      citations: citationsOf(text, prepared.request.sources),
      usage: {
        frames: prepared.plan.frames,
        promptTokens: prepared.plan.promptTokens,
        answerTokens: result.tokens.length,
        prefillSeconds,
        firstTokenSeconds: ((firstTokenMs || performance.now()) - startedMs) / 1000,
        snapshot,
      },
      reason: result.reason,
    }
  }

  private async prepare(
    turns: readonly AskTurn[],
    options: AskOptions,
    signal: AbortSignal | undefined,
  ): Promise<Prepared> {
    const model = await this.openModel(options.modelFolder)
    const { description } = model
    const sampling = {
      intervalSeconds: options.intervalSeconds ?? description.video.intervalSeconds,
      maxFrames: options.maxFrames ?? description.video.maxFrames,
    }
    const request = await expandMedia(turns, sampling, this.media, signal)
    const plan = composeRequest(request.turns, description, this.tokenizerOf(model), {
      continueReply: options.continueReply,
    })
    const maxTokens = options.maxTokens ?? description.sampling.maxTokens
    const tokens = plan.promptTokens + maxTokens
    const contextTokens = options.contextTokens ?? (await this.contextFor(model, tokens, options, signal))
    const budget = checkBudget(plan, contextTokens, maxTokens, turns.length)
    const refusal = budget.ok
      ? null
      : {
          limit: contextTokens,
          plan: refusalWords(budget.suggestion, contextTokens, options, model.description),
        }
    return { model, plan, request, maxTokens, contextTokens, refusal }
  }

  /**
   * What the request needs, within what model and memory allow. A context that is there already and large enough is
   * kept: another size means another session, and everything that was read would have to be read again.
   */
  private async contextFor(
    model: ModelFolder,
    tokens: number,
    options: AskOptions,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const kept = this.loaded?.model === model ? this.loaded.contextTokens : 0
    if (tokens <= kept) return kept
    const load = await loadOptions(model, contextFor(tokens, model.description), options)
    const call = signal === undefined ? {} : { signal }
    return await this.room.largestContext(load, this.loaded?.heldBytes ?? 0, call)
  }

  private tokenizerOf(model: ModelFolder): Tokenizer {
    const known = this.tokenizers.get(model)
    if (known !== undefined) return known
    if (model.tokenizer === null) {
      throw new AppError('model_unsupported', `expected a tokenizer in ${model.files.language}`, {
        file: model.files.language,
        reason: 'it has no tokenizer, so it cannot be asked in words',
      })
    }
    const made = createTokenizer(model.tokenizer)
    this.tokenizers.set(model, made)
    return made
  }

  private async load(
    prepared: Prepared,
    options: AskOptions,
    handlers: AskHandlers,
    progress: Progress,
  ): Promise<void> {
    const { description } = prepared.model
    const load = await loadOptions(prepared.model, prepared.contextTokens, options)
    const loaded = await this.engine.load(load, {
      ...(handlers.signal === undefined ? {} : { signal: handlers.signal }),
      onProgress: (fraction) => {
        progress.report('load', fraction * 100, 100)
      },
    })
    const { totalBytes, modelBytes } = loaded.estimate
    this.loaded = {
      model: prepared.model,
      contextTokens: prepared.contextTokens,
      heldBytes: Math.max(0, totalBytes - modelBytes),
    }
    handlers.onReady?.({
      model: description.name,
      placement: loaded.placement,
      contextTokens: loaded.contextTokens,
      memoryBytes: totalBytes,
    })
  }

  /** Reads the media, unless the engine still holds exactly this; then a question costs nothing but itself. */
  private async showMedia(
    split: SplitPlan,
    prepared: Prepared,
    handlers: AskHandlers,
    progress: Progress,
  ): Promise<'hit' | 'miss' | 'none'> {
    await this.engine.clear(QUESTION_SEQUENCE)
    if (split.shown.length === 0) return 'none'
    const key = `${prepared.model.folder}\n${split.shownKey}`
    const held = await this.engine.length(SHOWN_SEQUENCE)
    if (this.shown?.key === key && this.shown.tokens === held) {
      await this.engine.branch(SHOWN_SEQUENCE, QUESTION_SEQUENCE)
      return 'hit'
    }
    this.shown = null
    await this.engine.clear(SHOWN_SEQUENCE)
    await showParts({
      engine: this.engine,
      media: this.media,
      sequence: SHOWN_SEQUENCE,
      parts: split.shown,
      sources: prepared.request.sources,
      description: prepared.model.description,
      signal: handlers.signal,
      onProgress: (done) => {
        progress.report('decode', done.decoded, prepared.plan.pictures)
        progress.report('encode', done.encoded, prepared.plan.pictures)
        progress.report('prefill', done.prefilledTokens, prepared.plan.promptTokens)
      },
    })
    this.shown = { key, tokens: split.shownTokens }
    await this.engine.branch(SHOWN_SEQUENCE, QUESTION_SEQUENCE)
    return 'miss'
  }

  private async appendQuestion(
    split: SplitPlan,
    signal: AbortSignal | undefined,
    onTokens: (done: number) => void,
  ): Promise<void> {
    const parts = split.question.flatMap((part) =>
      part.kind === 'text' ? [{ kind: 'tokens' as const, tokens: Int32Array.from(part.tokens) }] : [],
    )
    await this.engine.append(QUESTION_SEQUENCE, parts, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ done }) => {
        onTokens(done)
      },
    })
    onTokens(countTokens(split.question))
  }
}

/** Times that the answer names, as moments of the videos that were shown. */
function citationsOf(text: string, sources: readonly MediaSource[]): AskCitation[] {
  const videos = sources.flatMap(({ info, asked, turn, range }) =>
    info.kind === 'video' ? [{ media: asked, turn, range, durationSeconds: info.durationSeconds }] : [],
  )
  return findCitations(text, videos)
}
