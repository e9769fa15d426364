import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { constantRateTimes, sampleFrames } from '../../app/domain/media/frame-sampling'
import { tileGrid, tileLayout } from '../../app/domain/media/tile-layout'
import { composeRequest, planText } from '../../app/domain/prompts/compose-request'
import { composeRawPrompt, IMAGE_MARK, renderConversation } from '../../app/domain/prompts/raw-prompt'
import type { PictureRef, RequestMedia, RequestPlan } from '../../app/domain/request'
import { createTokenizer, type Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { chooseSpecials, type TokenizerData } from '../../app/domain/tokenizer/tokenizer-data'
import { officialDescription } from '../helpers/model-descriptions'
import { officialSpecials, readModel, sharedFile, tokenizerDataOf } from '../helpers/sentencepiece-reference'

const picture = z.object({ width: z.number(), height: z.number() })
const video = z.object({ video_frames: z.number(), fps: z.number() })
const chatCase = z.object({
  name: z.string(),
  user_text: z.string(),
  options: z.object({
    patchStrategy: z.string().optional(),
    frameNum: z.number().optional(),
    t: z.number().optional(),
    isVideo: z.boolean().optional(),
  }),
  prompt: z.string(),
  input_ids: z.array(z.number()),
  media: z.array(z.union([picture, video])),
  pictures_fed: z.number(),
  picture_sizes_in_order: z.array(z.tuple([z.number(), z.number()])).optional(),
  picture_kind_in_order: z.array(z.string()).optional(),
  frame_numbers: z.array(z.number()).optional(),
})
const promptCases = z.object({
  chat: z.array(chatCase),
  conversation: z.array(
    z.object({ template: z.string(), messages: z.array(z.string().nullable()), string: z.string() }),
  ),
  tokenizer: z.array(z.object({ text: z.string(), ids: z.array(z.number()), pieces: z.array(z.string()) })),
})
type ChatCase = z.infer<typeof chatCase>

/** Quirks that LONGLLAVA-FORMAT section 12 leaves: what we write instead, with the reason. */
const left = new Map([
  [
    // Each picture holds its own tiles; the official code hangs all of them on the first and shifts the rest.
    'tiles, two images (mis-nested by the official code)',
    '<|startoftext|><|User|>\n<img><image>\n<img><image></img><img><image></img></img>\n' +
      '<img><image>\n<img><image></img>\n<img><image></img></img>\nCompare.\n<|startoftext|><|Assistant|>\n',
  ],
  [
    // The broken `</img` of the last frame makes the official code believe that nothing is wrapped yet.
    'video, one frame (double wrapped)',
    '<|startoftext|><|User|>\n<vid><img><image></img</vid>What happens?\n<|startoftext|><|Assistant|>\n',
  ],
])

/** Cases whose pictures do not stand where the text says: only raw text can ask for them. */
const onlyRaw = new Set([
  // composeRequest always shows its pictures, and refuses videos without frames.
  'picture given, no placeholder in the text: it is not seen',
  'video flag, no media',
  // A picture in the middle of a sentence.
  'one wrapped, one bare: the bare one stays bare',
])

const files = { cases: sharedFile('golden/prompt_cases.json'), model: sharedFile('golden/tokenizer.model') }
const missing = files.cases.missing || files.model.missing
const cases = missing ? null : promptCases.parse(JSON.parse(readFileSync(files.cases.path, 'utf8')))

function framesOf({ media, options }: ChatCase): number[] | undefined {
  if (options.isVideo === true) return media.map((_, index) => index)
  const [first] = media
  if (first === undefined || !('fps' in first)) return undefined
  const frames = sampleFrames({
    times: constantRateTimes(first.video_frames, first.fps),
    frameRate: first.fps,
    intervalSeconds: options.t ?? 1,
    maxFrames: options.frameNum ?? 128,
  })
  return frames.map(({ frame }) => frame)
}

function mediaOf(test: ChatCase): RequestMedia[] {
  const frames = framesOf(test)
  if (frames !== undefined)
    return [{ kind: 'video', frames: frames.map((frame) => ({ frame, seconds: frame })) }]
  const tiled = test.options.patchStrategy === 'bestFit'
  return test.media.flatMap((media): RequestMedia[] =>
    'fps' in media ? [] : [{ kind: 'image', page: 0, width: media.width, height: media.height, tiled }],
  )
}

function idsOf(plan: RequestPlan): number[] {
  return plan.parts.flatMap((part) => (part.kind === 'text' ? part.tokens : [IMAGE_MARK]))
}

function kindOf(ref: PictureRef): string {
  return ref.kind === 'tile' ? `tile_${ref.row}_${ref.column}` : 'whole'
}

describe.skipIf(missing !== false)(missing === false ? 'the official prompts' : missing, () => {
  let data: TokenizerData
  let tokenizer: Tokenizer

  beforeAll(() => {
    data = tokenizerDataOf(readModel(files.model.path), officialSpecials)
    tokenizer = createTokenizer(data)
  })

  it('are recorded for every kind of request', () => {
    expect(cases?.chat.length).toBeGreaterThanOrEqual(18)
    expect(cases?.conversation.length).toBeGreaterThanOrEqual(7)
    expect(cases?.tokenizer.length).toBeGreaterThanOrEqual(24)
    for (const name of [...left.keys(), ...onlyRaw])
      expect(cases?.chat.map((test) => test.name)).toContain(name)
  })

  it.each(cases?.chat ?? [])('come out of raw text: $name', (test) => {
    const frames = framesOf(test)
    const grids = test.media.map((media) =>
      'fps' in media ? null : tileGrid(media.width, media.height, 336),
    )
    const made = composeRawPrompt(test.user_text, tokenizer, {
      ...(frames === undefined ? {} : { videoFrames: frames.length }),
      ...(test.options.patchStrategy === 'bestFit' ? { tiles: grids } : {}),
    })
    const ours = left.get(test.name)
    expect(made.prompt).toBe(ours ?? test.prompt)
    if (ours === undefined) expect(made.inputIds).toEqual(test.input_ids)
  })

  it.each(cases?.chat.filter(({ name }) => !onlyRaw.has(name)) ?? [])(
    'come out of a request: $name',
    (test) => {
      const question = test.user_text.replace(/^(?:(?:<img>)?<image>(?:<\/img>)?\n)+/, '')
      const plan = composeRequest([{ question, media: mediaOf(test) }], officialDescription, tokenizer)
      const ours = left.get(test.name)
      expect(planText(plan)).toBe(ours ?? test.prompt)
      if (ours === undefined) expect(idsOf(plan)).toEqual(test.input_ids)
      expect(plan.pictures).toBe(test.pictures_fed)
      const pictures = plan.parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []))
      if (test.picture_kind_in_order !== undefined) {
        expect(pictures.map(kindOf)).toEqual(test.picture_kind_in_order)
      }
      if (test.frame_numbers !== undefined) {
        expect(pictures.map((ref) => (ref.kind === 'frame' ? ref.frame : -1))).toEqual(test.frame_numbers)
      }
    },
  )

  it.each(cases?.chat.filter((test) => test.picture_sizes_in_order !== undefined) ?? [])(
    'show pictures of the same sizes: $name',
    (test) => {
      const sizes = test.media.flatMap((media) => {
        if ('fps' in media) return []
        const { tiles } = tileLayout(media.width, media.height, 336)
        return [[media.width, media.height], ...tiles.map(({ onSheet }) => [onSheet.width, onSheet.height])]
      })
      expect(sizes).toEqual(test.picture_sizes_in_order)
    },
  )

  it.each(cases?.conversation ?? [])(
    'hold conversations: $template $messages',
    ({ template, messages, string }) => {
      expect(renderConversation(messages, template === 'jambaLabel' ? 'training' : 'history')).toBe(string)
    },
  )

  // A reply that wrote its end token itself is kept without it: closing it is the template's business.
  const composable = cases?.conversation.filter(
    ({ messages }) =>
      messages.at(-1) === null && !messages.some((message) => message?.includes('<|endoftext|>')),
  )
  it.each(composable ?? [])(
    'hold open conversations composed turn by turn: $messages',
    ({ messages, string }) => {
      const turns = Array.from({ length: messages.length / 2 }, (_, turn) => {
        const reply = messages[2 * turn + 1]
        return {
          question: messages[2 * turn] ?? '',
          media: [],
          ...(typeof reply === 'string' ? { reply } : {}),
        }
      })
      expect(planText(composeRequest(turns, officialDescription, tokenizer))).toBe(string)
    },
  )

  it.each([
    ['two images', 318],
    ['video, 3 frames', 472],
    ['tiles 500x300', 466],
  ])('take as many positions as LONGLLAVA-FORMAT section 13 says: %s', (name, positions) => {
    const test = cases?.chat.find((other) => other.name === name)
    if (test === undefined) throw new Error(`expected a case named ${name}`)
    // Section 13 asks the same prompts as these cases.
    const question = test.user_text.replaceAll('<image>\n', '')
    const plan = composeRequest([{ question, media: mediaOf(test) }], officialDescription, tokenizer)
    expect(plan.promptTokens).toBe(positions)
  })

  it.each(cases?.tokenizer ?? [])(
    'are tokenized as the released tokenizer does: $text',
    ({ text, ids, pieces }) => {
      const model = tokenizerDataOf(readModel(files.model.path), officialSpecials)
      expect(tokenizer.encode(text, { parseSpecial: true })).toEqual(ids)
      expect(ids.map((id) => model.pieces[id])).toEqual(pieces)
    },
  )

  it('have the same special strings with and without tokenizer_config.json', () => {
    const { pieces } = data
    const config = z
      .object({
        added_tokens_decoder: z.record(z.string(), z.object({ content: z.string(), special: z.boolean() })),
      })
      .parse(JSON.parse(readFileSync(sharedFile('golden/tokenizer_config.json').path, 'utf8')))
    expect(chooseSpecials(pieces, { addedTokens: config.added_tokens_decoder, namedIds: [] })).toEqual(
      officialSpecials,
    )
    expect(chooseSpecials(pieces, { namedIds: [3, 1, 2, 0] })).toEqual(officialSpecials)
  })

  it.each(['longllava-dense', 'longllava-moe'])('of the golden set %s have the recorded ids', (set) => {
    const golden = z
      .object({
        prompts: z.record(
          z.string(),
          z.object({ text: z.string(), real_tokenizer_ids: z.array(z.number()) }),
        ),
      })
      .parse(JSON.parse(readFileSync(sharedFile(`golden/${set}/golden.json`).path, 'utf8')))
    for (const { text, real_tokenizer_ids } of Object.values(golden.prompts)) {
      const ids = text
        .split('<image>')
        .flatMap((piece, index) => [
          ...(index > 0 ? [IMAGE_MARK] : []),
          ...tokenizer.encode(piece, { parseSpecial: true }),
        ])
      expect(ids).toEqual(real_tokenizer_ids)
    }
  })
})
