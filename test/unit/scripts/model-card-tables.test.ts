import { expect, it } from 'vitest'
import { format } from 'prettier'
import type {
  QuestionResult,
  ReadingSpeed,
  SuiteName,
} from '../../../app/services/evaluation/evaluation-types'
import { summarize } from '../../../app/services/evaluation/summarize'
import { fillCard, summaryOf } from '../../../scripts/lib/model-card-tables.mjs'

const row = (name: string, right: number, total: number) => ({
  name,
  right,
  total,
  value: right / total,
  low: 0.1,
  high: 0.95,
})

const suite = {
  suite: 'needle',
  questions: 4,
  failed: 0,
  measures: [
    { ...row('64 frames', 2, 2), bar: { value: 0.95, kind: 'min' as const, met: true } },
    { ...row('1024 frames', 0, 2), value: 0, bar: null },
  ],
  reading: [{ length: 64, videos: 3, framesPerSecond: 41.26, bar: { value: 40, met: true } }],
  byTask: [row('needle', 2, 4)],
  byLength: [row('64 frames', 2, 2), row('1024 frames', 0, 2)],
  byDepth: [row('0–10 %', 1, 2)],
  byLengthAndTask: [],
  byLengthAndDepth: [row('64 frames, 0–10 %', 1, 1), row('1024 frames, 90–100 %', 0, 1)],
}

const summary = {
  complete: true,
  command: 'longlens eval needle --seed 7 --count 20',
  model: { name: 'Longlens-Tiny', sizeBytes: 19_234_567, sha256: 'abc' },
  version: '0.1.0',
  processor: 'A processor',
  threads: 2,
  suites: [suite],
}

it('fills the sections of the card and leaves the rest as it is', async () => {
  const card = [
    'Before.\n',
    '<!-- eval: measures -->\nold\n<!-- end eval -->\n',
    '<!-- eval: crossdepths needle -->\n\n<!-- end eval -->\n',
    '<!-- eval: reading -->\n<!-- end eval -->\n',
    '<!-- eval: source -->\n<!-- end eval -->\n\nAfter.\n',
  ].join('\n')

  const filled = fillCard(card, [summary])

  expect(filled).toBe(`Before.

<!-- eval: measures -->

| suite  | measure     | reached | 95 % interval |   n |    bar | outcome |
| ------ | ----------- | ------: | ------------: | --: | -----: | ------- |
| needle | 64 frames   | 100.0 % |     10.0–95.0 |   2 | ≥ 95 % | met     |
| needle | 1024 frames |   0.0 % |     10.0–95.0 |   2 |        |         |

<!-- end eval -->

<!-- eval: crossdepths needle -->

| depth    |    64 frames | 1024 frames |
| -------- | -----------: | ----------: |
| 0–10 %   | 100.0 % of 1 |             |
| 90–100 % |              |  0.0 % of 1 |

<!-- end eval -->

<!-- eval: reading -->

| suite  | frames | videos | frames/s once decoded |  bar | outcome |
| ------ | -----: | -----: | --------------------: | ---: | ------- |
| needle |     64 |      3 |                  41.3 | ≥ 40 | met     |

<!-- end eval -->

<!-- eval: source -->

Longlens-Tiny, 19.2 MB, SHA-256 \`abc\`, Longlens 0.1.0,
A processor (2 threads):

\`\`\`
longlens eval needle --seed 7 --count 20 --json
\`\`\`

<!-- end eval -->

After.
`)
  // Filled again it is the same, and the formatter has nothing to change.
  expect(fillCard(filled, [summary])).toBe(filled)
  expect(await format(filled, { parser: 'markdown' })).toBe(filled)
})

it('refuses results that do not belong together', () => {
  const other = { ...summary, model: { ...summary.model, sha256: 'def' } }
  expect(() => fillCard('', [summary, other])).toThrow('expected results of one model, got 2')
  expect(() => fillCard('', [summary, summary])).toThrow('the results hold the suite "needle" twice')
})

it('refuses a card that wants what was not evaluated', () => {
  const wants = (section: string) => () => fillCard(`<!-- eval: ${section} -->\n<!-- end eval -->`, [summary])
  expect(wants('tasks video')).toThrow('the card wants the suite "video", which no results hold')
  expect(wants('speed needle')).toThrow('the card wants "speed", which is no kind of table')
})

it('takes the last summary of a file and refuses one that was broken off', () => {
  const line = (complete: boolean) => JSON.stringify({ type: 'summary', ...summary, complete })
  expect(summaryOf(`{"type":"question"}\n${line(true)}\n`, 'a.jsonl')).toMatchObject({
    command: 'longlens eval needle --seed 7 --count 20',
  })
  expect(() => summaryOf(line(false), 'a.jsonl')).toThrow('a.jsonl is of an evaluation that was broken off')
  expect(() => summaryOf('{"type":"question"}', 'a.jsonl')).toThrow('a.jsonl holds no summary')
})

