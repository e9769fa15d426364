import { CLIP_PHASES, type ArtCounts, type WorldSheet } from '../../app/domain/world/composition'
import { makeSheet } from '../../app/domain/world/make-sheet'
import type { WorldRandom } from '../../app/domain/world/random'
import type { WorldSplit } from '../../app/domain/world/scene'

/** The first frame of a bank that is one of sheet 0: all clips stand before, four frames each. */
export function framesOfClips(clips: number): number {
  return clips * CLIP_PHASES
}

/** Frames that a sheet takes in a bank: the whole, then its tiles row by row. */
export function framesOfSheet({ tiles }: WorldSheet): number {
  return 1 + tiles.length
}

/** The sheets of a bank, each with the place of its frames behind those of the clips. */
export interface SheetBank {
  readonly count: number
  /** Frames of clips and sheets together; stills stand behind them. */
  readonly frames: number
  sheet(index: number): WorldSheet
  /** Bank frame of the whole; its tiles follow. */
  firstFrame(index: number): number
  /** A random sheet; with `frames`, one that takes that many. */
  pick(random: WorldRandom, frames?: number): number
}

/** Goes through all sheets once; they are made anew whenever they are asked for. */
export function createSheetBank(
  seed: number,
  split: WorldSplit,
  art: ArtCounts,
  counts: { readonly clips: number; readonly sheets: number },
): SheetBank {
  const sheet = (index: number) => makeSheet(seed, index, split, art)
  const firstFrames = [framesOfClips(counts.clips)]
  const byFrames = new Map<number, number[]>()
  for (let index = 0; index < counts.sheets; index += 1) {
    const frames = framesOfSheet(sheet(index))
    firstFrames.push((firstFrames[index] ?? 0) + frames)
    const alike = byFrames.get(frames) ?? []
    byFrames.set(frames, alike)
    alike.push(index)
  }
  return {
    count: counts.sheets,
    frames: firstFrames[counts.sheets] ?? 0,
    sheet,
    firstFrame: (index) => firstFrames[index] ?? 0,
    pick: (random, frames) => {
      if (frames === undefined) return random.int(counts.sheets)
      return random.pick(byFrames.get(frames) ?? [])
    },
  }
}
