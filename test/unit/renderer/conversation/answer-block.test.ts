import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { AnswerBlock } from '../../../../renderer/features/conversation/answer-block'
import { MediaUrls } from '../../../../renderer/shared/client/media-url'
import { AppProvider } from '../../../../renderer/store/app-context'
import { item } from '../fixtures'
import { testStore } from '../test-store'

const drawn = (text: string) => renderToStaticMarkup(createElement(AnswerBlock, { text, citable: null }))

it('shows HTML as the text it is, and links and pictures as their words', () => {
  expect(drawn('<b>no</b> [out](https://example.org) ![far](https://example.org/x.png)')).toBe(
    '<p>&lt;b&gt;no&lt;/b&gt; <span>out</span> <span>far</span></p>',
  )
})

it('puts the headings below the question', () => {
  expect(drawn('# One')).toBe('<h4>One</h4>')
})

it.each([
  ['filmfilm', /<button[^>]*>00:12<\/button>/],
  ['otherone', /<span>00:12<\/span>/],
])('a time is a way to a video of the library, and only words without it: %s', (id, expected) => {
  const { store } = testStore({ items: [item({ id })] })
  // What is drawn without a page is drawn from the store's first state.
  Object.assign(store, { getInitialState: store.getState })
  const citable = [{ itemId: 'filmfilm', turn: 0, durationSeconds: 20, range: null }]
  const children = createElement(AnswerBlock, { text: 'At 00:12.', citable })
  const props = { store, mediaUrls: new MediaUrls('/media/'), children }
  expect(renderToStaticMarkup(createElement(AppProvider, props))).toMatch(expected)
})
