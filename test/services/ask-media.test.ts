import { utimesSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { createMediaReader } from '../../app/services/media/media-reader'
import { createPixelPool } from '../../app/services/media/pixel-pool'
import { makeNumberedVideo, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
afterAll(folder.remove)

it('looks into a file once, until it changes or is gone: a second question starts no program', async () => {
  const path = join(folder.path, 'film.mp4')
  makeNumberedVideo(path, { frames: 10, width: 64, height: 48 })
  let asked = 0
  const tools = () => {
    asked += 1
    return findFfmpeg({ env: process.env })
  }
  const reader = createMediaReader({ tools, pool: createPixelPool() })
  try {
    const first = await reader.probe(path)
    const times = await reader.frameTimes(path)
    const before = asked
    expect(await reader.probe(path)).toBe(first)
    expect(await reader.frameTimes(path)).toBe(times)
    expect(asked).toBe(before)

    utimesSync(path, 1, 1)
    const touched = await reader.probe(path)
    expect(touched.identity).toEqual({ sizeBytes: first.identity.sizeBytes, mtimeMs: 1000 })

    writeFileSync(path, 'text')
    await expect(reader.probe(path)).rejects.toMatchObject({ code: 'media_unsupported' })
    rmSync(path)
    await expect(reader.probe(path)).rejects.toMatchObject({ code: 'media_not_found' })
  } finally {
    await reader.close()
  }
})
