import { describe, expect, it } from 'vitest'
import {
  chosenFiles,
  countFiles,
  countWords,
  dragWords,
  droppedFiles,
} from '../../../../renderer/features/library/dropped-files'

const nothing = { images: 0, videos: 0, folders: 0, others: 0 }

describe('dragWords', () => {
  it.each([
    [{ ...nothing, images: 48, videos: 2 }, 'Add 48 images and 2 videos'],
    [{ ...nothing, images: 1 }, 'Add 1 image'],
    [{ ...nothing, images: 5000, videos: 1, folders: 1 }, 'Add 5,000 images, 1 video and 1 folder'],
    [{ ...nothing, others: 2 }, 'Add 2 files'],
    [nothing, 'Add to the library'],
  ])('%j is told as %j', (count, words) => {
    expect(dragWords(count)).toBe(words)
  })
})

it('once the pictures of a folder are counted, the folder is not told again', () => {
  expect(countWords({ ...nothing, images: 48, folders: 1 })).toBe('48 images')
  expect(countWords({ ...nothing, folders: 1 })).toBe('1 folder')
  expect(countWords(nothing)).toBe('')
})

function chosen(path: string, type = ''): File {
  const file = new File(['x'], path.split('/').at(-1) ?? '', { type })
  Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' })
  return file
}

describe('chosenFiles', () => {
  it('keeps the folders below the chosen one, and sends only pictures and videos of it', () => {
    const files = [
      chosen('scans/1.tif'),
      chosen('scans/old/2.mkv'),
      chosen('scans/notes.txt', 'text/plain'),
      chosen('scans/.hidden.png'),
    ]
    const wanted = chosenFiles(files)
    expect(wanted.map(({ file, folder }) => [file.name, folder])).toEqual([
      ['1.tif', 'scans'],
      ['2.mkv', 'scans/old'],
    ])
    expect(countFiles(wanted)).toEqual({ images: 1, videos: 1, folders: 1, others: 0 })
  })

  it('sends a file that was chosen by itself whatever it is: the answer says what is wrong with it', () => {
    const wanted = chosenFiles([chosen('notes.txt', 'text/plain'), chosen('shot', 'image/png')])
    expect(wanted.map(({ folder }) => folder)).toEqual([null, null])
    expect(countFiles(wanted)).toEqual({ images: 1, videos: 0, folders: 0, others: 1 })
  })
})

interface FakeEntry {
  readonly name: string
  readonly isFile: boolean
  readonly isDirectory: boolean
}

function fileEntry(name: string, isReadable = true): FakeEntry {
  const file = (resolve: (file: File) => void, reject: (error: Error) => void) => {
    if (isReadable) resolve(new File(['x'], name))
    else reject(new DOMException('', 'NotReadableError'))
  }
  return Object.assign({ name, isFile: true, isDirectory: false }, { file })
}

/** `batches`: what its reader hands out at a time; null stands for one that cannot be read. */
function folderEntry(name: string, batches: readonly (readonly FakeEntry[] | null)[]): FakeEntry {
  const createReader = () => {
    const left = [...batches, []]
    const readEntries = (
      resolve: (entries: readonly FakeEntry[]) => void,
      reject: (error: Error) => void,
    ) => {
      const batch = left.shift()
      if (batch == null) reject(new DOMException('', 'NotReadableError'))
      else resolve(batch)
    }
    return { readEntries }
  }
  return Object.assign({ name, isFile: false, isDirectory: true }, { createReader })
}

function drop(entries: readonly FakeEntry[]): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }))
  return { items, files: [] } as unknown as DataTransfer
}

describe('droppedFiles', () => {
  it('one that cannot be read is named, and the rest of the drop is added', async () => {
    const locked = folderEntry('locked', [[fileEntry('1.png')], null])
    const scans = folderEntry('scans', [[fileEntry('2.png', false), fileEntry('3.png'), locked]])
    const { files, unreadable } = await droppedFiles(
      drop([fileEntry('a.mp4', false), fileEntry('b.mp4'), scans]),
    )

    expect(files.map(({ file, folder }) => [file.name, folder])).toEqual([
      ['b.mp4', null],
      ['3.png', 'scans'],
      ['1.png', 'scans/locked'],
    ])
    expect(unreadable).toEqual(['a.mp4', '2.png', 'locked'])
  })

  it('what would not be sent from a folder is not missed when it cannot be read', async () => {
    const { unreadable } = await droppedFiles(drop([folderEntry('scans', [[fileEntry('notes.txt', false)]])]))
    expect(unreadable).toEqual([])
  })
})
