import { z } from 'zod'
import { WORLD_TASKS } from '../../app/domain/world/scene'

/**
 * Kinds of episodes. single, unknown: one picture; detail: one picture, asked for what is learnt slowest; dialogue: one picture or a video, with references back; video, needle:
 * frames; sheet: a large picture with its tiles; set: pictures to compare.
 */
export const EPISODE_KINDS = [
  'single',
  'detail',
  'unknown',
  'dialogue',
  'video',
  'needle',
  'sheet',
  'set',
] as const
export type EpisodeKind = (typeof EPISODE_KINDS)[number]

/** Kinds of one picture: short, and shuffled together in a batch. */
export const PICTURE_KINDS = [
  'single',
  'detail',
  'unknown',
  'dialogue',
] as const satisfies readonly EpisodeKind[]

export const STAGES = ['single', 'multi'] as const
export type Stage = (typeof STAGES)[number]

const kind = z.enum(EPISODE_KINDS)
export type EpisodeMix = Readonly<Partial<Record<EpisodeKind, number>>>

const DEFAULT_MIX: Readonly<Record<Stage, EpisodeMix>> = {
  single: { single: 0.8, unknown: 0.1, dialogue: 0.1 },
  multi: { single: 0.3, unknown: 0.06, dialogue: 0.1, video: 0.3, needle: 0.06, sheet: 0.09, set: 0.09 },
}

const mixSchema = z
  .partialRecord(kind, z.number().min(0))
  .refine((mix) => Object.values(mix).some((share) => share > 0), 'expected a share above 0')

/** What the stream of episodes is made for. */
export const episodeSettingsSchema = z
  .strictObject({
    stage: z.enum(STAGES),
    seed: z.number().int().min(0),
    /** Questions of `val` are never asked in `train`; both are about the same bank. */
    split: z.enum(['train', 'val']),
    /** Most positions of a batch. */
    batchTokens: z.number().int().min(1024),
    maxFrames: z.number().int().min(2).max(4096),
    /** Fewest frames of a video; a batch ends where no such video fits any more. */
    minFrames: z.number().int().min(2).max(4096).default(2),
    /** Shares of positions by kind, roughly; only their ratio matters. */
    mix: mixSchema,
    /** Tasks to ask; all when empty. */
    tasks: z.array(z.enum(WORLD_TASKS)),
  })
  .refine(({ stage, mix }) => stage === 'multi' || Object.keys(mix).every(isPictureKind), {
    message: 'stage single has episodes of one picture only',
    path: ['mix'],
  })
  .refine(({ minFrames, maxFrames }) => minFrames <= maxFrames, {
    message: 'expected at most maxFrames',
    path: ['minFrames'],
  })
export type EpisodeSettings = z.infer<typeof episodeSettingsSchema>

export function defaultMix(stage: Stage): EpisodeMix {
  return DEFAULT_MIX[stage]
}

export function isPictureKind(name: string): boolean {
  return (PICTURE_KINDS as readonly string[]).includes(name)
}
