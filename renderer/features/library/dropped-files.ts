import { kindOfName } from '../../../app/domain/media/media-kinds'

/** How many there are of what. */
export interface MediaCount {
  readonly images: number
  readonly videos: number
  readonly folders: number
  /** Files of other kinds. */
  readonly others: number
}

/** A file to be sent, with the folder it belongs to when a whole folder was dropped: `scans/2024`, else null. */
export interface FileToAdd {
  readonly file: File
  readonly folder: string | null
}

type Kind = 'images' | 'videos' | 'others'

function kindOf(name: string, type: string): Kind {
  const kind = kindOfName(name)
  if (kind !== null) return kind === 'image' ? 'images' : 'videos'
  if (type.startsWith('image/')) return 'images'
  return type.startsWith('video/') ? 'videos' : 'others'
}

/** What a drag holds, as far as the browser tells before the drop: not what is inside folders. */
export function countDrag(transfer: DataTransfer): MediaCount {
  const count = { images: 0, videos: 0, folders: 0, others: 0 }
  for (const { kind, type } of transfer.items) {
    // Folders have no type; neither have files that the system does not know.
    if (kind === 'file') count[type === '' ? 'folders' : kindOf('', type)] += 1
  }
  return count
}

export function countFiles(files: readonly FileToAdd[]): MediaCount {
  const count = { images: 0, videos: 0, folders: 0, others: 0 }
  for (const { file } of files) count[kindOf(file.name, file.type)] += 1
  return { ...count, folders: foldersOf(files).length }
}

/** The folders that were dropped, each once, by their own names. */
function foldersOf(files: readonly FileToAdd[]): string[] {
  return [...new Set(files.flatMap(({ folder }) => (folder === null ? [] : [folder.split('/')[0] ?? ''])))]
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count.toLocaleString('en')} ${count === 1 ? one : many}`]
}

/** e.g. "48 images and 2 videos". Empty when there is nothing. */
export function countWords({ images, videos, folders, others }: MediaCount): string {
  const parts = [
    ...counted(images, 'image', 'images'),
    ...counted(videos, 'video', 'videos'),
    // Once the pictures of a folder are counted, the folder itself is no news.
    ...(images + videos > 0 && others === 0 ? [] : counted(folders, 'folder', 'folders')),
    ...counted(others, 'other file', 'other files'),
  ]
  const last = parts.pop()
  if (last === undefined) return ''
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}

/** What dropping will do, e.g. "Add 48 images and 2 videos". */
export function dragWords({ images, videos, folders, others }: MediaCount): string {
  const parts = [
    ...counted(images, 'image', 'images'),
    ...counted(videos, 'video', 'videos'),
    ...counted(folders, 'folder', 'folders'),
    ...counted(others, 'file', 'files'),
  ]
  const last = parts.pop()
  if (last === undefined) return 'Add to the library'
  return parts.length === 0 ? `Add ${last}` : `Add ${parts.join(', ')} and ${last}`
}

/** What a drop holds, and the names of the files and folders in it that could not be read. */
export interface DroppedFiles {
  readonly files: readonly FileToAdd[]
  readonly unreadable: readonly string[]
}

/** Every file of a drop, those in folders too. Must be called while the drop event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFiles> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  // Some drags have files but no entries.
  if (entries.length === 0) {
    return { files: [...transfer.files].map((file) => ({ file, folder: null })), unreadable: [] }
  }
  const unreadable: string[] = []
  const found = await Promise.all(entries.map((entry) => filesIn(entry, null, unreadable)))
  return { files: found.flat(), unreadable }
}

/** Files chosen with a folder dialog: their relative paths tell the folder. */
export function chosenFiles(files: Iterable<File>): FileToAdd[] {
  return [...files].flatMap((file) => {
    const steps = file.webkitRelativePath.split('/').slice(0, -1)
    const folder = steps.length === 0 ? null : steps.join('/')
    return folder === null || isWanted(file) ? [{ file, folder }] : []
  })
}

/** Of a folder only pictures and videos are sent; a file dropped by itself is, and the answer says what is wrong. */
function isWanted({ name, type }: Pick<File, 'name' | 'type'>): boolean {
  return !name.startsWith('.') && kindOf(name, type) !== 'others'
}

/** What cannot be read is named in `unreadable`: the rest is added all the same. */
async function filesIn(
  entry: FileSystemEntry,
  folder: string | null,
  unreadable: string[],
): Promise<FileToAdd[]> {
  if (isFile(entry)) {
    try {
      const file = await new Promise<File>((resolve, reject) => {
        entry.file(resolve, reject)
      })
      return folder === null || isWanted(file) ? [{ file, folder }] : []
    } catch {
      if (folder === null || kindOfName(entry.name) !== null) unreadable.push(entry.name)
      return []
    }
  }
  if (!isFolder(entry) || (folder !== null && entry.name.startsWith('.'))) return []
  const inner = folder === null ? entry.name : `${folder}/${entry.name}`
  const reader = entry.createReader()
  const files: FileToAdd[] = []
  for (;;) {
    // A reader hands out at most a hundred entries at a time, and none at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    }).catch(() => null)
    if (batch === null) unreadable.push(entry.name)
    if (batch === null || batch.length === 0) return files
    files.push(...(await Promise.all(batch.map((one) => filesIn(one, inner, unreadable)))).flat())
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
