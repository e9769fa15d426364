import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonLines, runInProcess, type CliResult, type JsonLine } from '../helpers/cli'
import { ffmpeg, makeNumberedVideo, temporaryFolder } from '../helpers/make-media'

/** One thread: more only spin on a machine that runs other tests at the same time. */
const QUICK = ['--threads', '1', '--max-tokens', '8']
const QUESTION = 'What color is the background?'
const PICTURE_TOKENS = 25

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
afterAll(folder.remove)

beforeAll(async () => {
  const blue = sharp({ create: { width: 90, height: 60, channels: 3, background: '#2040c0' } })
  await blue.png().toFile(at('blue.png'))
  // Stored lying, shown standing.
  await blue.jpeg().withMetadata({ orientation: 6 }).toFile(at('turned.jpg'))
  await sharp({ create: { width: 400, height: 200, channels: 3, background: '#2040c0' } })
    .png()
    .toFile(at('large.png'))
  makeNumberedVideo(at('film.mp4'), { frames: 100, width: 64, height: 48, rate: 25 })
  makeNumberedVideo(at('short.mp4'), { frames: 30, width: 64, height: 48, rate: 15 })
  ffmpeg(['-i', at('film.mp4'), '-vf', 'fps=10', '-t', '2', at('moving.gif')])
  mkdirSync(at('mixed'))
  await blue.png().toFile(at('mixed/2.png'))
  await blue.png().toFile(at('mixed/10.png'))
  makeNumberedVideo(at('mixed/1.mp4'), { frames: 30, width: 64, height: 48, rate: 15 })
  mkdirSync(at('nothing'))
  writeFileSync(at('nothing/notes.txt'), 'no picture')
})

async function ask(...args: string[]): Promise<CliResult> {
  return runInProcess(['ask', ...args, ...QUICK], { cwd: folder.path })
}

const count = z.int().min(0)
const progressLine = z.strictObject({
  type: z.literal('progress'),
  stage: z.enum(['decode', 'encode', 'prefill']),
  done: count,
  total: count,
})
const tokenLine = z.strictObject({ type: z.literal('token'), text: z.string().min(1) })
const seconds = z.number().min(0)
const answerLine = z.strictObject({
  type: z.literal('answer'),
  text: z.string(),
  citations: z.array(z.strictObject({ media: count, startSeconds: seconds, endSeconds: seconds })),
  usage: z.strictObject({
    frames: count,
    promptTokens: count,
    answerTokens: count,
    prefillSeconds: seconds,
    firstTokenSeconds: seconds,
    snapshot: z.enum(['hit', 'miss', 'none']),
  }),
})

interface Answered {
  readonly progress: readonly z.infer<typeof progressLine>[]
  readonly text: string
  readonly usage: z.infer<typeof answerLine>['usage']
}

/** Checks every line of an answered question: progress, then tokens, then the answer that they make together. */
function answered(result: CliResult): Answered {
  expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' })
  const lines = jsonLines(result)
  const types = lines.map(({ type }) => type)
  const firstToken = types.indexOf('token')
  expect(types.slice(firstToken, -1).every((type) => type === 'token')).toBe(true)
  const progress = lines.slice(0, firstToken).map((line) => progressLine.parse(line))
  const tokens = lines.slice(firstToken, -1).map((line) => tokenLine.parse(line).text)
  const { text, usage } = answerLine.parse(lines.at(-1))
  expect(tokens.join('')).toBe(text)
  return { progress, text, usage }
}

/** Progress of one stage only grows, and reaches its total once, in its last line. Undefined when there is none. */
function totalOf({ progress }: Answered, stage: string): number | undefined {
  const steps = progress.filter((line) => line.stage === stage)
  if (steps.length === 0) return undefined
  const done = steps.map((line) => line.done)
  expect(done).toEqual([...new Set(done)].sort((a, b) => a - b))
  expect(steps.at(-1)?.done).toBe(steps[0]?.total)
  expect(new Set(steps.map(({ total }) => total)).size).toBe(1)
  return steps[0]?.total
}

