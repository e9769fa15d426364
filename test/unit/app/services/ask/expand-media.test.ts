import { describe, expect, it } from 'vitest'
import { expandMedia } from '../../../../../app/services/ask/expand-media'
import type { VideoInfo } from '../../../../../app/services/media/media-info'
import { medium } from '../../../../helpers/ask-world'
import { FakeMediaReader, imageInfo, videoInfo } from '../../../../helpers/fake-media-reader'

const sampling = { intervalSeconds: 1, maxFrames: 128 }

function reader(): FakeMediaReader {
  const made = new FakeMediaReader()
  made.files.set('/scan.tif', imageInfo({ pages: 3, width: 50, height: 60 }))
  made.files.set('/a.png', imageInfo())
  made.files.set('/film.mp4', videoInfo(3))
  made.folders.set('/folder', ['/a.png', '/film.mp4'])
  return made
}

describe('expandMedia', () => {
  it('gives a folder’s files one by one, all counted as the folder', async () => {
    const turns = [{ question: 'Q?', media: [medium('/scan.tif'), medium('/folder')] }]
    const { turns: expanded, sources } = await expandMedia(turns, sampling, reader(), undefined)

    expect(sources.map(({ path, asked }) => [path, asked])).toEqual([
      ['/scan.tif', 0],
      ['/scan.tif', 0],
      ['/scan.tif', 0],
      ['/a.png', 1],
      ['/film.mp4', 1],
    ])
    expect(expanded[0]?.media.map(({ kind }) => kind)).toEqual(['image', 'image', 'image', 'image', 'video'])
    expect(expanded[0]?.media[4]).toEqual({
      kind: 'video',
      frames: [
        { frame: 0, seconds: 0 },
        { frame: 10, seconds: 1 },
        { frame: 20, seconds: 2 },
      ],
    })
  })

  it('counts media over all turns and keeps replies', async () => {
    const turns = [
      { question: 'One?', media: [medium('/a.png')], reply: 'Yes.' },
      { question: 'Two?', media: [medium('/film.mp4')] },
    ]
    const { turns: expanded, sources } = await expandMedia(turns, sampling, reader(), undefined)
    expect(sources.map(({ asked }) => asked)).toEqual([0, 1])
    expect(expanded.map(({ reply }) => reply)).toEqual(['Yes.', undefined])
  })

  it('asks for the size of each page only where tiles depend on it', async () => {
    const pages = async (tiles: boolean) => {
      const turns = [{ question: 'Q?', media: [medium('/scan.tif', { tiles })] }]
      const { turns: expanded } = await expandMedia(turns, sampling, reader(), undefined)
      return expanded[0]?.media.map((media) =>
        media.kind === 'image' ? [media.page, media.width, media.tiled] : [],
      )
    }
    expect(await pages(true)).toEqual([
      [0, 50, true],
      [1, 20, true],
      [2, 20, true],
    ])
    expect(await pages(false)).toEqual([
      [0, 50, false],
      [1, 50, false],
      [2, 50, false],
    ])
  })

  it('takes frames of the marked part only', async () => {
    const turns = [{ question: 'Q?', media: [medium('/film.mp4', { range: { start: 1.5, end: 2.7 } })] }]
    const { turns: expanded } = await expandMedia(turns, sampling, reader(), undefined)
    expect(expanded[0]?.media).toMatchObject([{ frames: [{ seconds: 1.5 }, { seconds: 2.5 }] }])
  })

  it('takes the frame that is on the screen in a marked part between two frames', async () => {
    const made = reader()
    made.files.set('/slides.mp4', videoInfo(30))
    made.frameTimes = () => Promise.resolve([0, 10, 20])
    const turns = [{ question: 'Q?', media: [medium('/slides.mp4', { range: { start: 3, end: 8 } })] }]
    const { turns: expanded } = await expandMedia(turns, sampling, made, undefined)
    expect(expanded[0]?.media).toEqual([{ kind: 'video', frames: [{ frame: 0, seconds: 0 }] }])
  })

  it('refuses a marked part of something that has no times', async () => {
    const range = { start: 1, end: 2 }
    const expand = (path: string) =>
      expandMedia([{ question: 'Q?', media: [medium(path, { range })] }], sampling, reader(), undefined)

    await expect(expand('/a.png')).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(expand('/folder')).resolves.toMatchObject({ sources: { length: 2 } })
  })

  it('says that a marked part lies beyond the end, and that a video without frames is damaged', async () => {
    const made = reader()
    made.files.set('/empty.mp4', videoInfo(0))
    const beyond = [{ question: 'Q?', media: [medium('/film.mp4', { range: { start: 60, end: 70 } })] }]
    await expect(expandMedia(beyond, sampling, made, undefined)).rejects.toMatchObject({
      code: 'invalid_input',
      details: { reason: 'the part from 01:00 on lies beyond the end of "film.mp4", which is 00:03 long.' },
    })
    made.files.set('/recording.webm', { ...videoInfo(3), durationSeconds: 0 } as VideoInfo)
    const beyondLast = [
      { question: 'Q?', media: [medium('/recording.webm', { range: { start: 60, end: 70 } })] },
    ]
    await expect(expandMedia(beyondLast, sampling, made, undefined)).rejects.toMatchObject({
      details: {
        reason: 'the part from 01:00 on lies beyond the end of "recording.webm", which is 00:02 long.',
      },
    })
    const empty = [{ question: 'Q?', media: [medium('/empty.mp4')] }]
    await expect(expandMedia(empty, sampling, made, undefined)).rejects.toMatchObject({
      code: 'media_damaged',
    })
  })

  it('stops between two files when it is told to', async () => {
    const stop = new AbortController()
    stop.abort()
    const turns = [{ question: 'Q?', media: [medium('/a.png')] }]
    await expect(expandMedia(turns, sampling, reader(), stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
