import type { GeneratedSuiteName } from './evaluation-types'

/** What the bundled model is held to, by the name of the measure in its suite. */
export interface Bar {
  readonly value: number
  /** `max`: no more than this, as with mistakes. */
  readonly kind: 'min' | 'max'
}

const min = (value: number): Bar => ({ value, kind: 'min' })
const max = (value: number): Bar => ({ value, kind: 'max' })

export const MEASURES = {
  tasks: 'mean over tasks',
  presence: 'presence, yes and no counted alike',
  read: 'reading text',
  place: 'find and name row and column',
  right: 'right',
  unknown: 'says that it does not know',
  invented: 'names an object that is not there',
  turns: 'all turns right',
} as const

/** The task of real photographs and clips whose answers may name nothing that is not there. */
export const WHAT_IS_THERE = 'what-is-there'

/** "64 frames", as part of a measure's name. */
export function framesWords(frames: number): string {
  return `${frames} frames`
}

const BARS: Readonly<Record<GeneratedSuiteName, Readonly<Record<string, Bar>>>> = {
  single: { [MEASURES.tasks]: min(0.9), [MEASURES.presence]: min(0.95), [MEASURES.read]: min(0.85) },
  video: { [`${MEASURES.tasks}, ${framesWords(64)}`]: min(0.75) },
  tiles: { [MEASURES.place]: min(0.8) },
  multi: {},
  needle: {
    [framesWords(64)]: min(0.95),
    [framesWords(256)]: min(0.9),
    [framesWords(1024)]: min(0.8),
  },
  unknown: { [MEASURES.unknown]: min(0.95) },
  real: { [MEASURES.invented]: max(0.05) },
  dialogue: { [MEASURES.turns]: min(0.8) },
}

/** Frames a second that the bundled model reads on two cores, once decoded. */
export const READING_BAR = 40

export function barOf(suite: string, measure: string): Bar | null {
  return (Object.entries(BARS).find(([name]) => name === suite)?.[1] ?? {})[measure] ?? null
}

export function isMet({ value, kind }: Bar, reached: number): boolean {
  return kind === 'min' ? reached >= value : reached <= value
}
