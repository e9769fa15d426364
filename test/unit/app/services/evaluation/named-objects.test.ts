import { expect, it } from 'vitest'
import { namedObjects } from '../../../../../app/services/evaluation/named-objects'

it.for<[string, string[]]>([
  ['A dog and a red circle.', ['dog', 'circle']],
  ['Two butterflies, three buses and a bus.', ['butterfly', 'bus']],
  ['00:00 a cat; 00:03 a Bird', ['cat', 'bird']],
  ['I see nothing that I know.', []],
  ['There is no dog. I see a cat.', ['cat']],
  ['There is no dog, but a cat.', ['cat']],
  ['A cat and no dog.', ['cat']],
  ['A cat, not a dog.', ['cat']],
  ['No, there is a cat.', ['cat']],
  ['No, there is no cat.', []],
  ['I do not see a dog, it is a cat and a key.', ['cat', 'key']],
  ['Nothing but a dog.', ['dog']],
  ['I see no dog, cat or key.', []],
  ['There is no dog and no cat.', []],
  ['A dog is not there.', []],
  ['At 00:00 a cat, with the text BUS STOP. At 00:08 the text CAMERA 7.', ['cat']],
  ['A dog, with the text NO EXIT.', ['dog']],
  ['The text says "Pizza and cake". A “Train” sign beside a car.', ['car']],
  ['A DOG AND A CAT.', ['dog', 'cat']],
  ['I do not know what a fish is.', []],
  ['The sunlight is carried by a dogma.', []],
  ['A photograph.', []],
  ['', []],
])('%j claims %j', ([reply, expected]) => {
  expect(namedObjects(reply)).toEqual(expected)
})
