import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../contract/errors'
import { formatBytes } from '../domain/format-bytes'
import { LANGUAGE_FILE, VISION_FILE } from '../domain/model-description'
import { translated } from './binding-errors'
import { planDevices, modelSizes, type DevicePlan } from './device-plan'
import type {
  EngineBinding,
  MemoryEstimate,
  NativeModel,
  NativeSession,
  NativeVisionTower,
  SessionParams,
  VisionParams,
} from './engine-binding'
import type { LoadedModel, LoadOptions } from './engine-client-types'
import { BATCH_IMAGES } from './engine-protocol'
import { freeMemoryBytes } from './free-memory'
import type { RunningCall } from './running-call'

/** Tokens per batch: large enough to keep the machine busy, small enough that a cancel is met within 200 ms. */
export const BATCH_TOKENS = 512

/** A model with everything that was made from it. */
export interface OpenModel {
  readonly model: NativeModel
  readonly session: NativeSession
  readonly tower: NativeVisionTower
}

interface Occupied extends OpenModel {
  /** Options and the files' sizes and times: what has to be equal for a second load to be free. */
  readonly key: string
  readonly loaded: LoadedModel
}

/**
 * The one place for a loaded model. Owns: model, session and vision tower. Loads and unloads run one after another.
 * The files have passed the strict header check of the caller (LoadOptions.folder); nothing is checked again here.
 */
export class ModelSlot {
  private readonly binding: EngineBinding
  private readonly freeBytes: () => number
  private occupied: Occupied | undefined
  private turn: Promise<unknown> = Promise.resolve()

  constructor(binding: EngineBinding, freeBytes: () => number = freeMemoryBytes) {
    this.binding = binding
    this.freeBytes = freeBytes
  }

  /** The loaded model. Throws `engine_failed` when there is none. */
  current(): OpenModel {
    if (this.occupied === undefined) {
      throw new AppError('engine_failed', 'expected a loaded model, got none', {
        reason: 'no model is loaded',
      })
    }
    return this.occupied
  }

  estimate(options: LoadOptions): Promise<MemoryEstimate> {
    const paths = modelPaths(options)
    return translated({ file: options.folder }, () =>
      this.binding.estimateMemory({
        languagePath: paths.language,
        visionPath: paths.vision,
        session: sessionParams(options),
        vision: visionParams(options, ''),
      }),
    )
  }

  load(options: LoadOptions, call: RunningCall): Promise<LoadedModel> {
    return this.inTurn(async () => {
      call.check()
      const key = await loadKey(options)
      if (this.occupied?.key === key) return this.occupied.loaded
      const estimate = await this.estimate(options)
      const sizes = modelSizes(estimate, options.description.language.kvHeads)
      const plan = planDevices(this.binding.devices(), sizes, options.gpuLayers)
      this.checkMemory(plan, estimate)
      call.check()
      await this.empty()
      const open = await this.open(options, plan, estimate, call)
      const placement = describePlacement(plan, options)
      const loaded = { contextTokens: open.session.contextTokens, estimate, placement }
      this.occupied = { ...open, key, loaded }
      call.emit({ kind: 'fraction', fraction: 1 })
      return loaded
    })
  }

  unload(): Promise<void> {
    return this.inTurn(() => this.empty())
  }

