import type { EngineStatus } from '../contract/status'
import type { ImportEvent, ModelEntry } from '../contract/models'
import type { ChatService } from '../services/chat/chat-service'
import type { Changes } from '../services/database/changes'
import type { Folders } from '../services/folders'
import type { LibraryService } from '../services/library/library-service'
import type { PreviewService } from '../services/library/preview-service'
import type { UploadStore } from '../services/library/upload-store'
import type { SettingsService } from '../services/settings/settings-service'

export interface ImportRequest {
  readonly checkpointFolder: string
  readonly visionFolder?: string | undefined
  readonly name: string
  readonly quantize?: 'f16' | 'bf16' | 'q8_0' | 'q4_k_m' | undefined
}

/** Models on this machine. All calls reject with `AppError`s. */
export interface ModelsService {
  list(): Promise<ModelEntry[]>
  choose(folder: string): Promise<ModelEntry>
  importCheckpoint(request: ImportRequest, signal?: AbortSignal): AsyncIterable<ImportEvent>
  remove(folder: string): Promise<void>
  /** Folder of the model that answers. Errors: model_not_found. */
  chosenFolder(): Promise<string>
  /** Frame sampling that the chosen model was trained with. */
  videoDefaults(): Promise<{ intervalSeconds: number; maxFrames: number }>
}

/** The engine as the status line shows it. */
export interface EngineStatusSource {
  current(): EngineStatus
  restart(): Promise<void>
}

/** Everything that the contract is bound to, and that a host closes. */
export interface Services {
  readonly folders: Folders
  readonly changes: Changes
  readonly library: LibraryService
  readonly previews: PreviewService
  readonly uploads: UploadStore
  readonly chat: ChatService
  readonly settings: SettingsService
  readonly models: ModelsService
  readonly engine: EngineStatusSource
  /** Breaks off running answers (they can be resumed), saves and closes the database. Idempotent. */
  close(): Promise<void>
}
