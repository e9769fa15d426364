import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../../../app/domain/tokenizer/create-tokenizer'
import { createClipSource } from '../../../../app/domain/world/clip-source'
import { createRandom } from '../../../../app/domain/world/random'
import { WORLD_TASKS, type WorldQuestion, type WorldTask } from '../../../../app/domain/world/scene'
import { makeEpisode, type Asking, type EpisodeWorld } from '../../../../training/data/episode'
import { questionMakers } from '../../../../training/data/question-makers'
import { makeBatch } from '../../../../training/data/episode-batch'
import { encodeBatch } from '../../../../training/data/episode-record'
import { episodeSettingsSchema, type EpisodeSettings } from '../../../../training/data/episode-settings'
import { trainedDescription } from '../../../../training/data/prompt-context'
import { createSheetBank } from '../../../../training/data/sheet-bank'
import { createStillSource } from '../../../../training/data/still-source'
import { PICTURE_POSITION } from '../../../../training/data/training-sequence'
import { readModel, tokenizerDataOf } from '../../../helpers/sentencepiece-reference'
import { tinyTokenizerFile } from '../../../helpers/tiny-tokenizer'
import { worldArt } from '../../../helpers/world-art'

const CLIPS = 300
const STILLS = 200
const tokenizer = createTokenizer(tokenizerDataOf(readModel(tinyTokenizerFile), [4, 5]))
const context = { description: trainedDescription(2048, 5), tokenizer }

/** Asks always the same, and as often as it is told to. */
function asks(task: WorldTask, answer: string) {
  return (_random: unknown, _shown: unknown, { count, tasks }: Asking): WorldQuestion[] =>
    tasks?.includes(task) === false
      ? []
      : Array.from({ length: count }, () => ({ task, question: 'Is there a dog?', answer, accepted: [] }))
}

const world: EpisodeWorld = {
  clips: createClipSource(1, 'train', worldArt, CLIPS),
  sheets: createSheetBank(1, 'train', worldArt, { clips: CLIPS, sheets: 40 }),
  stills: createStillSource(1, 'train', worldArt, STILLS),
  ask: {
    image: asks('presence', 'Yes.'),
    detail: asks('read', 'NEWS.'),
    unknown: asks('out-of-world', 'I do not know what that is.'),
    video: asks('when', 'At 00:12.'),
    needle: asks('needle', 'EXIT 42 at 03:12.'),
    sheet: asks('tile-place', 'Row 2, column 3.'),
    set: asks('which-picture', 'Picture 2.'),
    dialogue: asks('reference', 'At the top left.'),
  },
}

function settings(changes: Partial<EpisodeSettings> = {}): EpisodeSettings {
  return episodeSettingsSchema.parse({
    stage: 'multi',
    seed: 7,
    split: 'train',
    batchTokens: 4096,
    maxFrames: 16,
    mix: { single: 1, unknown: 1, dialogue: 1, video: 1, needle: 1, sheet: 1, set: 1 },
    tasks: [],
    ...changes,
  })
}

const batches = (count: number, chosen: EpisodeSettings) =>
  Array.from({ length: count }, (_, index) => makeBatch(index, chosen, world, context))

