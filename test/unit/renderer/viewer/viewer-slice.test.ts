import { expect, it } from 'vitest'
import { item } from '../fixtures'
import { settle, testStore } from '../test-store'

const film = { items: [item({ id: 'filmfilm', durationSeconds: 20 })], openItemId: 'filmfilm' }

it('seeking stays inside the video and stops playback', () => {
  const { store } = testStore(film)
  store.getState().setPlaying(true)
  store.getState().seek(99)
  expect(store.getState()).toMatchObject({ playhead: 20, isPlaying: false })
  store.getState().seek(-1)
  expect(store.getState().playhead).toBe(0)
})

it('marks a part from one end or the other, and asks for the frames of that part', async () => {
  const { store, client } = testStore(film)
  store.getState().seek(5)
  store.getState().markStart()
  expect(store.getState().range).toEqual({ start: 5, end: 20 })
  store.getState().seek(8)
  store.getState().markEnd()
  expect(store.getState().range).toEqual({ start: 5, end: 8 })
  await settle()
  expect(client.library.plannedFrames).toHaveBeenLastCalledWith({
    id: 'filmfilm',
    range: { start: 5, end: 8 },
  })
  store.getState().seek(3)
  store.getState().markEnd()
  expect(store.getState().range).toEqual({ start: 0, end: 3 })
})

it('a click on a time opens its video there, also from the other tab of a narrow window', () => {
  const { store } = testStore({ ...film, openItemId: null, shownPart: 'conversation' })
  store.getState().seekIn('filmfilm', 12)
  expect(store.getState()).toMatchObject({ openItemId: 'filmfilm', playhead: 12, shownPart: 'viewer' })
})

it('seeking goes anywhere in a video of which the container does not say how long it is', () => {
  const { store } = testStore({ ...film, items: [item({ id: 'filmfilm', durationSeconds: 0 })] })
  store.getState().seekIn('filmfilm', 12)
  expect(store.getState().playhead).toBe(12)
  store.getState().seek(-1)
  expect(store.getState().playhead).toBe(0)
})

it('a click on a time of a video that was removed leaves what is watched as it is', () => {
  const { store } = testStore(film)
  store.getState().seek(5)
  store.getState().seekIn('gonegone', 12)
  expect(store.getState()).toMatchObject({ openItemId: 'filmfilm', playhead: 5 })
})

it('turns the pages of a picture file and stops at both ends', () => {
  const { store } = testStore({
    items: [item({ id: 'scanscan', kind: 'image', pages: 3 })],
    openItemId: 'scanscan',
  })
  store.getState().turnPage(-1)
  expect(store.getState().page).toBe(0)
  for (let i = 0; i < 5; i++) store.getState().turnPage(1)
  expect(store.getState().page).toBe(2)
})
