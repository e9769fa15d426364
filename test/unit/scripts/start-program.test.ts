import { expect, it } from 'vitest'
import { root } from '../../../scripts/lib/paths.mjs'
import { typedIn } from '../../../scripts/lib/start-program.mjs'

it('goes back to the folder in which "npm run" was typed', () => {
  expect(typedIn({ npm_lifecycle_event: 'longlens', INIT_CWD: '/home/ann/films' }, root)).toBe(
    '/home/ann/films',
  )
})

it('stays where it is when npm was not asked', () => {
  expect(typedIn({}, '/home/ann/films')).toBe('/home/ann/films')
})

it('ignores the folder of an outer "npm run" that started it from elsewhere', () => {
  expect(typedIn({ npm_lifecycle_event: 'test', INIT_CWD: '/somewhere' }, '/home/ann/films')).toBe(
    '/home/ann/films',
  )
})
