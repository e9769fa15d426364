import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../../app/contract/errors'
import type { AskProgress } from '../../../../../app/services/ask/ask-types'
import {
  askOptions,
  askWorld,
  medium,
  modelFolder,
  question,
  type AskWorld,
} from '../../../../helpers/ask-world'
import { imageInfo, videoInfo } from '../../../../helpers/fake-media-reader'
import { tinyDescription } from '../../../../helpers/model-descriptions'

/**
 * Tokens of a picture's prompt up to the picture's end, and of a question `Q?` behind it: see tiny-template.ts, one
 * token a byte, three for a space (it is written U+2581).
 */
const SHOWN = 24 + 5 + 25
const ASKED = 6 + 3 + 2 + 1 + 29

function world(): AskWorld {
  const made = askWorld()
  made.reader.files.set('/a.png', imageInfo())
  made.reader.files.set('/b.png', imageInfo({ identity: { sizeBytes: 11, mtimeMs: 21 } }))
  made.reader.files.set('/film.mp4', videoInfo(20))
  return made
}

/** A promise that the test settles. */
function gate() {
  return Promise.withResolvers<undefined>()
}

describe('ask', () => {
  it('reads the media into one sequence and asks in a branch of it', async () => {
    const { ask, engine } = world()
    const answer = await ask.ask(question('Q?', '/a.png'), askOptions)

    expect(engine.calls).toEqual([
      'load',
      'append 0: 29 tokens, 1 pictures',
      'branch 0 to 1',
      'append 1: 41 tokens, 0 pictures',
      'generate 1 at 95',
    ])
    expect(answer).toMatchObject({
      text: 'An answer.',
      reason: 'end',
      usage: { frames: 0, promptTokens: SHOWN + ASKED, answerTokens: 2, snapshot: 'miss' },
    })
  })

  it('asks again about the same media without reading it again', async () => {
    const { ask, engine, reader } = world()
    await ask.ask(question('Q?', '/a.png'), askOptions)
    engine.calls.length = 0
    const again = await ask.ask(question('And?', '/a.png'), askOptions)

    expect(engine.calls).toEqual(['branch 0 to 1', 'append 1: 43 tokens, 0 pictures', 'generate 1 at 97'])
    expect([again.usage.snapshot, reader.read]).toEqual(['hit', 1])
  })

  it.for<[string, (made: AskWorld) => Promise<unknown>]>([
    ['other media', ({ ask }) => ask.ask(question('Q?', '/b.png'), askOptions)],
    [
      'the same file with other content',
      ({ reader }) =>
        Promise.resolve(reader.files.set('/a.png', imageInfo({ identity: { sizeBytes: 10, mtimeMs: 99 } }))),
    ],
    [
      'a crash',
      ({ engine }) => {
        engine.crash()
        return Promise.resolve()
      },
    ],
    [
      'another model',
      ({ ask, models }) => {
        models.set('/other', modelFolder('/other'))
        return ask.ask(question('Q?', '/b.png'), { ...askOptions, modelFolder: '/other' })
      },
    ],
  ])('reads the media again after %s', async ([, between]) => {
    const made = world()
    await made.ask.ask(question('Q?', '/a.png'), askOptions)
    await between(made)
    const again = await made.ask.ask(question('Q?', '/a.png'), askOptions)
    expect(again.usage.snapshot).toBe('miss')
  })

  it('branches from what was shown when only the talk after it has grown', async () => {
    const { ask } = world()
    await ask.ask(question('Q?', '/a.png'), askOptions)
    const first = { question: 'Q?', media: [medium('/a.png')], reply: 'An answer.' }
    const next = await ask.ask([first, { question: 'More?', media: [] }], askOptions)
    expect(next.usage.snapshot).toBe('hit')
  })

  it('asks about nothing without touching what was shown', async () => {
    const { ask, engine } = world()
    await ask.ask(question('Q?', '/a.png'), askOptions)
    const none = await ask.ask(question('Hello'), askOptions)
    expect(none.usage).toMatchObject({ frames: 0, snapshot: 'none' })
    expect(await engine.length(0)).toBe(SHOWN)
    expect((await ask.ask(question('Q?', '/a.png'), askOptions)).usage.snapshot).toBe('hit')
  })

  it('keeps a larger context, and what it holds, for a shorter question', async () => {
    const { ask, engine } = world()
    await ask.ask(question('Q?', '/a.png'), { ...askOptions, maxTokens: 6000 })
    const shorter = await ask.ask(question('Q?', '/a.png'), askOptions)
    expect(engine.loads.map(({ contextTokens }) => contextTokens)).toEqual([8192])
    expect(shorter.usage.snapshot).toBe('hit')
  })

  it('does not keep the context of a model that was replaced', async () => {
    const { ask, engine, models } = world()
    await ask.ask(question('Q?'), { ...askOptions, maxTokens: 6000 })
    models.set('/model', modelFolder('/model'))
    await ask.ask(question('Q?'), askOptions)
    expect(engine.loads.map(({ contextTokens }) => contextTokens)).toEqual([8192, 4096])
  })

  it('finds times in the answer and links them to the video that is long enough', async () => {
    const { ask, engine } = world()
    engine.answers = [['The dog appears at ', '00:12', '.']]
    const { citations } = await ask.ask(question('When?', '/a.png', '/film.mp4'), askOptions)
    expect(citations).toEqual([{ media: 1, startSeconds: 12, endSeconds: 12, textStart: 19, textEnd: 24 }])
  })

  it('links times to what the last turn showed, and to the part of it', async () => {
    const { ask, engine, reader } = world()
    reader.files.set('/other.mp4', videoInfo(20))
    engine.answers = [['At 00:12 and at 00:05.']]
    const range = { start: 10, end: 15 }
    const turns = [
      { question: 'One?', media: [medium('/film.mp4')], reply: 'Yes.' },
      { question: 'When?', media: [medium('/other.mp4', { range })] },
    ]
    const { citations } = await ask.ask(turns, askOptions)
    expect(citations).toMatchObject([
      { media: 1, startSeconds: 12 },
      { media: 0, startSeconds: 5 },
    ])
  })

  it('goes on with a broken-off reply, keeping the space between and lifting the rule for first tokens', async () => {
    const { ask, engine } = world()
    engine.answers = [[' cat', '. ']]
    const pieces: string[] = []
    const options = { ...askOptions, continueReply: 'A dog and a' }
    const answer = await ask.ask(question('Q?'), options, { onText: (text) => pieces.push(text) })

    expect([pieces, answer.text]).toEqual([[' cat', '.'], ' cat.'])
    expect(engine.generated[0]?.minTokens).toBe(0)
    // Opening of the turn, question, opening of the reply, and ` A dog and a`.
    expect(engine.calls.at(-2)).toBe(`append 1: ${24 + 3 + 2 + 1 + 29 + 20} tokens, 0 pictures`)
  })

  it('takes what the person chose, and the model’s own defaults elsewhere', async () => {
    const { ask, engine } = world()
    await ask.ask(question('Q?'), { ...askOptions, maxTokens: null, temperature: 0.7, seed: 5 })
    await ask.ask(question('Q?'), askOptions)
    expect(engine.generated[0]).toMatchObject({
      maxTokens: 768,
      minTokens: 1,
      sampling: { temperature: 0.7, seed: 5, topP: 1 },
    })
    expect(engine.generated[1]).toMatchObject({ maxTokens: 64, sampling: { temperature: 0 } })
  })
})