/** One right and one wrong answer of each task, at each length. */
function answers(
  suite: SuiteName,
  tasks: readonly string[],
  lengths: readonly (number | null)[] = [null],
): QuestionResult[] {
  return lengths.flatMap((length) =>
    tasks.flatMap((task) =>
      [true, false].map((right) => ({
        suite,
        id: `${suite}-${task}-${length ?? 0}-${right}`,
        turn: 0,
        turns: 1,
        task,
        question: 'Is there a dog?',
        expected: right ? 'Yes.' : 'No.',
        answer: 'Yes.',
        right,
        length,
        depth: suite === 'needle' ? 0.55 : null,
        media: ['a.png'],
        frames: length ?? 0,
        promptTokens: 100,
        seconds: 1,
        readSeconds: 1,
      })),
    ),
  )
}

function reading(length: number, framesPerSecond: number): ReadingSpeed {
  return {
    length,
    videos: 3,
    frames: 3 * length,
    seconds: 1,
    framesPerSecond,
    bar: { value: 40, met: framesPerSecond >= 40 },
  }
}

/** The file of `longlens eval all --json`, as far as the card is concerned. */
function everySuite(): ReturnType<typeof summaryOf> {
  const suites = [
    summarize('single', answers('single', ['presence', 'read'])),
    summarize('video', answers('video', ['when', 'count'], [16, 64, 256]), [reading(64, 52.04)]),
    summarize('tiles', answers('tiles', ['tile-place', 'tile-list'], [4, 9])),
    summarize('multi', answers('multi', ['which-picture'], [2, 3])),
    summarize('needle', answers('needle', ['needle'], [64, 256, 1024]), [reading(1024, 38.96)]),
    summarize('unknown', answers('unknown', ['off-topic'])),
    summarize('real', [
      ...answers('real', ['what-is-there']),
      ...answers('real', ['presence']).map((result) => ({ ...result, error: 'The file is damaged' })),
    ]),
    summarize('dialogue', answers('dialogue', ['place', 'color'])),
  ]
  const file = JSON.stringify({ type: 'summary', ...summary, command: 'longlens eval all --seed 7', suites })
  return summaryOf(file, 'all.jsonl')
}

const sections = (...kinds: string[]) =>
  kinds.map((kind) => `<!-- eval: ${kind} -->\n<!-- end eval -->\n`).join('\n')

it('fills a short card with every bar from one evaluation of all suites', () => {
  expect(fillCard(sections('bars'), [everySuite()])).toBe(`<!-- eval: bars -->

| asked about                                            | reached | 95 % interval |   n |    bar | outcome |
| ------------------------------------------------------ | ------: | ------------: | --: | -----: | ------- |
| single pictures, mean over tasks                       |  50.0 % |     21.3–78.7 |   4 | ≥ 90 % | missed  |
| is it there? yes and no counted alike                  |  50.0 % |     10.3–89.7 |   2 | ≥ 95 % | missed  |
| reading on-screen text                                 |  50.0 % |      9.5–90.5 |   2 | ≥ 85 % | missed  |
| videos of 64 frames, mean over tasks                   |  50.0 % |     21.3–78.7 |   4 | ≥ 75 % | missed  |
| large pictures: find a thing, name row and column      |  50.0 % |     15.0–85.0 |   4 | ≥ 80 % | missed  |
| one line of text in 64 frames: words and time right    |  50.0 % |      9.5–90.5 |   2 | ≥ 95 % | missed  |
| one line of text in 256 frames: words and time right   |  50.0 % |      9.5–90.5 |   2 | ≥ 90 % | missed  |
| one line of text in 1,024 frames: words and time right |  50.0 % |      9.5–90.5 |   2 | ≥ 80 % | missed  |
| what it cannot know: says so                           |  50.0 % |      9.5–90.5 |   2 | ≥ 95 % | missed  |
| photographs and clips: names what is not there         |  50.0 % |      9.5–90.5 |   2 |  ≤ 5 % | missed  |
| dialogues of three turns: all right                    |  50.0 % |     15.0–85.0 |   4 | ≥ 80 % | missed  |
| frames read a second, slowest at 1,024 frames          |    39.0 |               |     |   ≥ 40 | missed  |

<!-- end eval -->
`)
})

it('fills the long card, by task, length and depth, from the same file', async () => {
  const card = sections(
    'bars',
    'measures',
    'source',
    'reading',
    'tasks single',
    'lengths video',
    'crosstasks video',
    'tasks tiles',
    'lengths tiles',
    'tasks multi',
    'lengths multi',
    'depths needle',
    'crossdepths needle',
    'tasks unknown',
    'tasks real',
    'tasks dialogue',
  )

  const filled = fillCard(card, [everySuite()])

  expect(filled).toContain(`
| depth   |   64 frames |  256 frames | 1024 frames |
| ------- | ----------: | ----------: | ----------: |
| 50–60 % | 50.0 % of 2 | 50.0 % of 2 | 50.0 % of 2 |
`)
  expect(filled).toContain('| 3 pictures | 50.0 % |')
  expect(filled).toContain(
    '```\nlonglens eval all --seed 7 --json\n```\n\n' +
      'Questions that could not be asked, because a file could not be read: 2 of 4 in real.\n',
  )
  expect(filled.match(/^\| -+ \|/gmu)).toHaveLength(15)
  expect(fillCard(filled, [everySuite()])).toBe(filled)
  expect(await format(filled, { parser: 'markdown' })).toBe(filled)
})
