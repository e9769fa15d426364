import { describe, expect, it } from 'vitest'
import {
  composeRequest,
  planText,
  type ComposeOptions,
} from '../../../../../app/domain/prompts/compose-request'
import type { PictureRef, RequestMedia, RequestPlan, RequestTurn } from '../../../../../app/domain/request'
import { characterTokenizer } from '../../../../helpers/character-tokenizer'
import {
  labelAfterDescription,
  officialDescription,
  tinyDescription,
} from '../../../../helpers/model-descriptions'

const image: RequestMedia = { kind: 'image', page: 0, width: 500, height: 300, tiled: false }
const tiledImage: RequestMedia = { ...image, tiled: true }

function video(...seconds: number[]): RequestMedia {
  return { kind: 'video', frames: seconds.map((at) => ({ frame: at * 10, seconds: at })) }
}

function compose(
  turns: RequestTurn[],
  description = officialDescription,
  options?: ComposeOptions,
): RequestPlan {
  return composeRequest(turns, description, characterTokenizer, options)
}

function ask(question: string, ...media: RequestMedia[]): RequestTurn {
  return { question, media }
}

function picturesOf(plan: RequestPlan): PictureRef[] {
  return plan.parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []))
}

describe('a request in the official format', () => {
  it.each([
    ['text only', [ask('Q1')], '<|startoftext|><|User|>\nQ1\n<|startoftext|><|Assistant|>\n'],
    [
      'two pictures',
      [ask('Compare them.', image, image)],
      '<|startoftext|><|User|>\n<img><image></img>\n<img><image></img>\nCompare them.\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'a video, whose last frame is left open',
      [ask('What happens?', video(0, 1, 2))],
      '<|startoftext|><|User|>\n<vid><img><image></img><t><img><image></img><t><img><image></img</vid>What happens?\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'a video of one frame, wrapped once',
      [ask('Q', video(0))],
      '<|startoftext|><|User|>\n<vid><img><image></img</vid>Q\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'a picture with its tiles',
      [ask('Read it.', tiledImage)],
      '<|startoftext|><|User|>\n<img><image>\n<img><image></img><img><image></img></img>\nRead it.\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'two pictures with tiles, each with its own',
      [ask('Q', tiledImage, { ...tiledImage, width: 220, height: 410 })],
      '<|startoftext|><|User|>\n<img><image>\n<img><image></img><img><image></img></img>\n' +
        '<img><image>\n<img><image></img>\n<img><image></img></img>\nQ\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'several turns with media in each',
      [
        { question: 'Q1', media: [image], reply: 'A1' },
        { question: 'Q2', media: [video(0, 1)], reply: 'A2' },
        ask('Q3'),
      ],
      '<|startoftext|><|User|>\n<img><image></img>\nQ1\n<|startoftext|><|Assistant|>\nA1\n' +
        '<|startoftext|><|User|>\n<vid><img><image></img><t><img><image></img</vid>Q2\n<|startoftext|><|Assistant|>\nA2\n' +
        '<|startoftext|><|User|>\nQ3\n<|startoftext|><|Assistant|>\n',
    ],
    [
      'pictures and videos mixed, and a question that says <image>',
      [ask('What does <image> mean?', image, video(0, 1), video(5, 6), image)],
      '<|startoftext|><|User|>\n<img><image></img>\n<vid><img><image></img><t><img><image></img</vid>' +
        '<vid><img><image></img><t><img><image></img</vid><img><image></img>\nWhat does <image> mean?\n<|startoftext|><|Assistant|>\n',
    ],
  ])('holds %s', (_, turns, text) => {
    expect(planText(compose(turns))).toBe(text)
  })

  it('numbers media over all turns and names what each picture shows', () => {
    const plan = compose([
      { question: 'Q1', media: [image, video(3)], reply: 'A1' },
      ask('Q2', { ...tiledImage, page: 4 }),
    ])
    expect(picturesOf(plan)).toEqual([
      { kind: 'image', media: 0, page: 0 },
      { kind: 'frame', media: 1, frame: 30, seconds: 3 },
      { kind: 'image', media: 2, page: 4 },
      { kind: 'tile', media: 2, page: 4, row: 0, column: 0 },
      { kind: 'tile', media: 2, page: 4, row: 0, column: 1 },
    ])
  })

  it('counts tokens, pictures and frames before anything runs', () => {
    const plan = compose([ask('Q', image, video(0, 1))])
    const textLength = planText(plan).replaceAll('<image>', '').length
    expect(plan).toMatchObject({ pictures: 3, frames: 2, promptTokens: textLength + 3 * 144 })
  })

  it('tokenizes the text between two pictures as one piece and makes no empty ones', () => {
    const plan = compose([ask('Q', image, image)])
    expect(plan.parts.map((part) => (part.kind === 'text' ? part.text : part.tokens))).toEqual([
      '<|startoftext|><|User|>\n<img>',
      144,
      '</img>\n<img>',
      144,
      '</img>\nQ\n<|startoftext|><|Assistant|>\n',
    ])
    const bare = {
      ...tinyDescription,
      prompt: { ...tinyDescription.prompt, image: { before: '', after: '', terminator: '' } },
    }
    expect(compose([ask('Q', image, image)], bare).parts.map(({ kind }) => kind)).toEqual([
      'text',
      'picture',
      'picture',
      'text',
    ])
  })

  it('goes on with a broken-off reply', () => {
    const plan = compose([ask('Q1')], officialDescription, { continueReply: 'It shows' })
    expect(planText(plan)).toBe('<|startoftext|><|User|>\nQ1\n<|startoftext|><|Assistant|>\nIt shows')
  })

  it('is refused when its turns make no open conversation', () => {
    expect(() => compose([])).toThrow(RangeError)
    expect(() => compose([{ question: 'Q', media: [], reply: 'A' }])).toThrow('turn 0')
    expect(() => compose([ask('Q1'), ask('Q2')])).toThrow('turn 0')
    expect(() => compose([ask('Q', image, video())])).toThrow('medium 1')
  })
})

