import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createLibraryMedia, frameAt } from '../../app/services/library/media-adapter'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { FakeMedia } from '../helpers/fake-media'

const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'media')
const names = new FakeMedia()
const media = createLibraryMedia({
  tools: () => findFfmpeg({ env: process.env }),
  listFolder: (path) => names.listFolder(path),
  kindOf: (path) => names.kindOf(path),
})

describe('frameAt', () => {
  it.each([
    [0, 0],
    [0.039, 0],
    [0.04, 1],
    [0.0799999, 2],
    [99, 2],
  ])('shows at %d s frame %i of three', (seconds, frame) => {
    expect(frameAt([0, 0.04, 0.08], seconds)).toBe(frame)
  })

  it('shows the first frame before its time', () => {
    expect(frameAt([1, 2], 0)).toBe(0)
  })
})

// The films and photographs lie beside the repository, where it is developed.
describe.skipIf(!existsSync(shared))('real media for the screen (needs ../shared/media)', () => {
  it('probes a film and plans the frames that the model is given', async () => {
    const path = join(shared, 'cockatoo.mp4')
    const film = await media.probe(path)
    expect(film).toMatchObject({ kind: 'video', width: 1280, height: 720, playable: true, pages: 1 })
    expect(Math.round(film.durationSeconds)).toBe(14)
    const planned = await media.planFrames(path, {
      intervalSeconds: 1,
      maxFrames: 4,
      range: { start: 2, end: 8 },
    })
    expect(planned).toHaveLength(4)
    expect(planned.every((seconds) => seconds >= 2 && seconds < 8)).toBe(true)
  })

  it('gives the frame of a moment as JPEG, at most as wide as asked', async () => {
    const path = join(shared, 'cockatoo.mp4')
    const early = await media.frame(path, 1, 320)
    expect(await sharp(early).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 180 })
    expect(Buffer.from(await media.frame(path, 1.001, 320)).equals(early)).toBe(true)
    expect(Buffer.from(await media.frame(path, 9, 320)).equals(early)).toBe(false)
    expect(await sharp(await media.frame(path, 1e6, 99_999)).metadata()).toMatchObject({ width: 1280 })
  })

  it('gives photographs upright and pages by number', async () => {
    const upright = await sharp(await media.page(join(shared, 'Landscape_6.jpg'), 0, 480)).metadata()
    expect(upright.width).toBe(480)
    expect(upright.height).toBe(320)
    const { pages } = await media.probe(join(shared, 'multipage.tif'))
    expect(pages).toBeGreaterThan(1)
    expect(
      await sharp(await media.page(join(shared, 'multipage.tif'), pages - 1, 480)).metadata(),
    ).toMatchObject({
      format: 'jpeg',
    })
  })

  it('shows an animated picture frame by frame', async () => {
    const path = join(shared, 'newtonscradle.gif')
    expect(await media.probe(path)).toMatchObject({ kind: 'video', playable: false, hasAudio: false })
    expect(await sharp(await media.frame(path, 0.5, 320)).metadata()).toMatchObject({ format: 'jpeg' })
  })
})