describe('ask --json', () => {
  it.for<[string, string[], { frames: number; pictures: number }]>([
    ['a video, one frame a second', ['film.mp4'], { frames: 4, pictures: 4 }],
    ['a video, thinned to two frames', ['film.mp4', '--frames', '2'], { frames: 2, pictures: 2 }],
    ['a video, two frames a second', ['film.mp4', '--every', '0.5'], { frames: 9, pictures: 9 }],
    ['part of a video', ['film.mp4', '--from', '0:01', '--to', '2.9'], { frames: 2, pictures: 2 }],
    ['an animated picture', ['moving.gif'], { frames: 2, pictures: 2 }],
    ['two videos', ['short.mp4', 'film.mp4'], { frames: 6, pictures: 6 }],
    ['a picture', ['blue.png'], { frames: 0, pictures: 1 }],
    ['two photographs, one turned by EXIF', ['turned.jpg', 'blue.png'], { frames: 0, pictures: 2 }],
    ['a picture with its tiles', ['large.png', '--tiles'], { frames: 0, pictures: 7 }],
    ['a folder with pictures and a video', ['mixed'], { frames: 2, pictures: 4 }],
  ])('reads %s', async ([, args, expected]) => {
    const [media = '', ...rest] = args
    const others = rest.filter((word) => /\.\w{3}$/u.test(word))
    const options = rest.filter((word) => !others.includes(word))

    const answer = answered(await ask(media, ...others, QUESTION, '--json', ...options))

    expect(answer.usage).toMatchObject({ frames: expected.frames, snapshot: 'miss' })
    expect(totalOf(answer, 'decode')).toBe(expected.pictures)
    expect(totalOf(answer, 'encode')).toBe(expected.pictures)
    expect(totalOf(answer, 'prefill')).toBe(answer.usage.promptTokens)
    expect(answer.usage.promptTokens).toBeGreaterThan(expected.pictures * PICTURE_TOKENS)
    expect(answer.usage.answerTokens).toBeGreaterThan(0)
  })

  it('answers a question about nothing without decoding anything', async () => {
    const answer = answered(await ask('What objects are there?', '--json'))

    expect(answer.usage).toMatchObject({ frames: 0, snapshot: 'none' })
    expect(totalOf(answer, 'decode')).toBeUndefined()
    expect(totalOf(answer, 'prefill')).toBe(answer.usage.promptTokens)
  })

  it('generates no more than --max-tokens', async () => {
    const result = await runInProcess(['ask', QUESTION, '--json', '--max-tokens', '2', '--threads', '1'])
    expect(answered(result).usage.answerTokens).toBe(2)
  })

  it('draws the same words again from the same seed', async () => {
    const drawn = ['--json', '--temperature', '3', '--seed', '7']
    const first = answered(await ask('blue.png', QUESTION, ...drawn))
    const second = answered(await ask('blue.png', QUESTION, ...drawn))
    expect(second.text).toBe(first.text)
  })

  it('refuses what does not fit, and says what would', async () => {
    const result = await ask('film.mp4', QUESTION, '--context', '128', '--json')

    expect(result.code).toBe(1)
    expect(jsonLines(result)).toMatchObject([
      { type: 'error', code: 'request_too_long', remedy: 'Use at most 3 frames (one every 1.4 s).' },
    ])
    const fitting = await ask('film.mp4', QUESTION, '--context', '128', '--json', '--frames', '2')
    expect(answered(fitting).usage.frames).toBe(2)
  })
})

describe('ask for people', () => {
  it('prints the answer and nothing else in a pipe', async () => {
    const { code, out, err } = await ask('blue.png', QUESTION)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    // What it says is the model's business.
    expect(out).toMatch(/^\S[^\n]*\n$/u)
  })

  it('draws progress on a terminal, and takes it away before the answer', async () => {
    const terminal = { cwd: folder.path, isTerminal: true }
    const { out, err } = await runInProcess(['ask', 'film.mp4', QUESTION, ...QUICK], terminal)

    expect(out).toMatch(/^\S[^\n]*\n$/u)
    expect(err).toContain('Decoding 4 of 4 pictures')
    expect(err).toContain('Looking at 4 of 4 pictures')
    expect(err).toMatch(/Reading (\d+) of \1 tokens/u)
    expect(err.split('\r').at(-1)).toBe('\u001b[K')
  })
})

describe('ask with names that shells and programs stumble over', () => {
  it.for([
    './-begins with a dash.mp4',
    'spaces and  two.mp4',
    `it's "quoted" \\ $HOME %d.mp4`,
    'new\nline.mp4',
    '🎬 Überblick 映画.mp4',
    'concat:short.mp4',
    'http:film.mp4',
  ])('reads %j', async (name) => {
    makeNumberedVideo(join(folder.path, name), { frames: 30, width: 64, height: 48, rate: 15 })
    expect(answered(await ask(name, QUESTION, '--json')).usage.frames).toBe(2)
  })
})

