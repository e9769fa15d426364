import { expect, it } from 'vitest'
import type { AskProgress } from '../../../../../app/services/ask/ask-types'
import { Progress } from '../../../../../app/services/ask/progress'

function recorded() {
  const seen: AskProgress[] = []
  let nowMs = 0
  const progress = new Progress(
    (one) => seen.push(one),
    () => nowMs,
  )
  return { seen, progress, advance: (ms: number) => (nowMs += ms) }
}

it('reports at most 20 times a second, but always the last step', () => {
  const { seen, progress, advance } = recorded()
  for (let done = 0; done <= 100; done += 1) {
    progress.report('encode', done, 100)
    advance(10)
  }

  expect(seen.map(({ done }) => done)).toEqual([
    0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100,
  ])
})

it('never reports the same step of a stage twice, and keeps stages apart', () => {
  const { seen, progress, advance } = recorded()
  progress.report('decode', 3, 3)
  progress.report('encode', 0, 3)
  advance(1000)
  progress.report('decode', 3, 3)

  expect(seen.map(({ stage, done }) => `${stage} ${done}`)).toEqual(['decode 3', 'encode 0'])
})

it('tells the time left once it can', () => {
  const { seen, progress, advance } = recorded()
  progress.report('prefill', 0, 40)
  advance(1000)
  progress.report('prefill', 10, 40)

  expect(seen.map(({ secondsLeft }) => secondsLeft)).toEqual([null, 3])
})
