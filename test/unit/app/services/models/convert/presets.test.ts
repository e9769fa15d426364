import { describe, expect, it } from 'vitest'
import { chooseManners, mannersOverlaySchema, presets } from '../../../../../../app/services/models/convert/presets'

describe('chooseManners', () => {
  it('gives the official prompt, greedy sampling and one frame a second by default', () => {
    const manners = chooseManners({}, undefined)
    expect(manners.prompt.userBefore).toBe('<|startoftext|><|User|>\n')
    expect(manners.prompt.video.lastFrameAfter).toBe('</img')
    expect(manners.sampling).toMatchObject({ temperature: 0, maxTokens: 768 })
    expect(manners).toMatchObject({ minTokens: 1, video: { intervalSeconds: 1, maxFrames: 128 } })
  })

  it('lets longlens.json choose the preset and replace groups, and a flag win over its preset', () => {
    const overlay = { preset: 'tiny' as const, name: 'Mine', video: { intervalSeconds: 2, maxFrames: 16 } }
    expect(chooseManners(overlay, undefined)).toMatchObject({
      name: 'Mine',
      video: { intervalSeconds: 2, maxFrames: 16 },
      prompt: { assistantAfter: '<|endoftext|>' },
    })
    expect(chooseManners(overlay, undefined).prompt.video.labelPlace).toBe('before')
    expect(chooseManners(overlay, 'official').prompt.assistantAfter).toBe('\n')
  })

  it('reads a prompt of longlens.json that says nothing of the place of labels', () => {
    const { prompt } = presets.official
    const video: Partial<typeof prompt.video> = { ...prompt.video }
    delete video.labelPlace
    expect(mannersOverlaySchema.parse({ prompt: { ...prompt, video } }).prompt).toEqual(prompt)
  })

  it('refuses keys that it does not know', () => {
    expect(mannersOverlaySchema.safeParse({ naem: 'x' }).success).toBe(false)
  })
})
