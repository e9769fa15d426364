import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonLines, runInProcess, type JsonLine } from '../helpers/cli'
import { makeNumberedVideo, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
afterAll(folder.remove)

const NOT_IN_ANY_ANSWER = 'xyzzy'

function writeQuestions(questions: readonly object[]): void {
  writeFileSync(
    join(folder.path, 'questions.jsonl'),
    questions.map((question) => JSON.stringify(question)).join('\n'),
  )
}

beforeAll(async () => {
  await sharp({ create: { width: 90, height: 60, channels: 3, background: '#2040c0' } })
    .png()
    .toFile(join(folder.path, 'blue.png'))
  makeNumberedVideo(join(folder.path, 'film.mp4'), { frames: 30, width: 64, height: 48, rate: 15 })
})

const ask = 'What color is the background?'

/** What the model says to the question, so that it can be made the accepted answer. */
async function answerTo(media: string): Promise<string> {
  const { out } = await runInProcess(['ask', media, ask], { cwd: folder.path })
  return out.trim()
}

function summaryOf(lines: readonly JsonLine[]): JsonLine {
  const summary = lines.find(({ type }) => type === 'summary')
  if (summary === undefined) throw new Error('expected a summary')
  return summary
}

describe('eval of a folder', () => {
  it('prints every question as JSON, then what was counted, and reads each medium once', async () => {
    writeQuestions([
      { media: 'film.mp4', question: ask, answers: [NOT_IN_ANY_ANSWER], task: 'color', id: 'film' },
      { media: 'blue.png', question: ask, answers: [await answerTo('blue.png')], task: 'color', id: 'blue' },
      { media: ['film.mp4'], question: 'How many scenes?', answers: [NOT_IN_ANY_ANSWER], id: 'again' },
    ])

    const { code, out, err } = await runInProcess(['eval', '.', '--json'], { cwd: folder.path })

    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = jsonLines({ out })
    expect(lines.slice(0, -1)).toMatchObject([
      { type: 'question', id: 'film', right: false, frames: 2, media: ['film.mp4'] },
      { type: 'question', id: 'again', right: false, frames: 2, readSeconds: 0 },
      {
        type: 'question',
        id: 'blue',
        right: true,
        frames: 0,
        expected: expect.stringMatching(/./) as string,
      },
    ])
    expect(lines.at(-1)).toMatchObject({
      type: 'summary',
      complete: true,
      what: '.',
      command: 'longlens eval . --seed 1',
      model: { name: 'Longlens-Tiny' },
      suites: [
        {
          suite: 'folder',
          questions: 3,
          failed: 0,
          measures: [{ name: 'right', value: 1 / 3, total: 3 }],
          byTask: [
            { name: 'color', right: 1, total: 2 },
            { name: 'question', right: 0, total: 1 },
          ],
        },
      ],
    })
  })

  it('prints tables for people, and the mistakes if they are wanted', async () => {
    writeQuestions([{ media: 'blue.png', question: ask, answers: [NOT_IN_ANY_ANSWER] }])

    const { code, out } = await runInProcess(['eval', '.', '--mistakes'], { cwd: folder.path })

    expect(code).toBe(0)
    expect(out).toContain(`line-1 (question): ${ask}\n    expected "${NOT_IN_ANY_ANSWER}", got "`)
    expect(out).toMatch(/^ {2}right: 0\.0 % \(0\.0–79\.3, n = 1\)$/mu)
    expect(out).toMatch(/^ {4}question {5}0\.0 % {2}0\.0–79\.3 {5}0 of 1$/mu)
  })

  it('counts what cannot be read as wrong, goes on, and ends with 1', async () => {
    writeFileSync(join(folder.path, 'text.png'), 'This is no picture.\n')
    writeQuestions([
      { media: 'text.png', question: ask, answers: ['Red.'] },
      { media: 'blue.png', question: ask, answers: [NOT_IN_ANY_ANSWER] },
    ])

    const { code, out } = await runInProcess(['eval', '.', '--json'], { cwd: folder.path })

    expect(code).toBe(1)
    const lines = jsonLines({ out })
    expect(lines[0]).toMatchObject({
      right: false,
      error: expect.stringMatching(/^media_unsupported: /) as string,
    })
    expect(lines[1]).toMatchObject({ id: 'line-2', right: false })
    expect(summaryOf(lines)).toMatchObject({ complete: true, suites: [{ questions: 2, failed: 1 }] })
  })

  it('that is stopped prints what was counted until then and ends with 130', async () => {
    writeQuestions([
      { media: 'blue.png', question: ask, answers: [NOT_IN_ANY_ANSWER] },
      { media: 'film.mp4', question: ask, answers: [NOT_IN_ANY_ANSWER] },
    ])
    const stop = new AbortController()

    const { code, out } = await runInProcess(['eval', '.', '--json'], {
      cwd: folder.path,
      signal: stop.signal,
      onOutput: (text) => {
        if (text.includes('"question"')) stop.abort()
      },
    })

    expect(code).toBe(130)
    const lines = jsonLines({ out })
    expect(lines.map(({ type }) => type)).toEqual(['question', 'summary', 'error'])
    expect(lines[1]).toMatchObject({ complete: false, suites: [{ questions: 1 }] })
    expect(lines[2]).toMatchObject({ code: 'cancelled' })
  })
})

describe('eval of a drawn suite', () => {
  /** Drawn files go to a folder of the test's own, so that it can be seen whether they are gone. */
  async function evaluate(...args: string[]) {
    const scratch = join(folder.path, 'tmp')
    mkdirSync(scratch, { recursive: true })
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = scratch
    try {
      const result = await runInProcess(['eval', ...args, '--json'], { cwd: folder.path })
      expect(readdirSync(scratch).filter((name) => name.startsWith('longlens-eval-'))).toEqual([])
      return { ...result, lines: jsonLines(result) }
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  }

  it('draws, asks, counts and leaves nothing behind', async () => {
    const { code, err, lines } = await evaluate('single', '--count', '1', '--seed', '5')

    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(lines.length).toBeGreaterThan(3)
    expect(lines[0]).toMatchObject({ suite: 'single', id: 'single-0-0', media: ['single-0.png'] })
    const { suites } = summaryOf(lines)
    expect(suites).toMatchObject([
      {
        suite: 'single',
        questions: lines.length - 1,
        measures: [{ name: 'mean over tasks', bar: { value: 0.9 } }, {}],
      },
    ])
  })

  it('shows every frame of a drawn video, and says how fast they are read', async () => {
    const { code, lines } = await evaluate('needle', '--count', '1', '--frames', '16')

    expect(code).toBe(0)
    expect(lines[0]).toMatchObject({ task: 'needle', length: 16, frames: 16 })
    expect(summaryOf(lines)['suites']).toMatchObject([
      {
        byDepth: [{ name: '0–10 %', total: 1 }],
        reading: [{ length: 16, videos: 1, frames: 16, framesPerSecond: expect.any(Number) as number }],
      },
    ])
  })

  it('asks about real media of a folder, of which some objects are really there', async () => {
    mkdirSync(join(folder.path, 'photos'), { recursive: true })
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#2040c0' } })
      .jpeg()
      .toFile(join(folder.path, 'photos', 'sea.jpg'))
    writeFileSync(join(folder.path, 'objects.json'), '{"sea.jpg": ["boat"]}')

    const args = ['--count', '1', '--media', 'photos', '--objects', 'objects.json']
    const { code, lines } = await evaluate('real', ...args)

    expect(code).toBe(0)
    const asked = lines.filter(({ type }) => type === 'question')
    expect(asked.map((line) => [line['media'], line['task'], line['expected']])).toEqual([
      ...Array.from({ length: 3 }, () => [['sea.jpg'], 'what-is-there', 'Nothing but boat.']),
      [['sea.jpg'], 'presence', 'No.'],
      ...Array.from({ length: 2 }, () => [['photograph-0.jpg'], 'what-is-there', 'Nothing that I know.']),
      [['photograph-0.jpg'], 'presence', 'No.'],
    ])
  })

  it.for([
    [['--media', 'nowhere'], 'media_not_found'],
    [['--media', 'tmp'], 'folder_empty'],
    [['--media', 'photos', '--objects', 'blue.png'], 'invalid_input'],
    [['--media', 'photos', '--objects', 'none.json'], 'media_not_found'],
  ] as const)('of real media with %j ends in %s', async ([args, code]) => {
    const result = await evaluate('real', ...args)
    expect(result.code).toBe(1)
    expect(result.lines).toMatchObject([{ type: 'error', code }])
  })
})

describe('eval of something else', () => {
  it('is wrong use when it is neither a suite nor a folder', async () => {
    const { code, err } = await runInProcess(['eval', 'sinlge'], { cwd: folder.path })
    expect({ code, err }).toEqual({
      code: 2,
      err:
        'longlens: "sinlge" is neither a suite nor a folder.\n' +
        'Suites are single, video, tiles, multi, needle, unknown, real, dialogue and all.\n',
    })
  })

  it('names the line of a bad question', async () => {
    writeFileSync(join(folder.path, 'questions.jsonl'), '\n{"media": 1}\n')
    const { code, out, err } = await runInProcess(['eval', '.'], { cwd: folder.path })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('questions.jsonl, line 2: ')
  })
})
