import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeLearningCurves } from '../../../scripts/lib/learning-curves.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-curves-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function writeLog(name: string, lines: readonly object[]): void {
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** The places of a line's points, as the drawing has them. */
function linesOf(svg: string, series: number): string[][] {
  const lines = [...svg.matchAll(new RegExp(`class="line s${String(series)}" points="([^"]*)"`, 'gu'))]
  return lines.map(([, points]) => (points ?? '').split(' ').filter((point) => point !== ''))
}

describe('learning curves', () => {
  it('draws what was asked on held-out pictures, and nothing for lines that asked nothing', async () => {
    writeLog('tower.jsonl', [
      { images: 50_000, item: 0.9 },
      { images: 50_000, held_out: { item: 0.25, word: 0 } },
      { images: 100_000, held_out: { item: 0.75, word: 0.5 } },
    ])
    writeLog('language.jsonl', [{ tokens: 1_000_000, tasks: {} }])

    const [tower] = await makeLearningCurves(folder)

    expect(tower?.name).toBe('learning-tower.svg')
    const [things, byPlace, inOrder, words] = linesOf(tower?.content ?? '', 0)
    expect(things).toHaveLength(2)
    expect(words).toHaveLength(2)
    expect(byPlace).toEqual([])
    expect(inOrder).toEqual([])
    // Three quarters are drawn above one quarter: less y.
    const [low, high] = (things ?? []).map((point) => Number(point.split(',')[1]))
    expect(high).toBeLessThan(low ?? NaN)
  })

  it('puts lines of training within two million tokens into one point, their mean', async () => {
    writeLog('tower.jsonl', [{ images: 100_000, held_out: { item: 0.5 } }])
    writeLog('language.jsonl', [
      { tokens: 400_000, tasks: { presence: 0.4 } },
      { tokens: 1_600_000, tasks: { presence: 0.6 } },
      { tokens: 3_000_000, tasks: { presence: 0.5 } },
      { tokens: 10_000_000, held_out: { presence: 1 } },
    ])

    const [, language] = await makeLearningCurves(folder)

    expect(language?.name).toBe('learning-language.svg')
    const [inTraining] = linesOf(language?.content ?? '', 0)
    const places = (inTraining ?? []).map((point) => point.split(',').map(Number))
    expect(places).toHaveLength(2)
    expect(places[0]?.[1]).toBe(places[1]?.[1])
    expect((places[1]?.[0] ?? 0) - (places[0]?.[0] ?? 0)).toBeGreaterThan(0)
    expect(linesOf(language?.content ?? '', 1)[0]).toHaveLength(1)
  })

  it('are those of the committed checkpoint where the model card shows them', async () => {
    const images = join(import.meta.dirname, '../../../docs/images')
    const checkpoint = join(import.meta.dirname, '../../../training/checkpoint')

    for (const { name, content } of await makeLearningCurves(checkpoint)) {
      expect(readFileSync(join(images, name), 'utf8'), 'run node scripts/learning-curves.mjs').toBe(content)
    }
  })

  it('says so when a log is empty', async () => {
    writeFileSync(join(folder, 'tower.jsonl'), '')
    writeLog('language.jsonl', [{ tokens: 1, tasks: {} }])

    await expect(makeLearningCurves(folder)).rejects.toThrow('tower.jsonl: expected lines of a log, got none')
  })
})