describe('makeBatch', () => {
  it('gives the same batch whatever was made before, and others for another seed, split and number', () => {
    const bytes = (index: number, changes?: Partial<EpisodeSettings>) =>
      Buffer.from(encodeBatch(makeBatch(index, settings(changes), world, context))).toString('base64')
    const fifth = bytes(5)
    bytes(6)
    expect(bytes(5)).toBe(fifth)
    expect(new Set([fifth, bytes(6), bytes(5, { seed: 8 }), bytes(5, { split: 'val' })]).size).toBe(4)
  })

  it('stays within its positions and leaves few of them empty', () => {
    let used = 0
    for (const batch of batches(80, settings())) {
      const tokens = batch.reduce((sum, sequence) => sum + sequence.tokens.length, 0)
      expect(tokens).toBeLessThanOrEqual(4096)
      used += tokens
    }
    expect(used / (80 * 4096)).toBeGreaterThan(0.85)
  })

  it('has about the wanted share of each kind, whatever their lengths', () => {
    const chosen = settings({ mix: { single: 3, video: 1 }, maxFrames: 32 })
    const sequences = batches(120, chosen).flat()
    const tokens = (of: typeof sequences) => of.reduce((sum, sequence) => sum + sequence.tokens.length, 0)
    const share = tokens(sequences.filter(({ pictures }) => pictures.length > 1)) / tokens(sequences)
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.35)
  })

  it('has 25 positions for each picture, all of them frames of the bank', () => {
    for (const batch of batches(40, settings())) {
      for (const { tokens, pictures } of batch) {
        expect(tokens.filter((id) => id === -1)).toHaveLength(25 * pictures.length)
        for (const frame of pictures) expect(frame).toBeGreaterThanOrEqual(0)
        for (const frame of pictures) expect(frame).toBeLessThan(world.sheets.frames + STILLS)
      }
    }
  })

  it('shows stills in most episodes about one picture, pictures of clips in the others, and in videos only those', () => {
    const chosen = settings({ mix: { single: 1, dialogue: 1, video: 1 } })
    const shown = batches(60, chosen).flatMap((batch) => batch.map(({ pictures }) => [...pictures]))
    const isStill = (frame: number) => frame >= world.sheets.frames
    const single = shown.filter(({ length }) => length === 1).flat()
    const stills = single.filter(isStill)
    const texts = stills.filter(
      (frame) => world.stills.still(frame - world.sheets.frames).caption !== undefined,
    )
    expect(texts.length / stills.length).toBeGreaterThan(0.45)
    expect(texts.length / stills.length).toBeLessThan(0.68)
    expect(stills.length / single.length).toBeGreaterThan(0.7)
    expect(stills.length / single.length).toBeLessThan(0.9)
    expect(new Set(stills).size).toBeGreaterThan(STILLS / 2)
    expect(
      shown
        .filter(({ length }) => length > 1)
        .flat()
        .some(isStill),
    ).toBe(false)
  })

  it('counts every reply for its task', () => {
    const seen = new Map<string, number>()
    for (const { spans, tokens } of batches(60, settings()).flat()) {
      for (const { task, start, end } of spans) {
        const name = WORLD_TASKS[task] ?? '?'
        seen.set(name, (seen.get(name) ?? 0) + 1)
        expect(tokens[end - 1]).toBe(5)
        if (name === 'presence') expect(tokenizer.decode([...tokens.slice(start, end - 1)])).toBe(' Yes.')
        if (name === 'needle')
          expect(tokenizer.decode([...tokens.slice(start, end - 1)])).toBe(' EXIT 42 at 03:12.')
      }
    }
    const expected = [
      'presence',
      'out-of-world',
      'reference',
      'when',
      'needle',
      'tile-place',
      'which-picture',
    ]
    expect([...seen.keys()].sort()).toEqual(expected.sort())
  })

  it('has only pictures in the first stage, and up to the asked number of frames in the next', () => {
    const single = batches(20, settings({ stage: 'single', mix: { single: 1, dialogue: 1 } })).flat()
    expect(single.every(({ pictures }) => pictures.length === 1)).toBe(true)
    const videos = batches(60, settings({ mix: { video: 1 }, maxFrames: 12 })).flat()
    const frames = videos.map(({ pictures }) => pictures.length)
    expect(Math.min(...frames)).toBe(2)
    expect(Math.max(...frames)).toBe(12)
  })

  it('has videos of one length only where fewest and most frames are the same, as many as have room', () => {
    const mix = { video: 1, needle: 1 }
    const framesOf = (changes: Partial<EpisodeSettings>) =>
      batches(20, settings({ mix, ...changes })).map((batch) => batch.map(({ pictures }) => pictures.length))
    expect(new Set(framesOf({ minFrames: 16, maxFrames: 16 }).flat())).toEqual(new Set([16]))
    const room = framesOf({ minFrames: 64, maxFrames: 64, batchTokens: 8192 })
    expect(new Set(room.flat())).toEqual(new Set([64]))
    expect(Math.min(...room.map(({ length }) => length))).toBeGreaterThan(1)
    // These do not fit, and still one is made.
    expect(framesOf({ minFrames: 256, maxFrames: 256 })).toEqual(Array(20).fill([256]))
  })

  it('asks 1 to 4 questions about a picture, up to 12 about more, and more about longer videos', () => {
    const counts = (mix: EpisodeSettings['mix']) => {
      const turns = batches(60, settings({ mix })).flatMap((batch) => batch.map(({ spans }) => spans.length))
      return [Math.min(...turns), Math.max(...turns)]
    }
    expect(counts({ single: 1 })).toEqual([1, 4])
    expect(counts({ set: 1 })).toEqual([4, 12])
    const sixteen = batches(40, settings({ mix: { video: 1 }, minFrames: 16, maxFrames: 16 })).flat()
    const ofSixteen = sixteen.map(({ spans }) => spans.length)
    expect([Math.min(...ofSixteen), Math.max(...ofSixteen)]).toEqual([8, 16])
  })

  it('asks details of pictures for what is learnt slowest, mostly of pictures with text', () => {
    const chosen = settings({ stage: 'single', mix: { detail: 1 } })
    const details = Array.from({ length: 20 }, (_, index) =>
      makeBatch(index, chosen, { ...world, ask: questionMakers }, context),
    ).flat()
    const asked = details.flatMap(({ spans }) => spans.map(({ task }) => WORLD_TASKS[task]))
    expect([...new Set(asked)].sort()).toEqual(['describe', 'largest', 'nothing-known', 'read', 'relation'])
    const reads = asked.filter((task) => task === 'read').length
    expect(reads / details.length).toBeGreaterThan(0.3)
  })

  it('asks what cannot be answered, of texts that cannot be read more often than they are met', () => {
    const chosen = settings({ stage: 'single', mix: { unknown: 1 } })
    const episodes = Array.from({ length: 60 }, (_, index) =>
      makeBatch(index, chosen, { ...world, ask: questionMakers }, context),
    ).flat()
    const asked = episodes.flatMap(({ spans }) => spans.map(({ task }) => WORLD_TASKS[task]))
    for (const task of ['absent', 'out-of-world', 'off-topic', 'nothing-known', 'unreadable'])
      expect(asked).toContain(task)
    const isUnreadable = (clip: number) => world.clips.clip(clip)[0].caption?.unreadable === true
    const shown = episodes.map(({ pictures }) => isUnreadable(Math.floor((pictures[0] ?? 0) / 4)))
    const met = Array.from({ length: CLIPS }, (_, clip) => isUnreadable(clip))
    const share = (of: boolean[]) => of.filter(Boolean).length / of.length
    expect(share(shown)).toBeGreaterThan(1.4 * share(met))
  })

  it('has dialogues about one picture, about videos and about sets', () => {
    const chosen = settings({ mix: { dialogue: 1 } })
    const media = Array.from({ length: 60 }, (_, index) =>
      makeBatch(index, chosen, { ...world, ask: questionMakers }, context),
    )
      .flat()
      .map(({ tokens, pictures, spans }) => {
        expect(spans).toHaveLength(3)
        const text = tokenizer.decode([...tokens].filter((token) => token !== PICTURE_POSITION))
        return pictures.length === 1 ? 'picture' : /\d\d:\d\d<img>/u.test(text) ? 'video' : 'set'
      })
    for (const kind of ['picture', 'video', 'set'])
      expect(media.filter((one) => one === kind).length).toBeGreaterThan(10)
  })

  it('keeps to the tasks that are wanted', () => {
    const chosen = settings({ stage: 'single', mix: { single: 1 }, tasks: ['presence'] })
    expect(makeBatch(0, chosen, world, context).length).toBeGreaterThan(1)
    const impossible = settings({ stage: 'single', mix: { single: 1 }, tasks: ['needle'] })
    expect(() => makeBatch(0, impossible, world, context)).toThrow(
      'expected tasks that can be asked in "single"',
    )
  })
})

