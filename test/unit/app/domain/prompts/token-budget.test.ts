import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constantRateTimes, sampleFrames } from '../../../../../app/domain/media/frame-sampling'
import { composeRequest } from '../../../../../app/domain/prompts/compose-request'
import { checkBudget, type BudgetFit } from '../../../../../app/domain/prompts/token-budget'
import type { RequestMedia, RequestPlan } from '../../../../../app/domain/request'
import { characterTokenizer } from '../../../../helpers/character-tokenizer'
import { officialDescription, tinyDescription } from '../../../../helpers/model-descriptions'

/** A video of constant rate, sampled as a person would ask for it. */
interface TestVideo {
  readonly frameCount: number
  readonly frameRate: number
}

interface TestRequest {
  readonly question: string
  readonly images: number
  readonly tiled: boolean
  readonly videos: readonly TestVideo[]
  readonly description?: typeof officialDescription
}

const small: TestRequest = { question: 'Q', images: 0, tiled: false, videos: [] }

/** Composes a request anew with what a fit says; the interval instead of the number of frames when asked to. */
function composeWith(
  request: TestRequest,
  fit: BudgetFit = {},
  by: 'frames' | 'interval' = 'frames',
): RequestPlan {
  const { question, images, tiled, videos, description = officialDescription } = request
  const oneFrame = fit.maxPictures !== undefined
  const media: RequestMedia[] = [
    ...Array.from({ length: images }, () => ({
      kind: 'image' as const,
      page: 0,
      width: 700,
      height: 680,
      tiled: tiled && fit.tiles !== false,
    })),
    ...videos.map(({ frameCount, frameRate }) => ({
      kind: 'video' as const,
      frames: sampleFrames({
        times: constantRateTimes(frameCount, frameRate),
        frameRate,
        intervalSeconds: by === 'interval' ? (fit.intervalSeconds ?? 1) : 1,
        maxFrames: oneFrame ? 1 : by === 'interval' ? Infinity : (fit.maxFrames ?? Infinity),
      }),
    })),
  ]
  return composeRequest(
    [{ question, media: media.slice(0, fit.maxPictures) }],
    description,
    characterTokenizer,
  )
}

function refusal(request: TestRequest, context: number, maxTokens: number, turns = 1) {
  const result = checkBudget(composeWith(request), context, maxTokens, turns)
  if (result.ok) throw new Error('expected a refusal')
  return result
}

