import { describe, expect, it } from 'vitest'
import type { MediaChip, Turn } from '../../../../app/contract/chat'
import {
  askedMedia,
  citableItems,
  createAskedMediaSelector,
  readUnit,
  shownIds,
  shownMedia,
  type AskedMediaState,
} from '../../../../renderer/features/conversation/asked-media'
import { conversation, item, turn } from '../fixtures'

const whole: MediaChip = { itemId: 'filmfilm', range: null, tiles: false }
const part: MediaChip = { ...whole, range: { start: 5, end: 8 } }

function state(change: Partial<AskedMediaState> & { turns?: Turn[] } = {}): AskedMediaState {
  const { turns = [], ...rest } = change
  return {
    items: [item({ id: 'filmfilm' }), item({ id: 'picture1', kind: 'image' })],
    openItemId: 'filmfilm',
    range: null,
    conversation: conversation({ items: turns }),
    draft: { text: '', media: [] },
    leftOut: null,
    ...rest,
  }
}

describe('askedMedia', () => {
  it('takes what is open, with the part that is marked', () => {
    expect(askedMedia(state())).toEqual([whole])
    expect(askedMedia(state({ range: { start: 5, end: 8 } }))).toEqual([part])
    expect(askedMedia(state({ openItemId: null }))).toEqual([])
  })

  it('does not take a range along to a picture', () => {
    const asked = askedMedia(state({ openItemId: 'picture1', range: { start: 5, end: 8 } }))
    expect(asked).toEqual([{ itemId: 'picture1', range: null, tiles: false }])
  })

  it('asks about the bundled large picture in tiles', () => {
    const items = [item({ id: 'picture1', kind: 'image', sample: true })]
    expect(askedMedia(state({ items, openItemId: 'picture1' }))).toEqual([
      { itemId: 'picture1', range: null, tiles: true },
    ])
  })

  it('takes the chips of the draft instead when it has any', () => {
    const media = [{ itemId: 'picture1', range: null, tiles: true }]
    expect(askedMedia(state({ draft: { text: 'x', media } }))).toBe(media)
  })

  it('attaches nothing twice in one conversation, but another part of it', () => {
    const turns = [turn({ media: [whole], answer: 'A fox.', status: 'done' })]
    expect(askedMedia(state({ turns }))).toEqual([])
    expect(askedMedia(state({ turns, range: { start: 5, end: 8 } }))).toEqual([part])
  })

  it('attaches it again when the earlier turn failed before a word', () => {
    const turns = [turn({ media: [whole], answer: '', status: 'failed' })]
    expect(askedMedia(state({ turns }))).toEqual([whole])
  })

  it('leaves out what the person left out, until something else is shown', () => {
    expect(askedMedia(state({ leftOut: whole }))).toEqual([])
    expect(askedMedia(state({ leftOut: whole, range: { start: 5, end: 8 } }))).toEqual([part])
  })

  it('leaves out a file that cannot be read', () => {
    const problem = { code: 'media_not_found', title: '', body: '', remedy: '', details: {} } as const
    expect(askedMedia(state({ items: [item({ id: 'filmfilm', problem })] }))).toEqual([])
  })
})

it('the selector returns the same list while nothing in it changes', () => {
  const select = createAskedMediaSelector()
  const first = select(state())
  expect(select(state({ turns: [turn({ status: 'streaming', answer: 'A' })] }))).toBe(first)
  expect(select(state({ range: { start: 5, end: 8 } }))).not.toBe(first)
})

it('frames are read for videos, pictures for anything else, also when it was shown earlier', () => {
  const film = turn({ id: 'first', media: [whole] })
  const picture = turn({ id: 'second', media: [{ ...whole, itemId: 'picture1' }] })
  const after = turn({ id: 'third', media: [] })
  const given = state({ turns: [film, picture, after] })
  expect([film, picture, after].map((one) => readUnit(given, one))).toEqual(['frame', 'picture', 'picture'])
  expect(readUnit(state(), film)).toBe('frame')
  expect(shownIds([film, picture, after], 'second')).toEqual(['filmfilm', 'picture1'])
})

it('times may refer to the videos shown up to a turn, each with its turn and part', () => {
  const turns = [
    turn({ id: 'first', media: [whole, { ...whole, itemId: 'picture1' }] }),
    turn({ id: 'second', media: [part] }),
    turn({ id: 'third', media: [] }),
    turn({ id: 'fourth', media: [{ ...whole, itemId: 'laterone' }] }),
  ]
  const items = [...state().items, item({ id: 'laterone' })]
  expect(citableItems(shownMedia(turns, 'third'), items)).toEqual([
    { itemId: 'filmfilm', turn: 0, range: null, durationSeconds: 20 },
    { itemId: 'filmfilm', turn: 1, range: { start: 5, end: 8 }, durationSeconds: 20 },
  ])
})
