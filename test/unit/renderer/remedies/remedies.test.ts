import { expect, it } from 'vitest'
import { checkBudget } from '../../../../app/domain/prompts/token-budget'
import type { PlannedPart } from '../../../../app/domain/request'
import { framesOfPlan, remedyFor } from '../../../../renderer/features/remedies/remedies'

/** A request of one video with so many frames, 100 tokens each. */
function planOf(frames: number) {
  const parts: PlannedPart[] = Array.from({ length: frames }, (_, frame) => ({
    kind: 'picture',
    picture: { kind: 'frame', media: 0, frame, seconds: frame },
    tokens: 100,
  }))
  return { parts, promptTokens: frames * 100, frames, pictures: frames }
}

it('offers the number of frames that the plan speaks of', () => {
  const budget = checkBudget(planOf(64), 4096, 96)
  if (budget.ok) throw new Error('expected a request that does not fit')
  expect(budget.fit.maxFrames).toBe(40)
  expect(framesOfPlan(budget.suggestion)).toBe(40)
  expect(remedyFor({ code: 'request_too_long', details: { plan: budget.suggestion } })).toEqual({
    kind: 'useFrames',
    frames: 40,
  })
})

it('opens the settings when fewer frames would not help', () => {
  expect(framesOfPlan('Use at most 9 of the 48 pictures.')).toBeNull()
  expect(remedyFor({ code: 'request_too_long', details: { plan: 'Shorten the text.' } })).toEqual({
    kind: 'openSettings',
  })
})

it.each([
  ['model_not_found', 'chooseModel'],
  ['out_of_memory', 'openSettings'],
  ['engine_unavailable', 'restartEngine'],
  ['engine_crashed', 'retry'],
  ['ffmpeg_missing', 'retry'],
  ['media_not_found', 'retry'],
] as const)('%s is helped by %s', (code, kind) => {
  expect(remedyFor({ code, details: {} }).kind).toBe(kind)
})
