import { z } from 'zod'
import { modelDescriptionSchema, promptTemplateSchema, samplingDefaultsSchema } from '../../../domain/model-description'
import type { ModelDescription } from '../../../domain/model-description'
import { officialTemplate } from '../../../domain/prompts/official-template'
import { tinyTemplate } from '../../../domain/prompts/tiny-template'

export const presetNames = ['official', 'tiny'] as const
export type PresetName = (typeof presetNames)[number]

/** What a checkpoint does not say of itself: how to talk to the model, and what to tell people about it. */
export interface ModelManners {
  /** Undefined: the checkpoint folder's name. */
  readonly name: string | undefined
  /** Undefined: what the checkpoint's README.md says, or that it says nothing. */
  readonly license: string | undefined
  readonly about: string
  readonly abilities: ModelDescription['abilities']
  readonly prompt: ModelDescription['prompt']
  readonly sampling: ModelDescription['sampling']
  /** The first generated tokens may not end the reply. */
  readonly minTokens: number
  readonly video: ModelDescription['video']
}

/** LONGLLAVA-FORMAT section 9: greedy, 768 new tokens, the first is never the end token. */
const greedy: ModelDescription['sampling'] = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  maxTokens: 768,
}

export const presets: Readonly<Record<PresetName, ModelManners>> = {
  /** The official LongLLaVA models (LONGLLAVA-FORMAT sections 6, 7 and 9). */
  official: {
    name: undefined,
    license: undefined,
    about: 'LongLLaVA reads long videos and large sets of pictures in one context and answers questions about them.',
    abilities: ['image', 'images', 'video', 'tiles', 'turns'],
    prompt: officialTemplate,
    sampling: greedy,
    minTokens: 1,
    video: { intervalSeconds: 1, maxFrames: 128 },
  },
  /** Longlens-Tiny, as `training/` makes it. */
  tiny: {
    name: 'Longlens-Tiny',
    license: 'MIT',
    about: 'A tiny model for trying out the program. It was trained on drawn scenes and knows nothing else.',
    abilities: ['image', 'images', 'video', 'tiles', 'turns'],
    prompt: tinyTemplate,
    sampling: { ...greedy, maxTokens: 128 },
    minTokens: 1,
    video: { intervalSeconds: 1, maxFrames: 1024 },
  },
}

/**
 * `longlens.json` in a checkpoint folder: what its author wants to say instead of the preset. Whole groups are
 * replaced, not merged.
 */
export const mannersOverlaySchema = z.strictObject({
  preset: z.enum(presetNames).optional(),
  name: z.string().min(1).max(200).optional(),
  license: z.string().min(1).max(200).optional(),
  about: z.string().max(2000).optional(),
  abilities: modelDescriptionSchema.shape.abilities.optional(),
  prompt: promptTemplateSchema.optional(),
  sampling: samplingDefaultsSchema.optional(),
  minTokens: z.number().int().min(0).max(1000).optional(),
  video: modelDescriptionSchema.shape.video.optional(),
})
export type MannersOverlay = z.infer<typeof mannersOverlaySchema>

/** The preset with the overlay's groups in place of its own. An explicit `preset` wins over the overlay's. */
export function chooseManners(overlay: MannersOverlay, preset: PresetName | undefined): ModelManners {
  const base = presets[preset ?? overlay.preset ?? 'official']
  return {
    name: overlay.name ?? base.name,
    license: overlay.license ?? base.license,
    about: overlay.about ?? base.about,
    abilities: overlay.abilities ?? base.abilities,
    prompt: overlay.prompt ?? base.prompt,
    sampling: overlay.sampling ?? base.sampling,
    minTokens: overlay.minTokens ?? base.minTokens,
    video: overlay.video ?? base.video,
  }
}
