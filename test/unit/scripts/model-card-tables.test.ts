import { expect, it } from 'vitest'
import { format } from 'prettier'
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

| suite  | measure     | reached | 95 % interval | n   | bar    |     |
| ------ | ----------- | ------- | ------------- | --- | ------ | --- |
| needle | 64 frames   | 100.0 % | 10.0–95.0     | 2   | ≥ 95 % | met |
| needle | 1024 frames | 0.0 %   | 10.0–95.0     | 2   |        |     |

<!-- end eval -->

<!-- eval: crossdepths needle -->

| depth    | 64 frames    | 1024 frames |
| -------- | ------------ | ----------- |
| 0–10 %   | 100.0 % of 1 |             |
| 90–100 % |              | 0.0 % of 1  |

<!-- end eval -->

<!-- eval: reading -->

| suite  | frames | videos | frames/s once decoded | bar  |     |
| ------ | ------ | ------ | --------------------- | ---- | --- |
| needle | 64     | 3      | 41.3                  | ≥ 40 | met |

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
