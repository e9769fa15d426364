import { expect, it } from 'vitest'
import { withoutFrontMatter } from '../../../../../app/domain/text/front-matter'

it.each([
  ['---\nlicense: mit\ntags: [a]\n---\n\n# Card\n', '# Card\n'],
  ['\uFEFF---\r\nlicense: mit\r\n---\r\n# Card', '# Card'],
  ['---\nlicense: mit\n---', ''],
])('takes the YAML block off %j', (card, shown) => {
  expect(withoutFrontMatter(card)).toBe(shown)
})

it.each(['# Card\n\n---\n\nMore.\n', '---\nnever closed\n', '--- a dash ---\n\n---\n'])(
  'leaves %j as it is',
  (card) => {
    expect(withoutFrontMatter(card)).toBe(card)
  },
)
