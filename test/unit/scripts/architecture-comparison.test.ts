import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'prettier'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCharts } from '../../../scripts/lib/comparison-charts.mjs'
import { readComparison, readEngineResults, trainingMinutes } from '../../../scripts/lib/comparison-data.mjs'
import { fillPage } from '../../../scripts/lib/comparison-report.mjs'
import { linearTicks, logTicks } from '../../../scripts/lib/chart-axes.mjs'
import { lineChart } from '../../../scripts/lib/line-chart.mjs'
import { meanShare, wilson } from '../../../scripts/lib/shares.mjs'
import * as intervals from '../../../app/services/evaluation/intervals'

/** Made-up figures, three models apart in everything that is shown. */
const MODELS = [
  {
    architecture: 'hybrid',
    period: 3,
    offset: 1,
    width: 512,
    parameters: 7_174_128,
    right: 15,
    keys: 3,
    scans: 5,
  },
  {
    architecture: 'attention',
    period: 1,
    offset: 0,
    width: 656,
    parameters: 7_180_544,
    right: 10,
    keys: 8,
    scans: 0,
  },
  {
    architecture: 'mamba',
    period: 9,
    offset: 8,
    width: 432,
    parameters: 7_209_600,
    right: 5,
    keys: 0,
    scans: 8,
  },
]

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-comparison-'))
  for (const model of MODELS) writeModel(model)
  const share = { value: 0.8, low: 0.7, high: 0.9 }
  const suite = {
    suite: 'video',
    measures: [{ name: 'mean over tasks, 16 frames', total: 40, bar: null, ...share }],
    reading: [{ length: 16, videos: 3, framesPerSecond: 44.2 }],
  }
  const command = 'longlens eval video --model some/folder --frames 16'
  mkdirSync(join(folder, 'hybrid', 'engine'))
  writeFileSync(
    join(folder, 'hybrid', 'engine', 'video-16.jsonl'),
    `${JSON.stringify({ type: 'summary', complete: true, command, suites: [suite] })}\n`,
  )
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function writeModel(model: (typeof MODELS)[number], asked = 20): void {
  const { architecture, period, offset, width, parameters, right, keys, scans } = model
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, architecture, name), content)
  }
  mkdirSync(join(folder, architecture), { recursive: true })
  const part = (frames: number | null, tasks: Record<string, [number, number]>) => ({ frames, tasks })
  const evaluation = {
    architecture,
    parameters,
    trained_tokens: 13_500_000,
    trained_frames: 16,
    sizes: {
      num_hidden_layers: 8,
      intermediate_size: width,
      attn_layer_period: period,
      attn_layer_offset: offset,
    },
    parts: {
      1: part(1, { presence: [20, asked] }),
      256: part(256, { needle: [0, asked], when: [right, asked] }),
      16: part(16, { needle: [right, asked], when: [20, asked], rare: [1, 2] }),
      sheet: part(null, { 'tile-place': [right, asked] }),
    },
  }
  const lengths = [16, 256].map((frames) => ({
    frames,
    tokens: 30 * frames,
    tokens_per_second: 6000 - 100 * keys - frames,
    frames_per_second: 200,
    key_value_bytes: keys * frames * 30 * 1024,
    recurrent_bytes: scans * 35_840,
    peak_bytes: 50_000_000,
  }))
  const machine = { processor: 'A processor', threads: 2, load: 0.5, date: '2026-11-30' }
  write('evaluation.json', JSON.stringify(evaluation))
  write('reading.json', JSON.stringify({ machine, lengths }))
  const line = (tokens: number, loss: number) =>
    JSON.stringify({ tokens, loss, tokens_per_second: 5000, phase: 'x', tasks: {} })
  write('language.jsonl', `${line(3_000_000, 2.5)}\n${line(13_500_000, 0.31)}\n`)
}

