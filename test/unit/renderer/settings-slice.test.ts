import { expect, it } from 'vitest'
import type { Settings } from '../../../app/contract/settings'
import { testStore } from './test-store'

const settings: Settings = {
  maxFrames: null,
  intervalSeconds: null,
  threads: null,
  maxTokens: null,
  contextTokens: null,
  theme: 'system',
}

it('puts the old choice back and says why when a setting cannot be saved', async () => {
  const { store } = testStore({ settings })
  const change = store.getState().changeSettings({ theme: 'light' })
  expect(store.getState().settings?.theme).toBe('light')
  await change
  expect(store.getState().settings?.theme).toBe('system')
  expect(store.getState().settingsFailure).toMatchObject({ code: 'internal' })
})