describe('the progress of ask', () => {
  async function progressOf({ ask }: AskWorld, ...paths: string[]): Promise<AskProgress[]> {
    const seen: AskProgress[] = []
    await ask.ask(question('Q?', ...paths), askOptions, { onProgress: (one) => seen.push(one) })
    return seen
  }
  const lastOf = (seen: readonly AskProgress[], stage: string) =>
    seen
      .filter((one) => one.stage === stage)
      .map(({ done, total }) => [done, total])
      .at(-1)

  it('counts pictures that are decoded and encoded, and tokens that are read, each to its total', async () => {
    const seen = await progressOf(world(), '/film.mp4')
    const promptTokens = 24 + 5 + 20 * (5 + 5 + 25 + 6) + ASKED
    expect(lastOf(seen, 'decode')).toEqual([20, 20])
    expect(lastOf(seen, 'encode')).toEqual([20, 20])
    expect(lastOf(seen, 'prefill')).toEqual([promptTokens, promptTokens])
    for (const stage of ['decode', 'encode', 'prefill']) {
      expect(seen.filter((one) => one.stage === stage && one.done === one.total)).toHaveLength(1)
    }
  })

  it('is silent when the media had been read before', async () => {
    const made = world()
    await progressOf(made, '/a.png')
    expect(await progressOf(made, '/a.png')).toEqual([])
  })
})

