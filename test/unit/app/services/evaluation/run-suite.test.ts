import { expect, it } from 'vitest'
import { AppError } from '../../../../../app/contract/errors'
import type { AskAnswer, AskOptions, AskTurn } from '../../../../../app/services/ask/ask-types'
import type {
  EvaluationCase,
  EvaluationGroup,
  EvaluationSuite,
  QuestionResult,
} from '../../../../../app/services/evaluation/evaluation-types'
import { runSuite } from '../../../../../app/services/evaluation/run-suite'

function answer(text: string, usage: Partial<AskAnswer['usage']> = {}): AskAnswer {
  return {
    text,
    citations: [],
    usage: {
      frames: 0,
      promptTokens: 10,
      answerTokens: 1,
      prefillSeconds: 2,
      firstTokenSeconds: 3,
      snapshot: 'miss',
      ...usage,
    },
    reason: 'end',
  }
}

function caseOf(
  id: string,
  questions: readonly string[],
  changes: Partial<EvaluationCase> = {},
): EvaluationCase {
  return {
    id,
    media: [{ path: `/media/${id}.png`, range: null, tiles: false }],
    turns: questions.map((question) => ({
      task: 'count',
      question,
      expected: 'Two.',
      isRight: (reply) => reply === 'Two.',
    })),
    length: null,
    depth: null,
    maxFrames: null,
    ...changes,
  }
}

function suiteOf(groups: readonly EvaluationGroup[]): EvaluationSuite {
  return {
    name: 'single',
    costs: groups.map(() => 2),
    draw: (index) => Promise.resolve(groups[index] ?? { cases: [] }),
  }
}

interface Asked {
  readonly turns: readonly AskTurn[]
  readonly options: AskOptions
}

/** Runs a suite against an ask service that does what `reply` does. */
async function run(
  suite: EvaluationSuite,
  reply: (asked: Asked) => AskAnswer,
  signal: AbortSignal = new AbortController().signal,
) {
  const asked: Asked[] = []
  const results: QuestionResult[] = []
  const progress: number[] = []
  const timed: string[] = []
  const ended = await runSuite({
    suite,
    ask: {
      ask: (turns, options) => {
        const one = { turns, options }
        asked.push(one)
        return new Promise((resolve) => {
          resolve(reply(one))
        })
      },
    },
    modelFolder: '/model',
    signal,
    onResult: (result) => results.push(result),
    onProgress: (done) => progress.push(done),
    timeReading: ({ media }) => {
      timed.push(media.path)
      return Promise.resolve()
    },
  }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { asked, results, progress, timed, ended }
}

it('asks greedily with the settings of the model, and tells what came of it', async () => {
  const suite = suiteOf([{ cases: [caseOf('a', ['How many?'], { maxFrames: 64, length: 64, depth: 0.5 })] }])
  const { asked, results, progress } = await run(suite, () => answer('Two.', { frames: 64 }))

  expect(asked[0]?.options).toEqual({
    modelFolder: '/model',
    maxFrames: 64,
    intervalSeconds: null,
    maxTokens: null,
    contextTokens: null,
    threads: null,
    temperature: 0,
    seed: null,
    continueReply: '',
  })
  expect(results).toEqual([
    {
      suite: 'single',
      id: 'a',
      turn: 0,
      turns: 1,
      task: 'count',
      question: 'How many?',
      expected: 'Two.',
      answer: 'Two.',
      right: true,
      length: 64,
      depth: 0.5,
      media: ['a.png'],
      frames: 64,
      promptTokens: 10,
      readSeconds: 2,
      seconds: expect.any(Number) as number,
    },
  ])
  expect(progress).toEqual([2, 2])
})

it('goes on with the replies that the model gave, right or wrong, and shows media once', async () => {
  const suite = suiteOf([{ cases: [caseOf('a', ['What?', 'Where?', 'Which?'])] }])
  const replies = ['Three.', 'Two.', 'Two.']
  const { asked, results } = await run(suite, ({ turns }) => answer(replies[turns.length - 1] ?? ''))

  expect(asked[2]?.turns).toMatchObject([
    { question: 'What?', media: [{ path: '/media/a.png' }], reply: 'Three.' },
    { question: 'Where?', media: [], reply: 'Two.' },
    { question: 'Which?', media: [] },
  ])
  expect(results.map(({ turn, turns, right }) => [turn, turns, right])).toEqual([
    [0, 3, false],
    [1, 3, true],
    [2, 3, true],
  ])
})

it('counts a damaged file as wrong and goes on, without the other turns about it', async () => {
  const suite = suiteOf([{ cases: [caseOf('bad', ['What?', 'Where?']), caseOf('good', ['What?'])] }])
  const { results, ended } = await run(suite, ({ turns }) => {
    if (turns[0]?.media[0]?.path === '/media/bad.png') throw new AppError('media_damaged', 'it stops')
    return answer('Two.')
  })

  expect(ended).toBeNull()
  expect(results.map(({ id, right, error }) => [id, right, error])).toEqual([
    ['bad', false, 'media_damaged: it stops'],
    ['good', true, undefined],
  ])
})

it('ends with any other failure, and removes what was drawn', async () => {
  const removed: string[] = []
  const group = (id: string): EvaluationGroup => ({
    cases: [caseOf(id, ['What?'])],
    remove: () => {
      removed.push(id)
      return Promise.resolve()
    },
  })
  const { results, ended } = await run(suiteOf([group('a'), group('b'), group('c')]), ({ turns }) => {
    if (turns[0]?.media[0]?.path === '/media/b.png') throw new AppError('engine_crashed', 'gone')
    return answer('Two.')
  })

  expect(ended).toMatchObject({ code: 'engine_crashed' })
  expect(results).toHaveLength(1)
  expect(removed).toEqual(['a', 'b'])
})

it('does not ask on once it is stopped', async () => {
  const stop = new AbortController()
  const suite = suiteOf([{ cases: [caseOf('a', ['What?'])] }, { cases: [caseOf('b', ['What?'])] }])
  const { results, ended } = await run(
    suite,
    () => {
      stop.abort()
      return answer('Two.')
    },
    stop.signal,
  )

  expect(results.map(({ id }) => id)).toEqual(['a'])
  expect(ended).toMatchObject({ name: 'AbortError' })
})

it('times the reading of a video after its questions', async () => {
  const media = { path: '/media/a.mp4', range: null, tiles: false }
  const { timed } = await run(
    suiteOf([{ cases: [caseOf('a', ['What?'])], timed: { media, frames: 64 } }]),
    () => answer('Two.'),
  )
  expect(timed).toEqual(['/media/a.mp4'])
})
