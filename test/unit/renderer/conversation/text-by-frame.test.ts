import { expect, it } from 'vitest'
import { TextByFrame } from '../../../../renderer/features/conversation/text-by-frame'

function manualFrames() {
  const waiting = new Set<() => void>()
  return {
    schedule: (callback: () => void) => {
      waiting.add(callback)
      return () => {
        waiting.delete(callback)
      }
    },
    draw: () => {
      for (const callback of [...waiting]) callback()
    },
    count: () => waiting.size,
  }
}

it('shows everything that came between two frames at once, in order', () => {
  const frames = manualFrames()
  const shown: string[] = []
  const text = new TextByFrame((piece) => shown.push(piece), frames.schedule)

  for (const piece of ['A', ' fox', ' jumps']) text.push(piece)
  expect(shown).toEqual([])
  frames.draw()
  text.push(' over')
  frames.draw()

  expect(shown).toEqual(['A fox jumps', ' over'])
})

it('shows the rest at once when it is flushed, and then waits for no frame', () => {
  const frames = manualFrames()
  const shown: string[] = []
  const text = new TextByFrame((piece) => shown.push(piece), frames.schedule)

  text.push('end')
  text.flush()
  text.flush()

  expect(shown).toEqual(['end'])
  expect(frames.count()).toBe(0)
})