describe('the budget of a request', () => {
  it('is met up to the last token', () => {
    const plan = composeWith(small)
    expect(checkBudget(plan, plan.promptTokens + 10, 10)).toEqual({
      ok: true,
      tokens: plan.promptTokens + 10,
      limit: plan.promptTokens + 10,
    })
    expect(checkBudget(plan, plan.promptTokens + 9, 10)).toMatchObject({
      ok: false,
      tokens: plan.promptTokens + 10,
    })
  })

  it('suggests fewer frames of one video, and how often one', () => {
    // 76 characters around the frames; 144 for each of them and 14 for the text between two.
    const { fit, suggestion } = refusal(
      { ...small, videos: [{ frameCount: 1000, frameRate: 10 }] },
      8000,
      768,
    )
    expect(fit).toEqual({ maxFrames: 45, intervalSeconds: 2.4 })
    expect(suggestion).toBe('Use at most 45 frames (one every 2.4 s).')
  })

  it('suggests a single frame when no more fits', () => {
    const { suggestion } = refusal({ ...small, videos: [{ frameCount: 1000, frameRate: 10 }] }, 400, 100)
    expect(suggestion).toBe('Use at most 1 frame.')
  })

  it('suggests the same number of frames for each of several videos', () => {
    const videos = [
      { frameCount: 1000, frameRate: 10 },
      { frameCount: 50, frameRate: 10 },
    ]
    const { fit, suggestion } = refusal({ ...small, videos }, 4000, 768)
    expect(fit).toEqual({ maxFrames: 15 })
    expect(suggestion).toBe('Use at most 15 frames of each video.')
  })

  it('suggests to turn off tiles when that is enough', () => {
    const { fit, suggestion } = refusal({ ...small, images: 2, tiled: true }, 2000, 768)
    expect(fit).toEqual({ tiles: false })
    expect(suggestion).toBe('Turn off tiles.')
  })

  it('suggests fewer pictures', () => {
    const { fit, suggestion } = refusal({ ...small, images: 40 }, 4096, 768)
    expect(fit).toEqual({ maxPictures: 19 })
    expect(suggestion).toBe('Use at most 19 of the 40 pictures.')
  })

  it('suggests fewer videos with one frame each when there are too many', () => {
    const videos = Array.from({ length: 30 }, () => ({ frameCount: 100, frameRate: 10 }))
    const { suggestion } = refusal({ ...small, videos }, 3000, 768)
    expect(suggestion).toMatch(/^Use at most \d+ of the 30 videos, with one frame of each video\.$/)
  })

  it('suggests a shorter answer to a text that fits', () => {
    const { promptTokens } = composeWith(small)
    const { fit, suggestion } = refusal(small, promptTokens + 20, 768)
    expect(fit).toEqual({ maxTokens: 20 })
    expect(suggestion).toBe('Ask for an answer of at most 20 tokens.')
  })

  it('suggests a shorter answer besides fewer frames when the answer alone fills the context', () => {
    const { suggestion } = refusal({ ...small, videos: [{ frameCount: 1000, frameRate: 10 }] }, 4096, 5000)
    expect(suggestion).toBe(
      'Use at most 19 frames (one every 5.4 s) and ask for an answer of at most 1024 tokens.',
    )
  })

  it('suggests a shorter text when nothing else helps', () => {
    const { fit, suggestion } = refusal({ ...small, question: 'x'.repeat(1000) }, 512, 100)
    expect(fit).toEqual({})
    expect(suggestion).toBe('Shorten the text: 1054 tokens are asked, 512 fit.')
  })

  it('offers to begin anew in a conversation of several turns', () => {
    const { suggestion } = refusal({ ...small, images: 40 }, 4096, 768, 2)
    expect(suggestion).toBe('Use at most 19 of the 40 pictures, or begin a new conversation.')
  })

  /** More than the marks around a picture and what tells one apart from the next take with either description. */
  const TEXT_AROUND_A_PICTURE = 40

  const request = fc.record({
    question: fc.string({ maxLength: 200 }),
    images: fc.integer({ min: 0, max: 12 }),
    tiled: fc.boolean(),
    videos: fc.array(
      fc.record({
        frameCount: fc.integer({ min: 1, max: 3000 }),
        frameRate: fc.constantFrom(1, 10, 25, 29.97, 60),
      }),
      { maxLength: 3 },
    ),
    description: fc.constantFrom(officialDescription, tinyDescription),
  })

  it('is met by every request composed anew as suggested', () => {
    fc.assert(
      fc.property(
        request,
        fc.integer({ min: 64, max: 9000 }),
        fc.integer({ min: 1, max: 2000 }),
        (any, context, max) => {
          const result = checkBudget(composeWith(any), context, max)
          if (result.ok) return
          const { fit } = result
          if (Object.keys(fit).length === 0) {
            const bare = composeWith({ ...any, images: 0, videos: [] })
            const perPicture = any.description.vision.tokensPerImage
            // The texts around the pictures are counted as if they stayed.
            const around = TEXT_AROUND_A_PICTURE * (any.images + any.videos.length)
            const answer = Math.min(max, Math.floor(context / 4))
            expect(bare.promptTokens + perPicture + answer + around).toBeGreaterThanOrEqual(context)
            return
          }
          expect(checkBudget(composeWith(any, fit), context, fit.maxTokens ?? max).ok).toBe(true)
          if (fit.intervalSeconds !== undefined) {
            expect(checkBudget(composeWith(any, fit, 'interval'), context, fit.maxTokens ?? max).ok).toBe(
              true,
            )
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