describe('a request to Longlens-Tiny', () => {
  it('has a space before questions and replies, and ends replies with the end token', () => {
    const turns = [
      { question: 'What objects are there?', media: [image], reply: 'A dog.' },
      ask('Is there a cat?'),
    ]
    expect(planText(compose(turns, tinyDescription))).toBe(
      '<|startoftext|><|User|>\n<img><image></img> What objects are there?\n<|startoftext|><|Assistant|>\n A dog.<|endoftext|>' +
        '<|startoftext|><|User|>\n Is there a cat?\n<|startoftext|><|Assistant|>\n',
    )
  })

  it('has the timecode before each frame', () => {
    expect(planText(compose([ask('When does the dog appear?', video(0, 0.97, 61))], tinyDescription))).toBe(
      '<|startoftext|><|User|>\n<vid>00:00<img><image></img>00:01<img><image></img>01:01<img><image></img></vid>' +
        ' When does the dog appear?\n<|startoftext|><|Assistant|>\n',
    )
  })

  it('has a frame between its separator and the next, with the label inside', () => {
    const { prompt } = tinyDescription
    const separated = {
      ...tinyDescription,
      prompt: { ...prompt, video: { ...prompt.video, separator: '<t>' } },
    }
    expect(planText(compose([ask('Q', video(0, 1))], separated))).toContain(
      '<vid>00:00<img><image></img><t>00:01<img><image></img></vid>',
    )
  })

  it('has its tiles in rows, as the official prompt', () => {
    expect(planText(compose([ask('Q', { ...tiledImage, width: 300, height: 310 })], tinyDescription))).toBe(
      '<|startoftext|><|User|>\n<img><image>\n<img><image></img><img><image></img>\n' +
        '<img><image></img><img><image></img></img> Q\n<|startoftext|><|Assistant|>\n',
    )
  })

  it('goes on with a broken-off reply after its space', () => {
    const plan = compose([ask('Q')], tinyDescription, { continueReply: 'A' })
    expect(planText(plan)).toBe('<|startoftext|><|User|>\n Q\n<|startoftext|><|Assistant|>\n A')
  })
})

describe('a request to a model whose timecodes stand behind the frames', () => {
  it('has the timecode after each frame', () => {
    const plan = compose([ask('When does the dog appear?', video(0, 0.97, 61))], labelAfterDescription)
    expect(planText(plan)).toContain(
      '<vid><img><image></img>00:00<img><image></img>00:01<img><image></img>01:01</vid>',
    )
  })
})