  private inTurn<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(step)
    this.turn = result.catch(() => undefined)
    return result
  }

  /** What the old model holds besides its mapped weights (which count as free already) comes back before the new one. */
  private checkMemory(plan: DevicePlan, estimate: MemoryEstimate): void {
    const old = this.occupied?.loaded.estimate
    const givenBack = old === undefined ? 0 : Math.max(0, old.totalBytes - old.modelBytes)
    const free = this.freeBytes() + givenBack
    if (plan.hostBytes <= free) return
    throw new AppError(
      'out_of_memory',
      `expected at most ${String(free)} bytes of memory, got ${String(plan.hostBytes)} of ${String(estimate.totalBytes)} in all`,
      { need: formatBytes(plan.hostBytes), free: formatBytes(free) },
    )
  }

  private async open(
    options: LoadOptions,
    plan: DevicePlan,
    estimate: MemoryEstimate,
    call: RunningCall,
  ): Promise<OpenModel> {
    const paths = modelPaths(options)
    const needBytes = estimate.totalBytes
    const made: { dispose(): Promise<void> }[] = []
    const keep = <Handle extends { dispose(): Promise<void> }>(handle: Handle): Handle => {
      made.unshift(handle)
      call.check()
      return handle
    }
    try {
      const choice = { gpuLayers: plan.gpuLayers, devices: plan.devices, tensorSplit: plan.tensorSplit }
      const model = await translated({ file: paths.language, needBytes }, async () =>
        keep(
          await this.binding.loadModel(
            { path: paths.language, useMmap: true, ...choice },
            call.token,
            (fraction) => {
              call.emit({ kind: 'fraction', fraction: Math.min(0.9, 0.9 * fraction) })
            },
          ),
        ),
      )
      const session = await translated({ file: paths.language, needBytes }, async () =>
        keep(await model.createSession(sessionParams(options))),
      )
      call.emit({ kind: 'fraction', fraction: 0.95 })
      const tower = await translated({ file: paths.vision, needBytes }, async () =>
        keep(await this.binding.loadVisionTower(visionParams(options, plan.visionDevice), call.token)),
      )
      checkAgreement(options, model, tower)
      return { model, session, tower }
    } catch (thrown) {
      for (const handle of made) await handle.dispose()
      throw thrown
    }
  }

  private async empty(): Promise<void> {
    const old = this.occupied
    this.occupied = undefined
    if (old === undefined) return
    await old.session.dispose()
    await old.tower.dispose()
    await old.model.dispose()
  }
}

function modelPaths(options: LoadOptions): { language: string; vision: string } {
  return { language: join(options.folder, LANGUAGE_FILE), vision: join(options.folder, VISION_FILE) }
}

function sessionParams(options: LoadOptions): SessionParams {
  return {
    contextTokens: options.contextTokens,
    batchTokens: BATCH_TOKENS,
    threads: options.threads,
    flashAttention: options.flashAttention,
    cacheType: options.cacheType,
    maxSequences: options.maxSequences,
  }
}

function visionParams(options: LoadOptions, device: string): VisionParams {
  return {
    path: modelPaths(options).vision,
    threads: options.threads,
    flashAttention: options.flashAttention,
    batchImages: BATCH_IMAGES,
    device,
  }
}

/** A model that was imported again under the same name is another model. */
async function loadKey(options: LoadOptions): Promise<string> {
  const paths = modelPaths(options)
  const files = await Promise.all([fileState(paths.language), fileState(paths.vision)])
  return JSON.stringify([options, files])
}

async function fileState(file: string): Promise<[number, number]> {
  try {
    const { size, mtimeMs } = await stat(file)
    return [size, mtimeMs]
  } catch (cause) {
    throw new AppError(
      'model_not_found',
      `expected a readable file, got none at ${file}`,
      { file },
      { cause },
    )
  }
}

/** The description was read by other code than the model: where they disagree, lengths checked here would be wrong. */
function checkAgreement(options: LoadOptions, model: NativeModel, tower: NativeVisionTower): void {
  const { language, vision } = options.description
  const facts: [string, number, number][] = [
    ['embedding length', language.embeddingLength, model.embeddingLength],
    ['vocabulary size', language.vocabularySize, model.vocabularySize],
    ['number of layers', language.nLayers, model.nLayers],
    ['embedding length of the vision tower', language.embeddingLength, tower.embeddingLength],
    ['tokens per picture', vision.tokensPerImage, tower.tokensPerImage],
    ['side of a picture', vision.image.side, tower.side],
  ]
  for (const [name, expected, got] of facts) {
    if (expected === got) continue
    const reason = `its ${name} should be ${String(expected)} and is ${String(got)}`
    throw new AppError('model_invalid', `${options.folder}: ${reason}`, { file: options.folder, reason })
  }
}

function describePlacement(plan: DevicePlan, options: LoadOptions): string {
  const cpu = `CPU, ${String(options.threads)} ${options.threads === 1 ? 'thread' : 'threads'}`
  if (plan.gpuLayers === 0) return cpu
  const all = options.description.language.nLayers + 1
  const devices = plan.devices.join(', ')
  return plan.gpuLayers === all
    ? `${devices}, all layers`
    : `${devices}, ${String(plan.gpuLayers)} of ${String(all)} layers; ${cpu}`
}