describe('the refusal of what does not fit', () => {
  it('comes before anything is loaded or decoded, with a plan that fits', async () => {
    const { ask, engine, reader } = world()
    const options = { ...askOptions, contextTokens: 400 }
    const refused = await ask.ask(question('Q?', '/film.mp4'), options).catch((thrown: unknown) => thrown)

    expect(refused).toMatchObject({
      code: 'request_too_long',
      details: { limit: 400, plan: 'Use at most 6 frames (one every 3.5 s).' },
    })
    expect([engine.calls, reader.read]).toEqual([[], 0])
    const fitting = { ...options, maxFrames: 5 }
    expect((await ask.ask(question('Q?', '/film.mp4'), fitting)).usage.frames).toBe(5)
  })

  it('is known beforehand from the cost', async () => {
    const { ask } = world()
    const options = { ...askOptions, contextTokens: 400 }
    expect(await ask.cost(question('Q?', '/film.mp4'), options)).toMatchObject({
      frames: 20,
      pictures: 20,
      contextTokens: 400,
      fits: false,
      plan: 'Use at most 6 frames (one every 3.5 s).',
    })
    expect(await ask.cost(question('Q?', '/film.mp4'), { ...options, maxFrames: 5 })).toMatchObject({
      frames: 5,
      fits: true,
      plan: '',
    })
  })

  it('never asks for more than the model was made for', async () => {
    const small = { ...tinyDescription, language: { ...tinyDescription.language, contextLength: 2048 } }
    const made = askWorld(small)
    expect((await made.ask.cost(question('Q?'), askOptions)).contextTokens).toBe(2048)
    const tooLong = { ...askOptions, maxTokens: 2048 }
    await expect(made.ask.ask(question('Q?'), tooLong)).rejects.toMatchObject({ code: 'request_too_long' })
  })
})