describe('an episode', () => {
  it('about a sheet has the frames behind the clips: the whole, then its tiles', () => {
    const first = world.sheets.sheet(0)
    const second = world.sheets.firstFrame(1)
    expect(world.sheets.firstFrame(0)).toBe(4 * CLIPS)
    expect(second).toBe(4 * CLIPS + 1 + first.tiles.length)
    const shape = { kind: 'sheet', questions: 4, frames: 1 + first.tiles.length } as const
    const { bankFrames, turns } = makeEpisode(createRandom(3), shape, world)
    expect(bankFrames).toHaveLength(shape.frames)
    expect(bankFrames.every((frame, at) => frame === (bankFrames[0] ?? 0) + at)).toBe(true)
    expect(turns.map(({ media }) => media.length)).toEqual([1, 0, 0, 0])
  })
})

describe('the settings of episodes', () => {
  it('refuse unknown kinds, no shares, and many pictures in the first stage', () => {
    const refused = (changes: object) =>
      !episodeSettingsSchema.safeParse({ ...settings(), ...changes }).success
    expect(refused({ mix: { film: 1 } })).toBe(true)
    expect(refused({ mix: { single: 0 } })).toBe(true)
    expect(refused({ stage: 'single', mix: { single: 1, video: 0.1 } })).toBe(true)
    expect(refused({ tasks: ['dance'] })).toBe(true)
    expect(refused({ minFrames: 17 })).toBe(true)
  })
})

describe('encodeBatch', () => {
  it('writes each sequence with its tokens, mask, frames and spans', () => {
    const bytes = encodeBatch([
      {
        tokens: Int16Array.of(4, -1, 418, 5),
        mask: Uint8Array.of(0, 0, 1, 1),
        pictures: Int32Array.of(70_000),
        spans: [{ task: 2, start: 2, end: 4 }],
      },
    ])
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '01000000' +
        '04000000' +
        '0400ffffa2010500' +
        '00000101' +
        '01000000' +
        '70110100' +
        '0100' +
        '02000200000004000000',
    )
  })
})
