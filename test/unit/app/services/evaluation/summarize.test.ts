import { describe, expect, it } from 'vitest'
import type { QuestionResult } from '../../../../../app/services/evaluation/evaluation-types'
import { summarize } from '../../../../../app/services/evaluation/summarize'

function result(changes: Partial<QuestionResult>): QuestionResult {
  return {
    suite: 'single',
    id: 'x',
    turn: 0,
    turns: 1,
    task: 'count',
    question: 'How many?',
    expected: '2.',
    answer: '2.',
    right: true,
    length: null,
    depth: null,
    media: ['x.png'],
    frames: 0,
    promptTokens: 30,
    seconds: 1,
    readSeconds: 0,
    ...changes,
  }
}

const times = (count: number, changes: Partial<QuestionResult>) =>
  Array.from({ length: count }, () => result(changes))

describe('single pictures', () => {
  it('are judged by the mean over tasks, by presence with yes and no alike, and by reading', () => {
    const { measures } = summarize('single', [
      ...times(9, { task: 'presence', expected: 'Yes.' }),
      result({ task: 'presence', expected: 'No.', right: false }),
      ...times(1, { task: 'read' }),
      ...times(1, { task: 'read', right: false }),
    ])
    expect(measures).toMatchObject([
      { name: 'mean over tasks', value: 0.7, total: 12, bar: { value: 0.9, kind: 'min', met: false } },
      { name: 'presence, yes and no counted alike', value: 0.5, total: 10, bar: { value: 0.95, met: false } },
      { name: 'reading text', value: 0.5, total: 2, bar: { value: 0.85, met: false } },
    ])
  })

  it('weigh yes and no alike also where a full sentence is expected', () => {
    const { measures } = summarize('single', [
      ...times(6, { task: 'presence', expected: 'Yes.' }),
      ...times(1, { task: 'presence', expected: 'Yes, there is a dog.', right: false }),
      ...times(1, { task: 'presence', expected: 'Yes, there is text.', right: false }),
      ...times(3, { task: 'presence', expected: 'No.' }),
      ...times(1, { task: 'presence', expected: 'No, there is no cat.', right: false }),
    ])
    expect(measures[1]).toMatchObject({ name: 'presence, yes and no counted alike', value: 0.75, total: 12 })
  })

  it('have a table by task, and none by length or depth', () => {
    const { byTask, byLength, byDepth, byLengthAndTask } = summarize('single', [
      ...times(2, { task: 'where' }),
      result({ task: 'color', right: false }),
    ])
    expect(byTask).toMatchObject([
      { name: 'color', right: 0, total: 1, value: 0, low: 0 },
      { name: 'where', right: 2, total: 2, value: 1, high: 1 },
    ])
    expect([byLength, byDepth, byLengthAndTask]).toEqual([[], [], []])
  })
})

describe('needles', () => {
  it('are judged length by length and counted by depth in tenths', () => {
    const needles = [
      ...times(19, { suite: 'needle', length: 64, depth: 0 }),
      result({ suite: 'needle', length: 64, depth: 1, right: false }),
      result({ suite: 'needle', length: 1024, depth: 0.39, right: false }),
    ]
    const { measures, byLength, byDepth, byLengthAndDepth } = summarize('needle', needles)

    expect(measures).toMatchObject([
      { name: '64 frames', value: 0.95, bar: { value: 0.95, met: true } },
      { name: '1024 frames', value: 0, bar: { value: 0.8, met: false } },
    ])
    expect(byLength.map(({ name }) => name)).toEqual(['64 frames', '1024 frames'])
    expect(byDepth.map(({ name, total }) => [name, total])).toEqual([
      ['0–10 %', 19],
      ['30–40 %', 1],
      ['90–100 %', 1],
    ])
    expect(byLengthAndDepth.map(({ name }) => name)).toEqual([
      '64 frames, 0–10 %',
      '64 frames, 90–100 %',
      '1024 frames, 30–40 %',
    ])
  })
})

it.for<[QuestionResult['suite'], string]>([
  ['video', '9 frames'],
  ['multi', '9 pictures'],
  ['tiles', '9 tiles'],
])('lengths of the suite %s are named in its own unit', ([suite, name]) => {
  expect(summarize(suite, [result({ suite, length: 9 })]).byLength).toMatchObject([{ name, total: 1 }])
})

describe('dialogues', () => {
  const dialogue = (id: string, rights: boolean[], turns = 3) =>
    rights.map((right, turn) => result({ suite: 'dialogue', id, turn, turns, right }))

  it('are right when all turns are', () => {
    const { measures, byTask } = summarize('dialogue', [
      ...dialogue('a', [true, true, true]),
      ...dialogue('b', [true, false, true]),
    ])
    expect(measures).toMatchObject([{ name: 'all turns right', value: 0.5, total: 2 }])
    expect(byTask).toMatchObject([{ right: 5, total: 6 }])
  })

  it('that were broken off do not count, those that could not be asked count as wrong', () => {
    const failed = { suite: 'dialogue', turns: 3, right: false, error: 'media_damaged: x' } as const
    const summary = summarize('dialogue', [
      ...dialogue('a', [true, true, true]),
      result({ ...failed, id: 'c' }),
      ...dialogue('d', [true]),
      result({ ...failed, id: 'd', turn: 1 }),
      ...dialogue('e', [true, true]),
      result({ ...failed, id: 'e', turn: 2 }),
      ...dialogue('b', [true, true]),
    ])
    expect(summary.measures).toMatchObject([{ value: 0.25, total: 4 }])
    expect(summary.failed).toBe(3)
  })
})

describe('real media', () => {
  const real = (changes: Partial<QuestionResult> = {}) => ({
    suite: 'real' as const,
    task: 'what-is-there',
    ...changes,
  })

  it('are judged by the share of invented objects, which may be at most 5 %', () => {
    const { measures } = summarize('real', [...times(19, real()), result(real({ right: false }))])
    expect(measures).toMatchObject([
      {
        name: 'names an object that is not there',
        value: 0.05,
        total: 20,
        bar: { value: 0.05, kind: 'max', met: true },
      },
    ])
  })

  it('that cannot be read say nothing about inventions, and neither do yes-or-no questions', () => {
    const { measures, failed, byTask } = summarize('real', [
      ...times(3, real()),
      result(real({ right: false, error: 'media_damaged: x' })),
      result(real({ right: false, task: 'presence' })),
    ])
    expect(measures).toMatchObject([{ value: 0, total: 3 }])
    expect(failed).toBe(1)
    expect(byTask.map(({ name, right, total }) => [name, right, total])).toEqual([
      ['presence', 0, 1],
      ['what-is-there', 3, 4],
    ])
  })
})

it('a suite that was broken off before its first answer has no measures', () => {
  expect(summarize('video', [])).toMatchObject({ questions: 0, measures: [], byTask: [] })
})