describe('the page of the comparison', () => {
  it('has tables of models, accuracy by length and by task, and reading, in the words around them', async () => {
    const sections = ['models', 'lengths', 'tasks', 'reading', 'engine', 'source']
    const [summary] = await readEngineResults(folder)
    if (summary === undefined) throw new Error('expected a summary')
    const page = `Before.\n\n${sections.map((name) => `<!-- comparison: ${name} -->\nold\n<!-- end comparison -->\n`).join('\n')}\nAfter.\n`

    const filled = fillPage(page, await readComparison(folder), [summary])

    expect(filled).toMatch(/^Before\.\n/)
    expect(filled).toMatch(/\nAfter\.\n$/)
    for (const row of [
      '| hybrid         | 3                | 5            | 512          | 7,174,128  | 13,500,000 | 45      | 0.310     |',
      '| attention only | 8                | 0            | 656          | 7,180,544  | 13,500,000 | 45      | 0.310     |',
      '| 256 frames, longer than in training | 40  | 38 % (27–48)   | 25 % (15–38)   | 13 % (6–26)    |',
      '### Large pictures in tiles',
      '| needle | 20  | 75 % (53–89)   | 50 % (30–70)   | 25 % (11–47)   |',
      '| 256    | 7,680  | Mamba only     | 5,744    | 200      | 0               | 0.29 MB   | 50 MB |',
      '| mean over tasks, 16 frames | 40  | 80 % (70–90) | 44                      | `longlens eval video --frames 16` |',
      'Reading was measured on 2026-11-30: A processor, 2 threads, load 0.5 when it began.',
    ]) {
      expect(filled).toContain(row)
    }
    // Shortest first, and filled again it is the same; the formatter has nothing to change.
    expect(filled.indexOf('### 16 frames')).toBeLessThan(filled.indexOf('### 256 frames'))
    expect(fillPage(filled, await readComparison(folder), [summary])).toBe(filled)
    expect(await format(filled, { parser: 'markdown' })).toBe(filled)
  })

  it('is refused where models were asked differently, and where it wants what there is not', async () => {
    const models = await readComparison(folder)
    expect(() => fillPage('No sections.', models, [])).toThrow('the page has no section of the comparison')
    expect(() => fillPage('<!-- comparison: hair -->\n<!-- end comparison -->', models, [])).toThrow(
      'wants "hair"',
    )

    writeModel({ ...MODELS[2], architecture: 'mamba' } as (typeof MODELS)[number], 21)
    await expect(readComparison(folder)).rejects.toThrow('trained and asked alike')
  })
})

describe('the curves of the comparison', () => {
  it('are five files, each with a line for every model and colours for dark pages', async () => {
    const charts = makeCharts(await readComparison(folder))
    expect(charts.map(({ name }) => name)).toEqual(
      ['loss', 'accuracy', 'tasks', 'speed', 'memory'].map((name) => `architecture-${name}.svg`),
    )
    for (const { content } of charts) {
      expect(content).toContain('prefers-color-scheme: dark')
      for (const name of ['hybrid', 'attention only', 'Mamba only'])
        expect(content).toContain(`>${name}</text>`)
      expect(content).not.toMatch(/NaN|undefined|Infinity/)
    }
    // needle and when have a panel each; rare was asked too seldom.
    const panels = charts.find(({ name }) => name === 'architecture-tasks.svg')?.content ?? ''
    expect([...panels.matchAll(/<polyline/g)]).toHaveLength(6)
    expect(panels).not.toContain('>rare<')
  })

  it('are all shown on the page that the first report begins with', async () => {
    const page = readFileSync('training/comparison-page.md', 'utf8')
    const models = await readComparison(folder)
    const filled = fillPage(page, models, [])
    expect(filled).toContain('### 256 frames')
    expect(filled).toContain('It was not asked through the program in this comparison.')
    const shown = [...page.matchAll(/\(images\/([a-z-]+\.svg)\)/gu)].map(([, name]) => name)
    expect(shown.sort()).toEqual(
      makeCharts(models)
        .map(({ name }) => name)
        .sort(),
    )
  })

  it('put values where the axes say', () => {
    const plain = (ticks: number[]) => ({ ticks, label: 'x', format: String })
    const chart = lineChart({
      title: 'a < b',
      x: { scale: 'log', ...plain([1, 4, 16]) },
      y: { scale: 'linear', ...plain([0, 50, 100]) },
      series: [
        {
          name: 'one',
          points: [
            { x: 1, y: 0 },
            { x: 4, y: 50 },
            { x: 16, y: 100 },
          ],
        },
      ],
    })
    expect(chart).toContain('points="70,326 363,194 656,62"')
    expect(chart).toContain('<title>a &lt; b</title>')
  })

  it('leave out labels that would touch the next one', () => {
    const axis = (ticks: number[]) => ({ scale: 'linear' as const, ticks, label: '', format: String })
    const x = axis([0, 985, 1000])
    const chart = lineChart({ title: '', x, y: axis([0, 1]), series: [] })
    expect(chart).toContain('>1000</text>')
    expect(chart).not.toContain('>985</text>')
  })
})

describe('ticks', () => {
  it('enclose the values in round steps', () => {
    expect(linearTicks(13.5)).toEqual([0, 5, 10, 15])
    expect(linearTicks(0.9)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(logTicks([0.31, 2.5])).toEqual([0.2, 0.5, 1, 2, 5])
    expect(logTicks([0.28, 900])).toEqual([0.1, 1, 10, 100, 1000])
    expect(logTicks([5, 5])).toEqual([5, 10])
  })
})

describe('figures', () => {
  it('have the intervals of the evaluation', () => {
    const tallies = [
      [3, 10],
      [0, 4],
      [7, 7],
    ] as const
    const ours = tallies.map(([right, total]) => ({ right, total }))
    expect(tallies.map(wilson)).toEqual(ours.map(intervals.wilson))
    expect(meanShare(tallies)).toEqual(intervals.meanShare(ours))
  })

  it('of time are those of the training alone', () => {
    const line = (tokens: number, speed: number) => ({ tokens, loss: 1, tokens_per_second: speed })
    expect(trainingMinutes([line(60_000, 1000), line(180_000, 500)])).toBe(5)
  })
})
