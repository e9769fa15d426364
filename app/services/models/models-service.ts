import { availableParallelism } from 'node:os'
import { rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { toKeptFailure } from '../../contract/error-map'
import { AppError, toAppError } from '../../contract/errors'
import type { ImportEvent, ModelCard, ModelEntry } from '../../contract/models'
import { LANGUAGE_FILE, type ModelDescription } from '../../domain/model-description'
import type { EngineClient } from '../../engine/engine-client-types'
import type { Changes } from '../database/changes'
import { EventQueue } from '../event-queue'
import type { SettingsService } from '../settings/settings-service'
import { convertCheckpoint, type ConvertOptions } from './convert/convert-checkpoint'
import { listModelFolders, type ListedModel } from './list-models'
import { readModelCard } from './model-card'
import { readModelFolder } from './model-folder'

export interface ImportRequest {
  readonly checkpointFolder: string
  readonly visionFolder?: string | undefined
  /** Becomes the name of the folder. */
  readonly name: string
  readonly quantize?: 'f16' | 'bf16' | 'q8_0' | 'q4_k_m' | undefined
}

/** Models on this machine. All calls reject with `AppError`s. */
export interface ModelsService {
  list(): Promise<ModelEntry[]>
  card(folder: string): Promise<ModelCard>
  choose(folder: string): Promise<ModelEntry>
  /** Ends with `done`; leaving the stream early, or the signal, stops the import and removes what it had made. */
  importCheckpoint(request: ImportRequest, signal?: AbortSignal): EventQueue<ImportEvent>
  remove(folder: string): Promise<void>
  /** Folder of the model that answers. */
  chosenFolder(): Promise<string>
  /** Frame sampling that the chosen model was trained with. */
  videoDefaults(): Promise<{ intervalSeconds: number; maxFrames: number }>
  /** Stops every import, as its signal would, and waits until what they had made is removed. Idempotent. */
  close(): Promise<void>
}

export interface ModelsServiceParts {
  readonly modelsFolder: string
  readonly bundledFolder: string
  readonly settings: SettingsService
  readonly changes: Changes
  readonly engine: Pick<EngineClient, 'quantize'>
}

export function createModelsService(parts: ModelsServiceParts): ModelsService {
  return new LocalModels(parts)
}

class LocalModels implements ModelsService {
  readonly #parts: ModelsServiceParts
  /** What was last read of a model folder, while its file stays the same. */
  #known: { version: string; description: ModelDescription } | null = null
  /** Running imports, by what stops them. */
  readonly #imports = new Map<AbortController, Promise<void>>()
  #isClosed = false

  constructor(parts: ModelsServiceParts) {
    this.#parts = parts
  }

  async list(): Promise<ModelEntry[]> {
    const listed = await listModelFolders(this.#parts.modelsFolder, this.#parts.bundledFolder)
    const chosen = this.#chosen()
    return listed.map((model) => toEntry(model, chosen))
  }

  async card(folder: string): Promise<ModelCard> {
    return { markdown: await readModelCard((await this.#find(folder)).folder) }
  }

  async choose(folder: string): Promise<ModelEntry> {
    const model = await this.#find(folder)
    if (model.kind === 'broken') throw model.error
    this.#parts.settings.chooseModel(model.bundled ? null : model.folder)
    return toEntry(model, this.#chosen())
  }

  importCheckpoint(request: ImportRequest, signal?: AbortSignal): EventQueue<ImportEvent> {
    const stop = new AbortController()
    const events = new EventQueue<ImportEvent>({ merge: latestProgress, onEnd: () => { stop.abort() }, signal })
    if (events.isEnded || this.#isClosed) stop.abort()
    const done = this.#import(request, stop.signal, events)
      .then(
        () => { events.end() },
        (error: unknown) => { events.fail(toAppError(error)) },
      )
      .finally(() => this.#imports.delete(stop))
    this.#imports.set(stop, done)
    return events
  }

  async remove(folder: string): Promise<void> {
    const model = await this.#find(folder)
    if (model.bundled) {
      const reason = 'The model that comes with Longlens cannot be removed'
      throw new AppError('invalid_input', `${folder}: expected an imported model`, { reason })
    }
    if (resolve(model.folder) === resolve(this.#chosen())) this.#parts.settings.chooseModel(null)
    await rm(model.folder, { recursive: true, force: true })
    this.#parts.changes.write(['models'], () => undefined)
  }

  chosenFolder(): Promise<string> {
    return Promise.resolve(this.#chosen())
  }

  async videoDefaults(): Promise<{ intervalSeconds: number; maxFrames: number }> {
    const folder = this.#chosen()
    const version = await versionOf(folder)
    if (this.#known?.version !== version) {
      this.#known = { version, description: (await readModelFolder(folder)).description }
    }
    return this.#known.description.video
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#imports.keys()) stop.abort()
    await Promise.all(this.#imports.values())
  }

  #chosen(): string {
    return this.#parts.settings.chosenModel() ?? this.#parts.bundledFolder
  }

  /** Only folders that were listed: a window cannot have any other folder loaded, or deleted. */
  async #find(folder: string): Promise<ListedModel> {
    const listed = await listModelFolders(this.#parts.modelsFolder, this.#parts.bundledFolder)
    const found = listed.find((model) => resolve(model.folder) === resolve(folder))
    if (found === undefined) throw new AppError('model_not_found', `${folder}: not a listed model`, { file: folder })
    return found
  }

  async #import(request: ImportRequest, signal: AbortSignal, events: EventQueue<ImportEvent>): Promise<void> {
    const outputFolder = join(this.#parts.modelsFolder, toFolderName(request.name))
    const { checkpointFolder, visionFolder, quantize } = request
    const options: ConvertOptions = {
      checkpointFolder,
      outputFolder,
      signal,
      ...(visionFolder === undefined ? {} : { visionFolder }),
      ...(quantize === undefined ? {} : { quantize }),
      quantizer: (params) => this.#parts.engine.quantize({ ...params, threads: availableParallelism() }, { signal }),
      onProgress: (progress) => { events.push({ kind: 'progress', ...progress }) },
    }
    await convertCheckpoint(options)
    this.#parts.changes.write(['models'], () => undefined)
    events.push({ kind: 'done', model: toEntry(await this.#find(outputFolder), this.#chosen()) })
  }
}

/** Changes when the folder's model does; a missing one is left for `readModelFolder` to explain. */
async function versionOf(folder: string): Promise<string> {
  const stats = await stat(join(folder, LANGUAGE_FILE)).catch(() => null)
  return `${resolve(folder)} ${stats?.size ?? ''} ${stats?.mtimeMs ?? ''}`
}

function toEntry(model: ListedModel, chosen: string): ModelEntry {
  const { folder, bundled, sizeBytes } = model
  const isSound = model.kind === 'sound'
  return {
    folder,
    bundled,
    sizeBytes,
    chosen: resolve(folder) === resolve(chosen),
    description: isSound ? model.description : null,
    problem: isSound ? null : toKeptFailure(model.error),
  }
}

function latestProgress(last: ImportEvent, next: ImportEvent): ImportEvent | undefined {
  return last.kind === 'progress' && next.kind === 'progress' ? next : undefined
}

/** One plain folder name: a leading dot would hide the model from the list, a separator lead out of the folder. */
function toFolderName(name: string): string {
  if (/^[^./\\<>:"|?*][^/\\<>:"|?*]*$/.test(name) && !name.endsWith('.')) return name
  const reason = `"${name}" cannot be the name of a folder`
  throw new AppError('invalid_input', `expected a folder name, got ${JSON.stringify(name)}`, { reason })
}
