/** What a drag holds, as far as the browser tells before the drop. */
export interface DragSummary {
  readonly images: number
  readonly videos: number
  /** Folders, and files of other kinds. */
  readonly others: number
}

export function summarizeDrag(transfer: DataTransfer): DragSummary {
  const files = [...transfer.items].filter(({ kind }) => kind === 'file')
  const images = files.filter(({ type }) => type.startsWith('image/')).length
  const videos = files.filter(({ type }) => type.startsWith('video/')).length
  return { images, videos, others: files.length - images - videos }
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count.toLocaleString('en')} ${count === 1 ? one : many}`]
}

/** e.g. "Add 48 images and 2 videos". */
export function dragWords({ images, videos, others }: DragSummary): string {
  const parts = [
    ...counted(images, 'image', 'images'),
    ...counted(videos, 'video', 'videos'),
    ...counted(others, 'folder or file', 'folders or files'),
  ]
  const last = parts.pop()
  if (last === undefined) return 'Add to the library'
  return parts.length === 0 ? `Add ${last}` : `Add ${parts.join(', ')} and ${last}`
}

/** Every file of a drop, those in folders too. Must be called while the drop event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  // Pasted pictures and some drags have files but no entries.
  if (entries.length === 0) return [...transfer.files]
  const found = await Promise.all(entries.map(filesIn))
  return found.flat()
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) {
    return [
      await new Promise<File>((resolve, reject) => {
        entry.file(resolve, reject)
      }),
    ]
  }
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const files: File[] = []
  for (;;) {
    // A reader hands out at most a hundred entries at a time, and none at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (batch.length === 0) return files
    files.push(...(await Promise.all(batch.map(filesIn))).flat())
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
