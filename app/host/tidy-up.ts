import type { LibraryService } from '../services/library/library-service'
import type { UploadStore } from '../services/library/upload-store'
import { removeAbandonedModels } from '../services/models/convert/output-folder'

export interface TidyUpParts {
  readonly library: LibraryService
  readonly uploads: UploadStore
  readonly modelsFolder: string
}

/**
 * Deletes what earlier runs left on the disk: copies of the `forgotten` paths that had been sent here, and what was
 * being written when a process died. Needs the database until it resolves. Never rejects: what cannot be deleted now
 * keeps nobody from working.
 */
export async function tidyUp(
  forgotten: readonly string[],
  { library, uploads, modelsFolder }: TidyUpParts,
): Promise<void> {
  await Promise.allSettled([
    uploads.forget(forgotten, (path) => library.hasBelow(path)),
    uploads.removeAbandoned(),
    removeAbandonedModels(modelsFolder),
  ])
}
