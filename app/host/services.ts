import type { EngineStatus } from '../contract/status'
import type { ChatService } from '../services/chat/chat-service'
import type { Changes } from '../services/database/changes'
import type { Folders } from '../services/folders'
import type { LibraryService } from '../services/library/library-service'
import type { PreviewService } from '../services/library/preview-service'
import type { UploadStore } from '../services/library/upload-store'
import type { ModelsService } from '../services/models/models-service'
import type { SettingsService } from '../services/settings/settings-service'

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
  /** Breaks off running answers (they can be resumed) and imports, saves and closes the database. Idempotent. */
  close(): Promise<void>
}
