import { expect, it } from 'vitest'
import { isWindowPage } from '../../../main/protocol/window-address'

it.each(['longlens://app/', 'longlens://app/index.html', 'longlens://app/#seek'])(
  'knows %s as its page',
  (url) => {
    expect(isWindowPage(url)).toBe(true)
  },
)

it.each([
  'longlens://app/media/abcdefgh/source',
  'longlens://app/?x=1',
  'longlens://other/',
  'longlens://app.example.org/',
  'longlens://app:80/',
  'longlens://user@app/',
  'https://app/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,longlens://app/',
  'about:blank',
  '',
])('takes %j for another', (url) => {
  expect(isWindowPage(url)).toBe(false)
})
