import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { CardText } from '../../../../renderer/features/models/card-text'

const drawn = (markdown: string) => renderToStaticMarkup(createElement(CardText, { markdown }))

it('puts the headings below the dialog’s title', () => {
  expect(drawn('# Name\n\n## Limits\n\n### Of time')).toBe('<h3>Name</h3>\n<h4>Limits</h4>\n<h5>Of time</h5>')
})

it('shows links as their words and loads no picture, near or far', () => {
  const card = '[paper](https://example.org/x) ![curve](./curve.png) ![](https://example.org/badge.svg)'
  expect(drawn(card)).toBe('<p><span>paper</span> <span>(picture: curve)</span> </p>')
})

it('keeps the words of HTML, never its tags or comments', () => {
  expect(drawn('<!-- eval: bars -->\n\n<p align="center">\n  <a href="https://example.org">Paper</a> • <img src="x.png">\n</p>')).toBe(
    '<p> Paper • </p>',
  )
  expect(drawn('Wait<br>here, <b onclick="go()">now</b>. 3 < 4 > 2')).toBe(
    '<p>Wait here, now. 3 &lt; 4 &gt; 2</p>',
  )
  expect(drawn('<script>alert(1)</script>')).toBe('<p>alert(1)</p>')
})

it('sets tables with the alignment of their columns', () => {
  expect(drawn('| suite | n |\n| --- | --: |\n| video | 3 |')).toBe(
    '<div class="' +
      (/^<div class="([^"]+)">/u.exec(drawn('| a |\n| --- |'))?.[1] ?? '') +
      '"><table><thead><tr><th>suite</th><th style="text-align:right">n</th></tr></thead>' +
      '<tbody><tr><td>video</td><td style="text-align:right">3</td></tr></tbody></table></div>',
  )
})

it('makes no heading of the empty corner of a table', () => {
  expect(drawn('|  | n |\n| --- | --: |\n| video | 3 |')).toContain(
    '<tr><td></td><th style="text-align:right">n</th></tr>',
  )
})
