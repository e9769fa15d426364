import { expect, it } from 'vitest'
import { namedObjects } from '../../../../../app/services/evaluation/named-objects'

it.for<[string, string[]]>([
  ['A dog and a red circle.', ['dog', 'circle']],
  ['Two butterflies, three buses and a bus.', ['butterfly', 'bus']],
  ['00:00 a cat; 00:03 a Bird', ['cat', 'bird']],
  ['I see nothing that I know.', []],
  ['There is no dog. I see a cat.', ['cat']],
  ['I do not know what a fish is.', []],
  ['The sunlight is carried by a dogma.', []],
  ['A photograph.', []],
  ['', []],
])('%j claims %j', ([reply, expected]) => {
  expect(namedObjects(reply)).toEqual(expected)
})