describe('a context that memory bounds', () => {
  /** 300 frames take about 45,000 positions: 65,536 with room for more turns. */
  const long = { ...tinyDescription, vision: { ...tinyDescription.vision, tokensPerImage: 144 } }
  const options = { ...askOptions, maxFrames: 300, intervalSeconds: 0.1 }

  function longFilm(freeMemoryBytes: number): AskWorld {
    const made = askWorld(long, () => freeMemoryBytes)
    made.reader.files.set('/film.mp4', videoInfo(30))
    made.engine.bytesPerToken = 1000
    return made
  }

  it('is what the request needs where there is memory for it', async () => {
    const { ask } = longFilm(80_000_000)
    expect(await ask.cost(question('Q?', '/film.mp4'), options)).toMatchObject({
      contextTokens: 65_536,
      fits: true,
    })
  })

  it('is as large as the free memory holds, and the refusal says that memory is the limit', async () => {
    const { ask, engine } = longFilm(60_000_000)
    const cost = await ask.cost(question('Q?', '/film.mp4'), options)
    expect(cost).toMatchObject({ contextTokens: 32_768, fits: false })
    expect(cost.plan).toMatch(
      /^The memory that is free holds 32,768 of the model's 262,144 tokens\. Use at most \d+ frames/,
    )
    await expect(ask.ask(question('Q?', '/film.mp4'), options)).rejects.toMatchObject({
      code: 'request_too_long',
      details: { limit: 32_768 },
    })
    expect(engine.calls).toEqual([])
  })

  it('counts the memory of graphics cards, and not twice that of the machine', async () => {
    const made = longFilm(60_000_000)
    const bytes = { memoryFreeBytes: 40_000_000, memoryTotalBytes: 40_000_000 }
    made.engine.devices = [{ name: 'Vulkan0', description: '', type: 'igpu', ...bytes }]
    expect((await made.ask.cost(question('Q?', '/film.mp4'), options)).fits).toBe(false)
    made.engine.devices = [{ name: 'CUDA0', description: '', type: 'gpu', ...bytes }]
    expect((await made.ask.cost(question('Q?', '/film.mp4'), options)).fits).toBe(true)
  })
})

describe('a question that fails or is stopped', () => {
  it('tells a crash while reading, and reads everything again the next time', async () => {
    const { ask, engine, reader } = world()
    engine.beforeAppended = () => Promise.reject(new AppError('engine_crashed', 'gone'))
    await expect(ask.ask(question('Q?', '/a.png'), askOptions)).rejects.toMatchObject({
      code: 'engine_crashed',
    })

    engine.crash()
    engine.beforeAppended = () => Promise.resolve()
    const again = await ask.ask(question('Q?', '/a.png'), askOptions)
    expect([again.usage.snapshot, reader.read]).toEqual(['miss', 2])
  })

  it('keeps what was shown when it is stopped while answering', async () => {
    const { ask, engine } = world()
    const stop = new AbortController()
    engine.beforePiece = (index) => {
      if (index === 1) stop.abort()
      return Promise.resolve()
    }
    const pieces: string[] = []
    const stopped = ask.ask(question('Q?', '/a.png'), askOptions, {
      signal: stop.signal,
      onText: (text) => pieces.push(text),
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    expect(pieces).toEqual(['An'])

    engine.beforePiece = () => Promise.resolve()
    expect((await ask.ask(question('Q?', '/a.png'), askOptions)).usage.snapshot).toBe('hit')
  })

  it('forgets what was half read when it is stopped while reading', async () => {
    const { ask, reader, engine } = world()
    const stop = new AbortController()
    reader.beforePicture = (index) => {
      if (index === 18) stop.abort()
      return Promise.resolve()
    }
    const stopped = ask.ask(question('Q?', '/film.mp4'), askOptions, { signal: stop.signal })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    expect(engine.calls.some((call) => call.startsWith('generate'))).toBe(false)

    reader.beforePicture = () => Promise.resolve()
    expect((await ask.ask(question('Q?', '/film.mp4'), askOptions)).usage.snapshot).toBe('miss')
  })

  it('leaves at once while it waits for an earlier question, which goes on', async () => {
    const { ask, engine } = world()
    const hold = gate()
    engine.beforePiece = () => hold.promise
    const earlier = ask.ask(question('first'), askOptions)
    const stop = new AbortController()
    const waiting = ask.ask(question('second'), askOptions, { signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })

    hold.resolve(undefined)
    expect((await earlier).text).toBe('An answer.')
    expect(engine.generated).toHaveLength(1)
  })

  it('says which model cannot be asked in words', async () => {
    const { ask, models } = world()
    models.set('/mute', modelFolder('/mute', { tokenizer: null }))
    const asked = ask.ask(question('Q?'), { ...askOptions, modelFolder: '/mute' })
    await expect(asked).rejects.toMatchObject({
      code: 'model_unsupported',
      details: { file: '/mute/language.gguf' },
    })
  })
})
