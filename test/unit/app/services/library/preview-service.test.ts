import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PreviewService } from '../../../../../app/services/library/preview-service'
import { FakeMedia } from '../../../../helpers/fake-media'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-previews-'))
  path = join(folder, 'a.mp4')
  writeFileSync(path, 'film')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('PreviewService', () => {
  it('makes a picture once, rounds widths up, and makes it anew when the file changes', async () => {
    const media = new FakeMedia()
    const previews = new PreviewService({ cacheFolder: folder, media })
    const first = await previews.get({ kind: 'frame', path, seconds: 1.5, width: 300 })
    const again = await previews.get({ kind: 'frame', path, seconds: 1.5, width: 320 })
    expect(Buffer.from(again.bytes)).toEqual(Buffer.from(first.bytes))
    expect(media.previews).toEqual(['frame 1.5 at 320'])
    utimesSync(path, 1, 1)
    expect((await previews.get({ kind: 'frame', path, seconds: 1.5, width: 320 })).tag).not.toBe(first.tag)
    expect(media.previews).toHaveLength(2)
  })

  it('makes one picture for many who ask at once, and at most two at a time', async () => {
    let running = 0
    let most = 0
    const media = new FakeMedia()
    media.frame = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return Buffer.from('x')
    }
    const previews = new PreviewService({ cacheFolder: folder, media })
    const asked = [0, 1, 2, 3, 0, 0].map((seconds) =>
      previews.get({ kind: 'frame', path, seconds, width: 160 }),
    )
    await Promise.all(asked)
    expect(most).toBe(2)
    expect(
      readdirSync(join(folder, 'previews'), { recursive: true }).filter((name) =>
        String(name).endsWith('.jpg'),
      ),
    ).toHaveLength(4)
  })

  it('does not make what nobody waits for any more', async () => {
    const media = new FakeMedia()
    const previews = new PreviewService({ cacheFolder: folder, media })
    await expect(
      previews.get({ kind: 'page', path, page: 0, width: 160 }, AbortSignal.abort()),
    ).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(media.previews).toEqual([])
  })

  it('deletes the oldest when the cache is over its budget', async () => {
    const media = new FakeMedia()
    media.frame = () => Promise.resolve(Buffer.alloc(1000))
    const previews = new PreviewService({ cacheFolder: folder, media, budgetBytes: 2500 })
    for (const seconds of [1, 2, 3]) await previews.get({ kind: 'frame', path, seconds, width: 160 })
    await previews.prune()
    expect(
      readdirSync(join(folder, 'previews'), { recursive: true }).filter((name) =>
        String(name).endsWith('.jpg'),
      ),
    ).toHaveLength(2)
  })

  it('says so when the file is gone', async () => {
    const previews = new PreviewService({ cacheFolder: folder, media: new FakeMedia() })
    await expect(previews.get({ kind: 'page', path: `${path}x`, page: 0, width: 1 })).rejects.toMatchObject({
      code: 'media_not_found',
    })
  })
})