describe('ask with media that cannot be read', () => {
  const error = (line: JsonLine | undefined) => ({ type: line?.type, code: line?.['code'] })

  it.for<[string, string, () => void]>([
    ['missing.mp4', 'media_not_found', () => undefined],
    [
      'empty.mp4',
      'media_empty',
      () => {
        writeFileSync(at('empty.mp4'), '')
      },
    ],
    [
      'text.png',
      'media_unsupported',
      () => {
        writeFileSync(at('text.png'), 'This is no picture.\n')
      },
    ],
    ['nothing', 'folder_empty', () => undefined],
    [
      'cut.mp4',
      'media_damaged',
      () => {
        makeNumberedVideo(at('cut.mp4'), { frames: 60 })
        truncateSync(at('cut.mp4'), 2000)
      },
    ],
    ['pipe.mp4', 'media_unsupported', () => execFileSync('mkfifo', [at('pipe.mp4')])],
  ])('%s ends in %s', async ([name, code, make]) => {
    make()

    const json = await ask(name, QUESTION, '--json')
    expect(json.code).toBe(1)
    expect(error(jsonLines(json).at(-1))).toEqual({ type: 'error', code })

    const text = await ask(name, QUESTION)
    expect({ code: text.code, out: text.out }).toEqual({ code: 1, out: '' })
    // Two lines: what happened to which file, and what to do.
    expect(text.err).toMatch(/^longlens: [^\n]+\n[^\n]+\n$/u)
    expect(text.err).toContain(at(name))
    rmSync(at(name), { force: true, recursive: true })
    if (name === 'nothing') mkdirSync(at('nothing'))
  })

  it('a file that may not be read ends in media_unreadable', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may read every file')
    makeNumberedVideo(at('secret.mp4'), { frames: 5 })
    execFileSync('chmod', ['000', at('secret.mp4')])
    expect(error(jsonLines(await ask('secret.mp4', QUESTION, '--json')).at(-1)).code).toBe('media_unreadable')
  })

  it('a video that vanishes while it is read is said to be missing', async () => {
    makeNumberedVideo(at('vanishing.mp4'), { frames: 900, width: 320, height: 240 })
    let reading = false
    const args = [
      'ask',
      'vanishing.mp4',
      QUESTION,
      '--json',
      '--every',
      '0.1',
      '--frames',
      '24',
      '--threads',
      '1',
    ]
    const result = await runInProcess(args, {
      cwd: folder.path,
      onOutput: () => {
        if (!reading) rmSync(at('vanishing.mp4'))
        reading = true
      },
    })
    expect(result.code).toBe(1)
    expect(error(jsonLines(result).at(-1))).toEqual({ type: 'error', code: 'media_not_found' })
  })
})

describe('ask called wrongly', () => {
  it.for<[string, string[], string]>([
    ['nothing', [], "Missing required argument 'media-and-question'."],
    ['an empty question', ['blue.png', ' '], 'The question is empty.'],
    ['no question', ['film.mp4', 'blue.png'], '"blue.png" is a file, and there is no question after it.'],
    [
      'no question and no such file',
      ['gone.mp4'],
      '"gone.mp4" is a file, and there is no question after it.',
    ],
    ['an unknown option', [QUESTION, '--quick'], "Unknown option '--quick'."],
    [
      'no frames',
      [QUESTION, '--frames', '0'],
      "Option '--frames <n>' argument '0' is invalid. Expected a whole number from 1.",
    ],
    [
      'an odd number',
      [QUESTION, '--every', '0x10'],
      "Option '--every <seconds>' argument '0x10' is invalid. Expected a number above 0.",
    ],
    [
      'an odd time',
      [QUESTION, '--from', '1:99'],
      "Option '--from <time>' argument '1:99' is invalid. Expected seconds, or a time such as 1:30 or 0:01:30.",
    ],
    [
      'a range that ends first',
      [QUESTION, '--from', '5', '--to', '0:03'],
      '--to 00:03 is not later than --from 00:05.',
    ],
    ['an option without its value', [QUESTION, '--model'], "Option '--model <folder>' argument missing."],
  ])('%s is refused in a sentence, with code 2', async ([, args, message]) => {
    const text = await runInProcess(['ask', ...args], { cwd: folder.path })
    expect({ code: text.code, out: text.out }).toEqual({ code: 2, out: '' })
    expect(text.err.split('\n')[0]).toBe(`longlens: ${message}`)

    const json = await runInProcess(['ask', '--json', ...args], { cwd: folder.path })
    expect({ code: json.code, err: json.err }).toEqual({ code: 2, err: '' })
    expect(jsonLines(json)).toMatchObject([{ type: 'error', code: 'invalid_input', message }])
  })

  it('a range beyond the end of the video is refused, naming its length', async () => {
    const result = await ask('film.mp4', QUESTION, '--from', '1:00')
    expect(result).toMatchObject({ code: 1, out: '' })
    expect(result.err).toContain(
      'the part from 01:00 on lies beyond the end of "film.mp4", which is 00:04 long.',
    )
  })

  it('a model folder without a model is told apart from wrong use', async () => {
    const result = await ask(QUESTION, '--model', 'nothing', '--json')
    expect(result.code).toBe(1)
    expect(jsonLines(result)).toMatchObject([{ type: 'error', code: 'model_not_found' }])
  })
})

describe('ask elsewhere', () => {
  it('finds its own files whatever LONGLENS_HOME says', async () => {
    for (const home of [undefined, '', 'relative/home', '/dev/null/nowhere']) {
      const result = await runInProcess(['ask', 'blue.png', QUESTION, ...QUICK], {
        cwd: folder.path,
        env: { ...process.env, LONGLENS_HOME: home },
      })
      expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' })
    }
  })
})
