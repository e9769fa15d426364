import { describe, expect, it } from 'vitest'
import { commands } from '../../../../renderer/features/shortcuts/commands'
import {
  commandFor,
  isShortcut,
  shownKeys,
  usesKeyItself,
  type KeyPress,
} from '../../../../renderer/features/shortcuts/match-keys'
import { testStore } from '../test-store'
import { item, turn, conversation } from '../fixtures'

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }
}

describe('isShortcut', () => {
  it.each([
    ['k', {}, 'K'],
    [' ', {}, 'Space'],
    ['N', { ctrlKey: true }, 'Mod+N'],
    ['n', { metaKey: true }, 'Mod+N'],
    ['?', { shiftKey: true }, '?'],
    [',', { ctrlKey: true }, 'Mod+,'],
    ['ArrowLeft', { shiftKey: true }, 'Shift+ArrowLeft'],
  ] as const)('%j with %j is %s', (key, held, keys) => {
    expect(isShortcut(press(key, held), keys)).toBe(true)
  })

  it.each([
    ['k', { ctrlKey: true }, 'K'],
    ['k', { altKey: true }, 'K'],
    ['n', {}, 'Mod+N'],
    [',', { ctrlKey: true }, ','],
    ['ArrowLeft', { shiftKey: true }, 'ArrowLeft'],
    ['ArrowLeft', {}, 'Shift+ArrowLeft'],
  ] as const)('%j with %j is not %s', (key, held, keys) => {
    expect(isShortcut(press(key, held), keys)).toBe(false)
  })
})

describe('usesKeyItself', () => {
  const grid = ['[data-uses-arrows]', '[data-uses-page-keys]']
  const picture = ['[data-uses-arrows]']
  const conversation = ['[data-uses-page-keys]']
  const timeline = ['[role="slider"]']

  /** Something that, with what it lies in, is found by these selectors. */
  function target(selectors: readonly string[]): Pick<Element, 'closest'> {
    const isFound = (one: string) => selectors.includes(one)
    return { closest: (wanted: string) => (wanted.split(', ').some(isFound) ? ({} as Element) : null) }
  }

  it.each([
    ['a picture', picture, 'PageDown', false],
    ['a picture', picture, 'ArrowLeft', true],
    ['the conversation', conversation, 'PageDown', true],
    ['the conversation', conversation, 'ArrowLeft', false],
    ['a grid', grid, 'PageUp', true],
    ['a grid', grid, 'End', true],
    ['the timeline', timeline, 'PageUp', true],
    ['the timeline', timeline, ' ', true],
    ['nothing', [], 'PageDown', false],
  ] as const)('%s %j: %s is %s', (_, selectors, key, isUsed) => {
    expect(usesKeyItself(target(selectors), key)).toBe(isUsed)
  })
})

describe('commandFor', () => {
  const film = { items: [item({ id: 'filmfilm' })], openItemId: 'filmfilm' }

  it('ignores single letters while somebody types, but not keys with Ctrl', () => {
    const { store } = testStore(film)
    expect(commandFor(press('k'), false, store.getState())?.id).toBe('viewer.play')
    expect(commandFor(press('k'), true, store.getState())).toBeUndefined()
    expect(commandFor(press(',', { ctrlKey: true }), true, store.getState())?.id).toBe('program.settings')
  })

  it('plays nothing when no video is open', () => {
    const { store } = testStore()
    expect(commandFor(press('k'), false, store.getState())).toBeUndefined()
  })

  it('lets Esc stop an answer, also while typing, and go back to the folder otherwise', () => {
    const { store } = testStore({ openEntry: 3 })
    expect(commandFor(press('Escape'), false, store.getState())?.id).toBe('viewer.closePicture')
    store.setState({ conversation: conversation({ items: [turn({ status: 'streaming' })] }) })
    expect(commandFor(press('Escape'), true, store.getState())?.id).toBe('conversation.stop')
  })
})

it('no two commands that work at the same time have the same keys', () => {
  const keys = commands.filter(({ id }) => id !== 'viewer.closePicture').flatMap((command) => command.keys)
  expect(new Set(keys).size).toBe(keys.length)
})

it('shows keys as people read them', () => {
  expect(shownKeys('Shift+ArrowLeft')).toBe('Shift+←')
  expect(shownKeys('Mod+N')).toMatch(/^(Ctrl|⌘)\+N$/)
})
