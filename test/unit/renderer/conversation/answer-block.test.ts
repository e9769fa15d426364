import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { AnswerBlock } from '../../../../renderer/features/conversation/answer-block'

const drawn = (text: string) => renderToStaticMarkup(createElement(AnswerBlock, { text, citable: null }))

it('shows HTML as the text it is, and links and pictures as their words', () => {
  expect(drawn('<b>no</b> [out](https://example.org) ![far](https://example.org/x.png)')).toBe(
    '<p>&lt;b&gt;no&lt;/b&gt; <span>out</span> <span>far</span></p>',
  )
})

it('puts the headings below the question', () => {
  expect(drawn('# One')).toBe('<h4>One</h4>')
})
