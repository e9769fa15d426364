import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../../app/contract/errors'
import type { PlannedPart } from '../../../../../app/domain/request'
import { showParts, type ShowProgress } from '../../../../../app/services/ask/show-parts'
import { FakeEngineClient } from '../../../../helpers/fake-engine-client'
import { FakeMediaReader, imageInfo } from '../../../../helpers/fake-media-reader'
import { tinyDescription } from '../../../../helpers/model-descriptions'

const TOKENS = 36
const source = { path: '/a.png', info: imageInfo(), asked: 0, turn: 0, range: null }

/** `count` pictures, each behind two tokens of text. */
function parts(count: number): PlannedPart[] {
  return Array.from({ length: count }, (_, page): PlannedPart[] => [
    { kind: 'text', text: 'ab', tokens: [1, 2] },
    { kind: 'picture', picture: { kind: 'image', media: 0, page }, tokens: TOKENS },
  ]).flat()
}

function show(count: number, engine: FakeEngineClient, media: FakeMediaReader, signal?: AbortSignal) {
  const progress: ShowProgress[] = []
  const done = showParts({
    engine: engine.client,
    media,
    sequence: 0,
    parts: parts(count),
    sources: [source],
    description: tinyDescription,
    signal,
    onProgress: (one) => progress.push({ ...one }),
  })
  return { done, progress }
}

const ticks = async () => {
  for (let i = 0; i < 2000; i += 1) await Promise.resolve()
}

describe('showParts', () => {
  it('hands pictures over in batches of sixteen, with the text around them, in order', async () => {
    const engine = new FakeEngineClient(TOKENS)
    const { done, progress } = show(35, engine, new FakeMediaReader())
    await done
    expect(engine.calls).toEqual([
      'append 0: 32 tokens, 16 pictures',
      'append 0: 32 tokens, 16 pictures',
      'append 0: 6 tokens, 3 pictures',
    ])
    expect(progress.at(-1)).toEqual({ decoded: 35, encoded: 35, prefilledTokens: 35 * (TOKENS + 2) })
  })

  it('collects more for a busy engine, and decodes no more than one batch behind it', async () => {
    const engine = new FakeEngineClient(TOKENS)
    const media = new FakeMediaReader()
    const hold = Promise.withResolvers<undefined>()
    engine.beforeAppended = () => hold.promise
    const { done } = show(200, engine, media)
    await ticks()
    expect(media.read).toBe(16 + 64)
    hold.resolve(undefined)
    await done
    expect([media.read, engine.pictures]).toEqual([200, 200])
    expect(engine.calls.slice(0, 2)).toEqual([
      'append 0: 32 tokens, 16 pictures',
      'append 0: 128 tokens, 64 pictures',
    ])
  })

  it('lets the reader look at its last file once more', async () => {
    const media = new FakeMediaReader()
    await show(16, new FakeEngineClient(TOKENS), media).done
    expect(media.finished).toBe(true)
  })

  it('stops decoding at once when the engine fails, and throws the engine’s failure', async () => {
    const engine = new FakeEngineClient(TOKENS)
    const media = new FakeMediaReader()
    engine.beforeAppended = () => Promise.reject(new AppError('engine_crashed', 'gone'))
    // The picture after the first batch takes for ever: only being stopped ends the wait for it.
    media.beforePicture = (index) => (index === 17 ? new Promise(() => undefined) : Promise.resolve())
    await expect(show(40, engine, media).done).rejects.toMatchObject({ code: 'engine_crashed' })
    expect(media.read).toBe(17)
  })

  it('stops the engine when decoding fails, and throws the reader’s failure', async () => {
    const engine = new FakeEngineClient(TOKENS)
    const media = new FakeMediaReader()
    engine.beforeAppended = () => new Promise(() => undefined)
    media.beforePicture = (index) =>
      index === 20 ? Promise.reject(new AppError('media_damaged', 'torn')) : Promise.resolve()
    await expect(show(40, engine, media).done).rejects.toMatchObject({ code: 'media_damaged' })
    expect(await engine.length(0)).toBe(0)
  })

  it('stops both sides when its signal aborts', async () => {
    const engine = new FakeEngineClient(TOKENS)
    const media = new FakeMediaReader()
    engine.beforeAppended = () => new Promise(() => undefined)
    const stop = new AbortController()
    const { done } = show(100, engine, media, stop.signal)
    await ticks()
    stop.abort()
    await expect(done).rejects.toMatchObject({ code: 'cancelled' })
  })
})
